import type { IpAddress } from '#base/ip-address.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { Interop } from '#proto/peer.ts';

/** What the node's signalling sockets need to know. */
export interface SignallingConfig {
  /** The local addresses that the node signals from. */
  readonly addresses: readonly IpAddress[];
  /** The nodes that it signals with, as far as they are configured. */
  readonly peers: readonly SignallingPeer[];
}

export interface SignallingPeer {
  readonly address: IpAddress;
  readonly interop: Interop;
}

export function signallingOf(lmas: readonly LmaConfig[], mags: readonly MagConfig[]): SignallingConfig {
  const nodes = [...lmas, ...mags];
  const peers = [...lmas.flatMap((lma) => lma.peers), ...mags.flatMap((mag) => mag.lmas)];
  return {
    addresses: unique(nodes.flatMap(({ addresses }) => present([addresses.ipv6, addresses.ipv4]))),
    peers: peers.flatMap(({ ipv6, ipv4, interop = 'strict' }) =>
      present([ipv6, ipv4]).map((address) => ({ address, interop })),
    ),
  };
}

function present(addresses: readonly (IpAddress | undefined)[]): IpAddress[] {
  return addresses.filter((address) => address !== undefined);
}

function unique(addresses: readonly IpAddress[]): IpAddress[] {
  return [...new Map(addresses.map((address) => [address.key, address])).values()];
}
