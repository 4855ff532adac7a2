/** What stands in front of a mobile node's packet in a tunnel. */
import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Encapsulation, GreKeys, Path } from './desired.ts';

/** Bits of a number that says all of it but addresses, ports and keys, as `enum form` in `bpf/maps.h`. */
export const TunnelForm = { USED: 1, IPV4: 2, UDP: 4, TLV: 8, GRE: 16, KEY: 32 } as const;

/** RFC 5844 §4.1.4.1 "Forwarding Considerations": data has port 5437. Peers that have one port for both use that of signalling. */
export const TUNNEL_PORTS: readonly number[] = [5437, 5436];

/** The headers that a tunnel packet has, and what in them says whose packet it is. */
export interface TunnelHeaders {
  readonly form: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Of UDP; 0 without. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of GRE. */
  readonly key: number | undefined;
}

export type TunnelMismatch = 'tunnel-wrong-peer' | 'tunnel-wrong-type' | 'tunnel-wrong-port' | 'tunnel-wrong-key';

/** All of a packet is right but the port that it came from, and that one a NAT gives. */
export type MovedPort = 'tunnel-moved-port';

/** Why a packet did not come through the tunnel of this path and these keys; `undefined` when it did. */
export function tunnelMismatch(
  headers: TunnelHeaders,
  path: Path | undefined,
  receiveKey: number | undefined,
): TunnelMismatch | MovedPort | undefined {
  if (!path || path.remote.key !== headers.source.key || path.local.key !== headers.destination.key)
    return 'tunnel-wrong-peer';
  if (headers.form !== formOf(path)) return 'tunnel-wrong-type';
  const { encapsulation } = path;
  const isOtherPort = encapsulation.kind === 'udp' && headers.sourcePort !== encapsulation.remotePort;
  if (encapsulation.kind === 'udp' && headers.destinationPort !== encapsulation.localPort) return 'tunnel-wrong-port';
  if (isOtherPort && !encapsulation.translated) return 'tunnel-wrong-port';
  if (headers.key !== receiveKey) return 'tunnel-wrong-key';
  return isOtherPort ? 'tunnel-moved-port' : undefined;
}

export function formOf({ encapsulation, local }: Path): number {
  const { USED, IPV4, UDP, TLV, GRE, KEY } = TunnelForm;
  const transport = USED | (local instanceof Ipv4Address ? IPV4 : 0);
  if (encapsulation.kind === 'ip') return transport;
  if (encapsulation.kind === 'gre') return transport | GRE | (encapsulation.keys ? KEY : 0);
  const { tlvHeader, gre } = encapsulation;
  return transport | UDP | (tlvHeader ? TLV : 0) | (gre ? GRE : 0) | (gre?.keys ? KEY : 0);
}

/** The keys belong to one binding, the rest of a path to all that use the tunnel. */
export function keysOf(encapsulation: Encapsulation): GreKeys | undefined {
  if (encapsulation.kind === 'ip') return undefined;
  return encapsulation.kind === 'gre' ? encapsulation.keys : encapsulation.gre?.keys;
}

/** The same tunnel with the keys of another binding, where it has keys. */
export function withKeys(path: Path, keys: GreKeys): Path {
  const { encapsulation } = path;
  if (!keysOf(encapsulation)) return path;
  if (encapsulation.kind === 'udp') return { ...path, encapsulation: { ...encapsulation, gre: { keys } } };
  return { ...path, encapsulation: { kind: 'gre', keys } };
}

/** Equal for two paths exactly when they are the same tunnel. */
export function tunnelKey(path: Path): string {
  const { encapsulation, local, remote } = path;
  const ports = encapsulation.kind === 'udp' ? `${encapsulation.localPort} ${farPort(encapsulation)} ` : '';
  return `${formOf(path)} ${ports}${local.key}${remote.key}`;
}

/** What two equal keys say, without making them. */
export function sameTunnel(a: Path, b: Path): boolean {
  if (formOf(a) !== formOf(b) || !sameAddress(a.local, b.local) || !sameAddress(a.remote, b.remote)) return false;
  if (a.encapsulation.kind !== 'udp' || b.encapsulation.kind !== 'udp') return true;
  return (
    a.encapsulation.localPort === b.encapsulation.localPort && farPort(a.encapsulation) === farPort(b.encapsulation)
  );
}

/** That of a NAT may be another one at any time, and the tunnel is still the same. */
function farPort({ remotePort, translated }: Extract<Encapsulation, { kind: 'udp' }>): string {
  return translated ? 'translated' : `${remotePort}`;
}

/** Why no data plane carries it; `undefined` when they do. */
export function pathProblem({ encapsulation, local, remote }: Path): string | undefined {
  if (local instanceof Ipv4Address !== remote instanceof Ipv4Address) return 'the ends of a tunnel are of two families';
  if (encapsulation.kind !== 'udp') return undefined;
  if (!(local instanceof Ipv4Address)) return 'UDP is carried over IPv4 only';
  if (!TUNNEL_PORTS.includes(encapsulation.localPort)) return `port ${encapsulation.localPort} is no tunnel's`;
  if (encapsulation.gre && !encapsulation.tlvHeader) return 'GRE in UDP needs the TLV header';
  return undefined;
}

/** Octets in front of the packet, from the transport's IP header on. */
export function headerLength(form: number): number {
  const has = (bit: number, octets: number) => ((form & bit) !== 0 ? octets : 0);
  const { IPV4, UDP, TLV, GRE, KEY } = TunnelForm;
  return 40 - has(IPV4, 20) + has(UDP, 8) + has(TLV, 4) + has(GRE, 4) + has(KEY, 4);
}
