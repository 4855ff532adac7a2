/** What the client of one hostapd is told, what it answers, and the configuration that it runs with. */
import type { MacAddress } from '#base/mac-address.ts';
import type { LogOutput } from '../peer.ts';

export type HostapdClientEvent =
  | { readonly kind: 'start' }
  /** The socket is connected to hostapd's. */
  | { readonly kind: 'opened' }
  /** It could not be, or is not any more; for people. */
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'datagram'; readonly octets: Uint8Array }
  /** The link below may have lost stations without hostapd's knowing it: ask which are there. */
  | { readonly kind: 'list' }
  | { readonly kind: 'timeout' };

export type HostapdClientOutput =
  /** Answered by `opened` or `closed`. */
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'association'; readonly change: AssociationChange; readonly mac: MacAddress }
  /** Whether every station that comes and goes is told of from now on. */
  | { readonly kind: 'watching'; readonly watching: boolean }
  | LogOutput;

/**
 * `joined`: it came just now, and may have been elsewhere before. `present`: it is there and was heard of late, and nothing says since when.
 * `answered`: the access point asked whether it is there, and heard something. `left`: the access point does not have it any more.
 */
export type AssociationChange = 'joined' | 'present' | 'answered' | 'left';

export interface HostapdClientConfig {
  /** The IOS name of the access interface that the access point is behind. */
  readonly interface: string;
  /** The Unix socket. */
  readonly path: string;
}
