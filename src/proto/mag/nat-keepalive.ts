/** What keeps the state of a NAT on the way to an LMA, on the port of data (docs/decisions/0022-nat-and-the-data-port.md). */
import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import type { MagContext } from './context.ts';
import type { Binding, Grant } from './state.ts';

/** An acceptance whose tunnel is in UDP: the LMA learns at once from which port the data of this gateway come. */
export function keepNat(mag: MagContext, binding: Binding, { path }: Grant, advice: Duration | undefined): void {
  if (path.encapsulation.kind !== 'udp') return;
  mag.natPaths.sent(path.remote, advice, mag.instant);
  if (advice !== undefined) sendKeepalive(mag, binding);
}

/** In the name of any mobile node, as they all have the gateway's port. */
export function natTimers(mag: MagContext): void {
  mag.natPaths.expire(mag.instant, (lma) => {
    for (const binding of mag.bindings) {
      const path = binding.state === 'DISCONNECTING' ? undefined : binding.granted?.path;
      if (path?.remote.key !== lma || path.encapsulation.kind !== 'udp') continue;
      sendKeepalive(mag, binding);
      return true;
    }
    return false;
  });
}

/** From the home address, or the address that the node would make for itself of its prefix. */
function sendKeepalive(mag: MagContext, { mac, interface: { name }, granted }: Binding): void {
  const prefix = granted?.prefixes[0]?.address;
  const { w2, w3 } = linkLocalFromMac(mac);
  const address = granted?.homeAddress?.address ?? (prefix && new Ipv6Address(prefix.w0, prefix.w1, w2, w3));
  if (address) mag.emit({ kind: 'keep-alive', interface: name, mac, address });
}
