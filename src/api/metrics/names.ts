/** `pbuReceived` → `pbu_received`. Octets are bytes, as Prometheus calls them; no name may have the word counter in it. */
export function snakeCase(name: string): string {
  return name
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/octets/g, 'bytes')
    .replace(/counter/g, 'number')
    .replace(/^_|_$/g, '');
}

/** For people: `Pbu received`. */
export function inWords(name: string): string {
  const words = snakeCase(name).replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How those counters are split that are counted by something. */
const SPLITS: Readonly<Record<string, string>> = {
  pbuDiscarded: 'reason',
  pbaByStatus: 'status',
  briAnswered: 'status',
  braByStatus: 'status',
  malformed: 'code',
  unexpected: 'kind',
};

export function splitOf(name: string): string {
  return SPLITS[name] ?? 'kind';
}
