const THOUSAND = 1000;
/** The three digits of each number below a thousand. */
const THREE_DIGITS = Array.from({ length: THOUSAND }, (_, number) => String(number).padStart(3, '0'));

/**
 * The digits of a whole number from 0 to 2^53 - 1. The engine keeps the texts of thousands of numbers that it made last: of numbers that each come up once, as those of ids, it
 * makes them dearly, and they grow old before they go.
 */
export function decimal(number: number): string {
  if (number < THOUSAND) return String(number);
  const low = number % THOUSAND;
  return decimal((number - low) / THOUSAND) + (THREE_DIGITS[low] as string);
}
