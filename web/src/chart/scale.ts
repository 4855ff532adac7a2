/** Scales of charts. */

/** Round steps from 0 to at least `most`, about `count` of them: 0, 5, 10, 15. */
export function niceTicks(most: number, count: number): number[] {
  if (!(most > 0)) return [0, 1];
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10) * power;
  return Array.from({ length: Math.ceil((most * 0.999) / step) + 1 }, (_, i) => i * step);
}

/** Round values between `from` and `to` on a logarithmic scale; the more of each decade the fewer decades there are. */
export function decadeTicks(from: number, to: number): number[] {
  const decades = Math.log10(to / from);
  const factors = decades > 3 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10)
    ticks.push(...factors.map((factor) => factor * power).filter((tick) => tick >= from && tick <= to));
  return ticks;
}
