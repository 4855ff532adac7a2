import { sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Encapsulation, GreKeys, Path } from '#dataplane/desired.ts';

/** RFC 5844 §4.1.4.1 "Forwarding Considerations": "src port=5437, dst port=5437". */
export const DATA_PORT = 5437;

/** The tunnel of one session whose traffic flows. */
export interface SessionPath {
  /** Of its forwarding. */
  readonly id: string;
  readonly nai: string;
  /** The other end's configured name, or its address when it was learnt. */
  readonly peer: string;
  readonly path: Path;
}

/** As IOS names a tunnel: `IPV6_IN_IPV6`, `GRE in IPV4`, `UDP in IPV4`. */
export function encapsulationName({ encapsulation, local }: Path): string {
  const transport = local instanceof Ipv4Address ? 'IPV4' : 'IPV6';
  switch (encapsulation.kind) {
    case 'ip':
      return transport === 'IPV6' ? 'IPV6_IN_IPV6' : 'IP in IPV4';
    case 'gre':
      return `GRE in ${transport}`;
    case 'udp':
      return `${encapsulation.gre ? 'GRE in ' : ''}UDP in ${transport}`;
  }
}

/** The keys of a tunnel, where it has some. */
export function keysOf({ encapsulation }: Path): GreKeys | undefined {
  if (encapsulation.kind === 'ip') return undefined;
  return encapsulation.kind === 'gre' ? encapsulation.keys : encapsulation.gre?.keys;
}

/** Whether packets travel alike on both. */
export function samePath(a: Path, b: Path): boolean {
  return (
    sameAddress(a.local, b.local) &&
    sameAddress(a.remote, b.remote) &&
    sameEncapsulation(a.encapsulation, b.encapsulation)
  );
}

export function sameEncapsulation(a: Encapsulation, b: Encapsulation): boolean {
  if (a.kind === 'gre' && b.kind === 'gre') return sameKeys(a.keys, b.keys);
  if (a.kind !== 'udp' || b.kind !== 'udp') return a.kind === b.kind;
  const sameGre = a.gre === undefined ? b.gre === undefined : b.gre !== undefined && sameKeys(a.gre.keys, b.gre.keys);
  return (
    a.localPort === b.localPort &&
    a.remotePort === b.remotePort &&
    a.tlvHeader === b.tlvHeader &&
    a.translated === b.translated &&
    sameGre
  );
}

function sameKeys(a: GreKeys | undefined, b: GreKeys | undefined): boolean {
  return a?.send === b?.send && a?.receive === b?.receive;
}
