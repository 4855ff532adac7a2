const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 26` of an ISO 8601 time; a day of one digit stands behind `pad`. */
export function isoMonthDay(iso: string, pad: ' ' | '0'): string {
  return `${MONTHS[Number(iso.slice(5, 7)) - 1]} ${String(Number(iso.slice(8, 10))).padStart(2, pad)}`;
}
