import type { IpAddress } from '#base/ip-address.ts';
import { sameAddress } from '#base/ip-address.ts';
import type { Configuration } from '#config/index.ts';
import type { Vrf } from '#dataplane/desired.ts';
import { markTowards } from '#dataplane/vrf.ts';
import { DEFAULT_DEVICE } from '#host/bpf-data-plane.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { Interop } from '#proto/peer.ts';

/** What the node's signalling sockets need to know. */
export interface SignallingConfig {
  readonly addresses: readonly SignallingAddress[];
  /** The nodes that it signals with, as far as they are configured. */
  readonly peers: readonly SignallingPeer[];
  /** Whether others are listened to as well. */
  readonly learning: boolean;
  /** Linux interfaces of mobile nodes and tunnels, from which no peer signals. */
  readonly closed: readonly string[];
}

/** A local address that the node signals from. */
export interface SignallingAddress {
  readonly address: IpAddress;
  /** Code point of what is sent from it; 0 when absent. */
  readonly dscp?: number;
}

export interface SignallingPeer {
  readonly address: IpAddress;
  readonly interop: Interop;
  /** Of what is sent to it, where the table of a VRF leads there. */
  readonly mark?: number;
}

export function signallingOf(
  lmas: readonly LmaConfig[],
  mags: readonly MagConfig[],
  configuration: Pick<Configuration, 'lmas'>,
  vrfs: readonly Vrf[] = [],
): SignallingConfig {
  const peers = [...lmas.flatMap((lma) => lma.peers), ...mags.flatMap((mag) => mag.lmas)];
  const addresses = [
    ...lmas.flatMap(({ name, addresses: { ipv6, ipv4 } }) => {
      const dscp = configuration.lmas.find((lma) => lma.name === name)?.dscp;
      return present([ipv6, ipv4]).map((address) => ({ address, ...(dscp !== undefined && { dscp }) }));
    }),
    ...mags.flatMap(({ addresses: { ipv6, ipv4 } }) => present([ipv6, ipv4]).map((address) => ({ address }))),
  ];
  return {
    addresses: addresses.filter(
      ({ address }, i) => i === addresses.findIndex((one) => sameAddress(one.address, address)),
    ),
    peers: peers.flatMap(({ ipv6, ipv4, interop = 'strict' }) =>
      present([ipv6, ipv4]).map((address) => {
        const mark = markTowards(vrfs, address);
        return { address, interop, ...(mark !== 0 && { mark }) };
      }),
    ),
    learning: lmas.some((lma) => lma.dynamicMagLearning),
    closed: [DEFAULT_DEVICE, ...mags.flatMap((mag) => mag.interfaces.map(({ linkName }) => linkName))],
  };
}

function present(addresses: readonly (IpAddress | undefined)[]): IpAddress[] {
  return addresses.filter((address) => address !== undefined);
}
