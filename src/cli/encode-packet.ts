/** Layers of a packet as octets, from the innermost out. */
import { bytesEqual } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { encodeArp } from '#wire/arp.ts';
import { encodeDhcpv4 } from '#wire/dhcpv4.ts';
import { encodeDhcpv6 } from '#wire/dhcpv6.ts';
import { encodeEthernet } from '#wire/ethernet.ts';
import { encodeGre } from '#wire/gre.ts';
import { encodeIcmpv4 } from '#wire/icmpv4.ts';
import { encodeIcmpv6 } from '#wire/icmpv6.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeMobilityHeader, setMobilityChecksum } from '#wire/mobility/index.ts';
import { encodeRadius } from '#wire/radius.ts';
import { encodeTlvTunnel } from '#wire/tlv-header.ts';
import { encodeUdp } from '#wire/udp.ts';
import type { Dissection, Layer } from './decode-packet.ts';
import { EncodeError } from './encode-values.ts';

/** A layer of a packet, of which the payload may be missing: it is the next layer. */
export type LayerToEncode = Pick<Layer, 'protocol' | 'value'>;

type ValueOf<P extends Layer['protocol']> = Extract<Layer, { readonly protocol: P }>['value'];
type Encoders = {
  readonly [P in Layer['protocol']]: (value: ValueOf<P>, inside: Uint8Array, route: Route) => Uint8Array;
};

/** The addresses of the IP packet around a layer, which checksums cover. */
interface Route {
  readonly source: Ipv4Address | Ipv6Address;
  readonly destination: Ipv4Address | Ipv6Address;
}

const NOTHING = new Uint8Array(0);

const encoders: Encoders = {
  ethernet: (frame, payload) => encodeEthernet({ ...frame, payload }),
  'layer-2-update': ({ payload }) => payload,
  arp: encodeArp,
  ipv4: (packet, payload) => encodeIpv4({ ...packet, payload }),
  ipv6: (packet, payload) => encodeIpv6({ ...packet, payload }),
  udp: (datagram, payload, route) => encodeUdp({ ...datagram, ...route, payload }),
  gre: (packet, payload) => encodeGre({ ...packet, payload }),
  'tlv-header': (packet, payload) => encodeTlvTunnel({ ...packet, payload }),
  icmpv4: encodeIcmpv4,
  icmpv6(message, _inside, { source, destination }) {
    if (!(source instanceof Ipv6Address && destination instanceof Ipv6Address))
      throw new EncodeError('not inside of IPv6');
    return encodeIcmpv6(message, source, destination);
  },
  dhcpv4: encodeDhcpv4,
  dhcpv6: encodeDhcpv6,
  radius: encodeRadius,
  mobility: encodeMobilityHeader,
};

/** Checksums and lengths are computed; the checksum field of a Mobility Header stays 0 where UDP or nothing is around it. */
export function encodeLayers(layers: readonly LayerToEncode[]): Uint8Array {
  let inside: Uint8Array = NOTHING;
  for (const [i, layer] of [...layers.entries()].reverse()) {
    const around = layers[i - 1];
    const own = i === layers.length - 1 && 'payload' in layer.value ? layer.value.payload : inside;
    const encode = encoders[layer.protocol] as (value: unknown, inside: Uint8Array, route: unknown) => Uint8Array;
    inside = encode(layer.value, own, routeOf(around));
    if (layer.protocol === 'mobility' && around?.protocol === 'ipv6') {
      const { source, destination } = around.value as ValueOf<'ipv6'>;
      setMobilityChecksum(source, destination, inside);
    }
  }
  return inside;
}

/** Whether encoding the layers of a packet gives its octets again. */
export function isRebuilt(dissection: Dissection, bytes: Uint8Array): boolean {
  if (dissection.fault || dissection.note !== undefined || dissection.layers.length === 0) return false;
  try {
    return bytesEqual(encodeLayers(dissection.layers), bytes);
  } catch {
    return false;
  }
}

/** Nothing for what is not in an IP packet; no encoder that needs addresses is asked then for a packet that was decoded. */
function routeOf(around: LayerToEncode | undefined): Partial<Route> {
  if (around?.protocol !== 'ipv4' && around?.protocol !== 'ipv6') return {};
  const { source, destination } = around.value as ValueOf<'ipv4' | 'ipv6'>;
  return { source, destination };
}
