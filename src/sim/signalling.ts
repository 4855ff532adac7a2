import { Ipv6Address } from '#base/ipv6-address.ts';
import type { PeerAddress, SendOutput } from '#proto/peer.ts';
import type { WireError } from '#wire/error.ts';
import type { Ipv6Packet } from '#wire/ipv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import {
  checkMobilityChecksum,
  decodeMobilityHeader,
  encodeMobilityHeader,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';

export const MOBILITY_HEADER = 135;

/** The IPv6 packet that carries a message, as it goes over the wire; `undefined` for one that does not go over IPv6. */
export function packSignalling({ to, message }: SendOutput): Uint8Array | undefined {
  const { local: source, remote: destination } = to;
  if (!(source instanceof Ipv6Address) || !(destination instanceof Ipv6Address)) return undefined;
  const payload = encodeMobilityHeader(message);
  setMobilityChecksum(source, destination, payload);
  return encodeIpv6({ nextHeader: MOBILITY_HEADER, hopLimit: 64, source, destination, payload });
}

/** RFC 6275 §9.2 "Processing Mobility Headers": "The checksum must be verified"; `undefined` for a message that fails it. */
export function unpackSignalling({ source, destination, payload }: Ipv6Packet): SignallingEvent | undefined {
  if (!checkMobilityChecksum(source, destination, payload)) return undefined;
  const from: PeerAddress = { transport: 'ipv6', local: destination, remote: source };
  const message = decodeMobilityHeader(payload);
  return message.ok
    ? { kind: 'message', from, message: message.value }
    : { kind: 'malformed', from, error: message.error };
}

export type SignallingEvent =
  | { readonly kind: 'message'; readonly from: PeerAddress; readonly message: MobilityMessage }
  | { readonly kind: 'malformed'; readonly from: PeerAddress; readonly error: WireError };
