import { sameAddress } from '#base/ip-address.ts';
import type { Encapsulation, GreKeys, Path } from '#dataplane/desired.ts';

/** Whether packets travel alike on both. */
export function samePath(a: Path, b: Path): boolean {
  return (
    sameAddress(a.local, b.local) &&
    sameAddress(a.remote, b.remote) &&
    sameEncapsulation(a.encapsulation, b.encapsulation)
  );
}

function sameEncapsulation(a: Encapsulation, b: Encapsulation): boolean {
  if (a.kind === 'gre' && b.kind === 'gre') return sameKeys(a.keys, b.keys);
  if (a.kind !== 'udp' || b.kind !== 'udp') return a.kind === b.kind;
  const sameGre = a.gre === undefined ? b.gre === undefined : b.gre !== undefined && sameKeys(a.gre.keys, b.gre.keys);
  return a.localPort === b.localPort && a.remotePort === b.remotePort && a.tlvHeader === b.tlvHeader && sameGre;
}

function sameKeys(a: GreKeys | undefined, b: GreKeys | undefined): boolean {
  return a?.send === b?.send && a?.receive === b?.receive;
}
