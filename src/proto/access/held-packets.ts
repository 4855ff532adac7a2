/**
 * The first packets of a mobile node, which come before its registration is accepted. RFC 5213 §6.10.5 "Forwarding Rules" forbids to
 * forward them before there is a binding; they wait here, so that a handover loses none of what the node sends.
 */
import { readU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { elapsed } from '#base/time.ts';
import type { AccessSession } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import type { Station } from './state.ts';
import { HOLD_TIME } from './timers.ts';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** Of Ethernet, in octets. What the tunnel takes is known with the session. */
const LONGEST_PACKET = 1500;

/**
 * A data packet of a station that is not yet forwarded by the data plane: kept while the station is pending, sent on at once when its
 * session began while the packet waited to be read. `payload` may have octets of padding behind the packet.
 */
export function holdPacket(access: AccessContext, station: Station, payload: Uint8Array): void {
  const packet = wholePacket(payload, station.session?.mtu ?? LONGEST_PACKET);
  if (!packet) return;
  if (station.session) {
    if (station.phase === 'served') forward(access, station.session, [packet]);
    return;
  }
  if (station.phase !== 'pending') return;
  if (access.stations.hold(station, { at: access.instant, packet })) access.stats.packetsHeld++;
  else access.stats.packetsNotHeld++;
}

/** The session is there: what waited goes on, but for what is too old to be of use. */
export function forwardHeldPackets(access: AccessContext, station: Station, session: AccessSession): void {
  const held = access.stations.takeHeld(station);
  const fresh = held.filter(({ at }) => elapsed(at, access.instant) <= HOLD_TIME);
  forward(
    access,
    session,
    fresh.map(({ packet }) => packet),
  );
}

/** Only what comes from the session's own addresses, as the data plane would have it. */
function forward(access: AccessContext, session: AccessSession, packets: readonly Uint8Array[]): void {
  const own = packets.filter((packet) => packet.length <= session.mtu && isFrom(session, packet));
  if (own.length === 0) return;
  access.stats.packetsHeldForwarded += own.length;
  access.emit({ kind: 'forward-held', interface: session.interface, mac: session.mac, packets: own });
}

function isFrom(session: AccessSession, packet: Uint8Array): boolean {
  if ((packet[0] as number) >>> 4 === 4) {
    const home = session.homeAddress;
    if (!home?.address.equals(Ipv4Address.read(packet, 12))) return false;
    return !home.defaultRouter.equals(Ipv4Address.read(packet, 16));
  }
  const source = Ipv6Address.read(packet, 8);
  return session.prefixes.some((prefix) => prefix.contains(source));
}

/** A copy without padding; `undefined` for what is not to be forwarded: cut, too long for the tunnel, for the link only, or multicast. */
function wholePacket(payload: Uint8Array, mtu: number): Uint8Array | undefined {
  const isIpv4 = (payload[0] ?? 0) >>> 4 === 4;
  const header = isIpv4 ? IPV4_HEADER : IPV6_HEADER;
  if (payload.length < header) return undefined;
  const length = isIpv4 ? readU16(payload, 2) : IPV6_HEADER + readU16(payload, 4);
  if (length < header || length > payload.length || length > mtu) return undefined;
  if (isIpv4) {
    const destination = Ipv4Address.read(payload, 16);
    if (destination.isMulticast || destination.equals(Ipv4Address.broadcast)) return undefined;
  } else {
    const destination = Ipv6Address.read(payload, 24);
    if (destination.isMulticast || destination.isLinkLocal) return undefined;
  }
  return payload.slice(0, length);
}
