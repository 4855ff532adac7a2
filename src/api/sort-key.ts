import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { BindingEntry } from '#daemon/observe/binding-index.ts';
import type { SORTS } from './schemas/bindings.ts';

export type SortKey = (typeof SORTS)[number];

/** By what an entry is sorted; addresses and times by their value. */
export function sortValue({ nai, mac, addresses, peer, customer, registeredAt }: BindingEntry, sort: SortKey): string {
  if (sort === 'nai') return nai;
  if (sort === 'mac') return mac;
  if (sort === 'peer') return peer;
  if (sort === 'customer') return customer ?? '';
  if (sort === 'registered') return String(registeredAt ?? 0).padStart(15, '0');
  const first = addresses[0] ?? '';
  const address = Ipv4Address.parse(first);
  if (address) return `4${(address.word >>> 0).toString(16).padStart(8, '0')}`;
  return `6${Ipv6Address.parse(first.split('/', 1)[0] ?? '')?.key ?? first}`;
}
