import { readU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MessageEvent, PeerAddress, SendOutput } from '#proto/peer.ts';
import { sentOctets } from '#proto/sent-octets.ts';
import type { WireError } from '#wire/error.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import {
  BindingStatus,
  checkMobilityChecksum,
  decodeMobilityHeader,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';

const MOBILITY_HEADER = 135;
const IPV6_HEADER = 40;
/** Behind an IPv4 header without options and a UDP header. */
const UDP_PAYLOAD = 28;
/** RFC 5844 §4.1.3 "Signaling Considerations": DSMIPv6-Port. */
const SIGNALLING_PORT = 5436;

export type SignallingEvent =
  | MessageEvent
  | { readonly kind: 'malformed'; readonly from: PeerAddress; readonly error: WireError };

/** What a packet from the transport network is to a node. */
export type Arrival = SignallingEvent | { readonly kind: 'packet' } | { readonly kind: 'bad-checksum' };

/** The packet that carries a message, as it goes over the wire. */
export function packSignalling(output: SendOutput): Uint8Array {
  return packOctets(output.to, sentOctets(output));
}

/** A Mobility Header, or what pretends to be one, from `to.local` to `to.remote`. */
export function packOctets({ local: source, remote: destination, port }: PeerAddress, octets: Uint8Array): Uint8Array {
  if (source instanceof Ipv6Address && destination instanceof Ipv6Address) {
    if (octets.length >= 6) setMobilityChecksum(source, destination, octets);
    return encodeIpv6({ nextHeader: MOBILITY_HEADER, hopLimit: 64, source, destination, payload: octets });
  }
  if (!(source instanceof Ipv4Address) || !(destination instanceof Ipv4Address)) {
    throw new TypeError(`no message goes from ${source} to ${destination}`);
  }
  const ends = { source, destination };
  const payload = encodeUdp({
    ...ends,
    sourcePort: SIGNALLING_PORT,
    destinationPort: port ?? SIGNALLING_PORT,
    payload: octets,
  });
  return encodeIpv4({ ...ends, ttl: 64, protocol: UDP_PROTOCOL, payload });
}

/** RFC 6275 §9.2 "Processing Mobility Headers": "The checksum must be verified"; the host drops and counts what fails it. */
export function unpackSignalling(bytes: Uint8Array): Arrival {
  return (bytes[0] ?? 0) >>> 4 === 4 ? unpackIpv4(bytes) : unpackIpv6(bytes);
}

/** False of what ends an exchange: an acceptance, the answer to a revocation or a heartbeat. */
export function callsForMore(arrival: SignallingEvent): boolean {
  if (arrival.kind === 'malformed') return true;
  const { message } = arrival;
  if (message.kind === 'binding-acknowledgement') return message.status >= BindingStatus.REASON_UNSPECIFIED;
  if (message.kind === 'heartbeat') return !message.response || message.unsolicited;
  return message.kind !== 'binding-revocation-acknowledgement';
}

/** The octets of a message, or what pretends to be one; `undefined` of other packets. */
export function mobilityHeaderOf(packet: Uint8Array): Uint8Array | undefined {
  if ((packet[0] ?? 0) >>> 4 === 6) return packet[6] === MOBILITY_HEADER ? packet.subarray(IPV6_HEADER) : undefined;
  const isSignalling = packet[9] === UDP_PROTOCOL && [20, 22].some((at) => readU16(packet, at) === SIGNALLING_PORT);
  return isSignalling ? packet.subarray(UDP_PAYLOAD) : undefined;
}

function unpackIpv6(bytes: Uint8Array): Arrival {
  const packet = decodeIpv6(bytes);
  if (!packet.ok || packet.value.nextHeader !== MOBILITY_HEADER) return { kind: 'packet' };
  const { source, destination, payload } = packet.value;
  if (!checkMobilityChecksum(source, destination, payload)) return { kind: 'bad-checksum' };
  return read({ transport: 'ipv6', local: destination, remote: source }, payload);
}

function unpackIpv4(bytes: Uint8Array): Arrival {
  const packet = decodeIpv4(bytes);
  if (!packet.ok || packet.value.protocol !== UDP_PROTOCOL) return { kind: 'packet' };
  const { source, destination } = packet.value;
  const datagram = decodeUdp(packet.value.payload, source, destination);
  if (!datagram.ok || datagram.value.destinationPort !== SIGNALLING_PORT) return { kind: 'packet' };
  const port = datagram.value.sourcePort;
  const from: PeerAddress = { transport: 'ipv4-udp', local: destination, remote: source, port };
  return read(from, datagram.value.payload);
}

function read(from: PeerAddress, octets: Uint8Array): SignallingEvent {
  const message = decodeMobilityHeader(octets);
  return message.ok
    ? { kind: 'message', from, message: message.value, octets }
    : { kind: 'malformed', from, error: message.error };
}
