import type { BindingEntry } from '#daemon/observe/binding-index.ts';

/** An entry with what it is searched by. */
export interface IndexedEntry extends BindingEntry {
  /** All that is text, in lower case. */
  readonly haystack: string;
}

export function indexed(entry: BindingEntry): IndexedEntry {
  const { nai, mac, addresses, peer, peerAddress, customer, node } = entry;
  const plainMac = mac.replaceAll('.', '');
  const texts = [nai, mac, plainMac, ...addresses, peer, peerAddress, customer ?? '', node];
  return { ...entry, haystack: texts.join('\n').toLowerCase() };
}
