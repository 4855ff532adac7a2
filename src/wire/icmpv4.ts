/** ICMP for IPv4 (RFC 792), as far as a router sends it; "fragmentation needed" with the next hop's MTU is RFC 1191. */
import { readU16, writeU16 } from '#base/bytes.ts';
import { ok } from '#base/result.ts';
import { foldChecksum, sumOctets } from './checksum.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';
import { copyOctets } from './octets.ts';

export type Icmpv4Message =
  | {
      readonly kind: 'destination-unreachable';
      /** 4: fragmentation needed. */
      readonly code: number;
      /** Of the next hop, with code 4; else 0. */
      readonly mtu: number;
      /** IP header and at least 8 octets of the packet at fault. */
      readonly packet: Uint8Array;
    }
  | { readonly kind: 'time-exceeded'; readonly code: number; readonly packet: Uint8Array }
  | {
      readonly kind: 'echo-request' | 'echo-reply';
      readonly identifier: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'unknown-icmpv4'; readonly type: number; readonly code: number; readonly data: Uint8Array };

export const ICMPV4_PROTOCOL = 1;

const ECHO_REPLY = 0;
const DESTINATION_UNREACHABLE = 3;
const ECHO_REQUEST = 8;
const TIME_EXCEEDED = 11;
const HEADER_LENGTH = 8;

/** Verifies the checksum. */
export function decodeIcmpv4(bytes: Uint8Array): Decoded<Icmpv4Message> {
  if (bytes.length < HEADER_LENGTH) return wireError('truncated', bytes.length, 'ICMP header', '8 octets (RFC 792)');
  if (foldChecksum(sumOctets(bytes, 0, bytes.length)) !== 0) {
    return wireError('bad-checksum', 2, 'Checksum', 'does not fit the message (RFC 792)');
  }
  const type = bytes[0] as number;
  const code = bytes[1] as number;
  const rest = copyOctets(bytes, HEADER_LENGTH, bytes.length);
  switch (type) {
    case DESTINATION_UNREACHABLE:
      return ok({ kind: 'destination-unreachable', code, mtu: readU16(bytes, 6), packet: rest });
    case TIME_EXCEEDED:
      return ok({ kind: 'time-exceeded', code, packet: rest });
    case ECHO_REQUEST:
    case ECHO_REPLY:
      return ok({
        kind: type === ECHO_REQUEST ? 'echo-request' : 'echo-reply',
        identifier: readU16(bytes, 4),
        sequence: readU16(bytes, 6),
        data: rest,
      });
    default:
      return ok({ kind: 'unknown-icmpv4', type, code, data: copyOctets(bytes, 4, bytes.length) });
  }
}

export function encodeIcmpv4(message: Icmpv4Message): Uint8Array {
  const bytes = withoutChecksum(message);
  writeU16(bytes, 2, foldChecksum(sumOctets(bytes, 0, bytes.length)));
  return bytes;
}

function withoutChecksum(message: Icmpv4Message): Uint8Array {
  switch (message.kind) {
    case 'destination-unreachable':
      return assemble(DESTINATION_UNREACHABLE, message.code, 0, message.mtu, message.packet);
    case 'time-exceeded':
      return assemble(TIME_EXCEEDED, message.code, 0, 0, message.packet);
    case 'echo-request':
      return assemble(ECHO_REQUEST, 0, message.identifier, message.sequence, message.data);
    case 'echo-reply':
      return assemble(ECHO_REPLY, 0, message.identifier, message.sequence, message.data);
    case 'unknown-icmpv4': {
      const bytes = new Uint8Array(4 + message.data.length);
      bytes[0] = message.type;
      bytes[1] = message.code;
      bytes.set(message.data, 4);
      return bytes;
    }
  }
}

function assemble(type: number, code: number, high: number, low: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + rest.length);
  bytes[0] = type;
  bytes[1] = code;
  writeU16(bytes, 4, high);
  writeU16(bytes, 6, low);
  bytes.set(rest, HEADER_LENGTH);
  return bytes;
}
