import type { IpAddress } from '#base/ip-address.ts';
import type { Assembly } from '#daemon/assemble.ts';

/** The signalling between one node of a configuration and one peer, over one family of addresses. */
export interface SignallingPolicy {
  /** The LMA or MAG that is configured here. */
  readonly node: string;
  readonly peer: string;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** What swanctl.conf has in brackets after the address. */
  readonly localSelector: string;
  readonly remoteSelector: string;
}

/** IANA's "Mobility Header". */
const MOBILITY_HEADER = '135';
const SIGNALLING = 'udp/5436';
const ANY_PORT = 'udp';

/**
 * What is to be protected of a node's signalling. RFC 5213 §4.2 "Security Policy Database (SPD) Example Entries" selects the Mobility Header by type.
 * Chooses: the whole protocol, because strongSwan knows no Mobility Header types and the kernel matches them in one direction only; so
 * all types are covered, those of registration (5, 6), heartbeat (13) and revocation (16) with them.
 * RFC 5844 §4.3.1 "PBU and PBA": over IPv4 the MAG selects UDP with "remote_port = 5436", the LMA with "local_port = 5436".
 */
export function signallingPolicies({ lmas, mags }: Assembly): SignallingPolicy[] {
  const all = [
    ...lmas.flatMap(({ name, addresses, peers }) =>
      peers.flatMap((peer) => policiesBetween(name, addresses, peer, [SIGNALLING, ANY_PORT])),
    ),
    ...mags.flatMap(({ mag }) =>
      mag.lmas.flatMap((lma) => policiesBetween(mag.name, mag.addresses, lma, [ANY_PORT, SIGNALLING])),
    ),
  ];
  return all.filter(({ local, remote }) => local.key !== remote.key);
}

function policiesBetween(
  node: string,
  own: { readonly ipv6?: IpAddress; readonly ipv4?: IpAddress },
  peer: { readonly name: string; readonly ipv6?: IpAddress; readonly ipv4?: IpAddress },
  [localPort, remotePort]: readonly [string, string],
): SignallingPolicy[] {
  const found: SignallingPolicy[] = [];
  const names = { node, peer: peer.name };
  if (own.ipv6 && peer.ipv6) {
    const [localSelector, remoteSelector] = [MOBILITY_HEADER, MOBILITY_HEADER];
    found.push({ ...names, local: own.ipv6, remote: peer.ipv6, localSelector, remoteSelector });
  }
  if (own.ipv4 && peer.ipv4) {
    found.push({
      ...names,
      local: own.ipv4,
      remote: peer.ipv4,
      localSelector: localPort,
      remoteSelector: remotePort,
    });
  }
  return found;
}
