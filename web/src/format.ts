/** Numbers for people, with their units. */

const counts = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const minute = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** "12,345". */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** "1 binding", "2 bindings". */
export function formatNumberOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** "1.2 MB" of octets; units of a thousand. */
export function formatOctets(octets: number): string {
  return scaled(octets, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** "3.4 Mbit/s" of bits a second. */
export function formatBitRate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s']);
}

/** "120 packets/s". */
export function formatPacketRate(packetsPerSecond: number): string {
  return `${counts.format(Math.round(packetsPerSecond))} packets/s`;
}

/** "IPV6_IN_IPV6" as "IPv6 in IPv6". */
export function formatEncapsulation(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/IPV(?=[46])/g, 'IPv')
    .replaceAll(' IN ', ' in ');
}

function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  for (; rest >= 999.5 && unit < units.length - 1; unit++) rest /= 1000;
  return `${digits(rest, unit === 0)} ${units[unit]}`;
}

/** Three digits that mean something. */
function digits(value: number, whole = false): string {
  if (whole || value >= 99.95) return counts.format(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Microseconds as "850 µs", "1.25 ms", "2.10 s". */
export function formatMicroseconds(us: number): string {
  if (us < 999.5) return `${digits(us, us >= 10)} µs`;
  return us < 999_500 ? `${digits(us / 1000)} ms` : `${digits(us / 1_000_000)} s`;
}

/** Seconds as "45 s", "58 min 32 s", "11 h 06 min", "3 d 4 h". */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const two = (value: number) => `${value}`.padStart(2, '0');
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${counts.format(Math.floor(s / 86_400))} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** "17:03:21.042", in the time zone of who looks. */
export function formatTime(at: string | number): string {
  return clock.format(new Date(at));
}

/** "26 Nov 2026, 17:03:21". */
export function formatDate(at: string | number): string {
  return day.format(new Date(at));
}

/** "14 Mar, 10:22". */
export function formatMinute(at: string | number): string {
  return minute.format(new Date(at));
}

/** "4.2 %". */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '0 %';
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** A round value without the zeros that `format` gives it: "1.50 ms" as "1.5 ms". */
export function formatRound(value: number, format: (value: number) => string): string {
  return format(value)
    .replace(/(\.\d*?)0+(?= )/, '$1')
    .replace(/\.(?= )/, '');
}
