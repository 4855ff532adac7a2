/** ICMPv6: RFC 4443 for errors and echo, RFC 4861 for neighbor discovery. */
import { readU16, readU32, writeU16 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { ok } from '#base/result.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import { foldChecksum, pseudoHeaderSum, sumOctets } from './checksum.ts';
import type { Decoded } from './error.ts';
import { WireFault, wireError } from './error.ts';
import { decodeNeighborDiscoveryOptions, encodeNeighborDiscoveryOptions } from './icmpv6/option-list.ts';
import type { NeighborDiscoveryOption } from './icmpv6/options.ts';
import { OctetWriter } from './octet-writer.ts';
import { copyOctets } from './octets.ts';
import { fromSeconds, toSeconds16, toUnits } from './time-units.ts';

export { findNeighborDiscoveryOption } from './icmpv6/option-list.ts';
export type { NeighborDiscoveryOption } from './icmpv6/options.ts';

export interface RouterSolicitation {
  readonly kind: 'router-solicitation';
  readonly options: readonly NeighborDiscoveryOption[];
}

export interface RouterAdvertisement {
  readonly kind: 'router-advertisement';
  /** 0: unspecified. */
  readonly hopLimit: number;
  /** M: addresses by DHCPv6. */
  readonly managed: boolean;
  /** O: other configuration by DHCPv6. */
  readonly otherConfig: boolean;
  /** At most 65535 s; 0: not a default router. */
  readonly routerLifetime: Duration;
  /** 0: unspecified. */
  readonly reachableTime: Duration;
  /** 0: unspecified. */
  readonly retransTimer: Duration;
  readonly options: readonly NeighborDiscoveryOption[];
}

export interface NeighborSolicitation {
  readonly kind: 'neighbor-solicitation';
  readonly target: Ipv6Address;
  readonly options: readonly NeighborDiscoveryOption[];
}

export interface NeighborAdvertisement {
  readonly kind: 'neighbor-advertisement';
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly target: Ipv6Address;
  readonly options: readonly NeighborDiscoveryOption[];
}

export interface NeighborRedirect {
  readonly kind: 'neighbor-redirect';
  readonly target: Ipv6Address;
  readonly destination: Ipv6Address;
  readonly options: readonly NeighborDiscoveryOption[];
}

export interface Echo {
  readonly kind: 'echo-request' | 'echo-reply';
  readonly identifier: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

export interface DestinationUnreachable {
  readonly kind: 'destination-unreachable';
  readonly code: number;
  /** As much of the packet at fault as fitted. */
  readonly packet: Uint8Array;
}

export interface PacketTooBig {
  readonly kind: 'packet-too-big';
  readonly mtu: number;
  readonly packet: Uint8Array;
}

export interface TimeExceeded {
  readonly kind: 'time-exceeded';
  readonly code: number;
  readonly packet: Uint8Array;
}

export interface ParameterProblem {
  readonly kind: 'parameter-problem';
  readonly code: number;
  /** Offset in `packet` of what is wrong. */
  readonly pointer: number;
  readonly packet: Uint8Array;
}

export interface UnknownIcmpv6 {
  readonly kind: 'unknown-icmpv6';
  readonly type: number;
  readonly code: number;
  /** After the checksum. */
  readonly data: Uint8Array;
}

export type Icmpv6Message =
  | RouterSolicitation
  | RouterAdvertisement
  | NeighborSolicitation
  | NeighborAdvertisement
  | NeighborRedirect
  | Echo
  | DestinationUnreachable
  | PacketTooBig
  | TimeExceeded
  | ParameterProblem
  | UnknownIcmpv6;

export const ICMPV6_PROTOCOL = 58;

export const Icmpv6Type = {
  DESTINATION_UNREACHABLE: 1,
  PACKET_TOO_BIG: 2,
  TIME_EXCEEDED: 3,
  PARAMETER_PROBLEM: 4,
  ECHO_REQUEST: 128,
  ECHO_REPLY: 129,
  ROUTER_SOLICITATION: 133,
  ROUTER_ADVERTISEMENT: 134,
  NEIGHBOR_SOLICITATION: 135,
  NEIGHBOR_ADVERTISEMENT: 136,
  REDIRECT: 137,
} as const;

const MANAGED = 0x80;
const OTHER_CONFIG = 0x40;
const ROUTER = 0x80;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;

const BODY_AT = 4;
const CHECKSUM_AT = 2;

/** Octets before the options, from the start of the message; or the shortest message. */
const fixedLength: Readonly<Record<number, number>> = {
  [Icmpv6Type.DESTINATION_UNREACHABLE]: 8,
  [Icmpv6Type.PACKET_TOO_BIG]: 8,
  [Icmpv6Type.TIME_EXCEEDED]: 8,
  [Icmpv6Type.PARAMETER_PROBLEM]: 8,
  [Icmpv6Type.ECHO_REQUEST]: 8,
  [Icmpv6Type.ECHO_REPLY]: 8,
  [Icmpv6Type.ROUTER_SOLICITATION]: 8,
  [Icmpv6Type.ROUTER_ADVERTISEMENT]: 16,
  [Icmpv6Type.NEIGHBOR_SOLICITATION]: 24,
  [Icmpv6Type.NEIGHBOR_ADVERTISEMENT]: 24,
  [Icmpv6Type.REDIRECT]: 40,
};

/** Verifies the checksum between the two addresses. The hop limit, which neighbor discovery needs at 255, is the caller's matter. */
export function decodeIcmpv6(bytes: Uint8Array, source: Ipv6Address, destination: Ipv6Address): Decoded<Icmpv6Message> {
  if (bytes.length < BODY_AT)
    return wireError('truncated', bytes.length, 'ICMPv6 header', '4 octets (RFC 4443 §2.1 "Message General Format")');
  const sum = pseudoHeaderSum(source, destination, bytes.length, ICMPV6_PROTOCOL) + sumOctets(bytes, 0, bytes.length);
  if (foldChecksum(sum) !== 0) {
    return wireError(
      'bad-checksum',
      CHECKSUM_AT,
      'Checksum',
      'does not fit the message (RFC 4443 §2.3 "Message Checksum Calculation")',
    );
  }
  const type = bytes[0] as number;
  const shortest = fixedLength[type];
  if (shortest === undefined) {
    return ok({
      kind: 'unknown-icmpv6',
      type,
      code: bytes[1] as number,
      data: copyOctets(bytes, BODY_AT, bytes.length),
    });
  }
  if (bytes.length < shortest) {
    return wireError('truncated', bytes.length, 'ICMPv6 message', `type ${type} has at least ${shortest} octets`);
  }
  if (type < Icmpv6Type.ROUTER_SOLICITATION) return ok(decodePlain(bytes, type));
  // RFC 4861 §6.1.1 "Validation of Router Solicitation Messages": "ICMP Code is 0", and likewise for the others.
  if (bytes[1] !== 0) return wireError('bad-value', 1, 'Code', `${bytes[1]}, not 0 (RFC 4861 §6.1.1)`);
  const options = decodeNeighborDiscoveryOptions(bytes, shortest, bytes.length);
  if (options instanceof WireFault) return { ok: false, error: options };
  return ok(decodeNeighborDiscovery(bytes, type, options));
}

export function encodeIcmpv6(message: Icmpv6Message, source: Ipv6Address, destination: Ipv6Address): Uint8Array {
  const out = new OctetWriter(128);
  write(message, out);
  const bytes = out.finish();
  const sum = pseudoHeaderSum(source, destination, bytes.length, ICMPV6_PROTOCOL) + sumOctets(bytes, 0, bytes.length);
  writeU16(bytes, CHECKSUM_AT, foldChecksum(sum));
  return bytes;
}

function decodePlain(bytes: Uint8Array, type: number): Icmpv6Message {
  const code = bytes[1] as number;
  const rest = copyOctets(bytes, 8, bytes.length);
  switch (type) {
    case Icmpv6Type.DESTINATION_UNREACHABLE:
      return { kind: 'destination-unreachable', code, packet: rest };
    case Icmpv6Type.PACKET_TOO_BIG:
      return { kind: 'packet-too-big', mtu: readU32(bytes, 4), packet: rest };
    case Icmpv6Type.TIME_EXCEEDED:
      return { kind: 'time-exceeded', code, packet: rest };
    case Icmpv6Type.PARAMETER_PROBLEM:
      return { kind: 'parameter-problem', code, pointer: readU32(bytes, 4), packet: rest };
    default:
      return {
        kind: type === Icmpv6Type.ECHO_REQUEST ? 'echo-request' : 'echo-reply',
        identifier: readU16(bytes, 4),
        sequence: readU16(bytes, 6),
        data: rest,
      };
  }
}

function decodeNeighborDiscovery(
  bytes: Uint8Array,
  type: number,
  options: readonly NeighborDiscoveryOption[],
): Icmpv6Message {
  const flags = bytes[4] as number;
  switch (type) {
    case Icmpv6Type.ROUTER_SOLICITATION:
      return { kind: 'router-solicitation', options };
    case Icmpv6Type.ROUTER_ADVERTISEMENT:
      return {
        kind: 'router-advertisement',
        hopLimit: flags,
        managed: ((bytes[5] as number) & MANAGED) !== 0,
        otherConfig: ((bytes[5] as number) & OTHER_CONFIG) !== 0,
        routerLifetime: fromSeconds(readU16(bytes, 6)),
        reachableTime: milliseconds(readU32(bytes, 8)),
        retransTimer: milliseconds(readU32(bytes, 12)),
        options,
      };
    case Icmpv6Type.NEIGHBOR_SOLICITATION:
      return { kind: 'neighbor-solicitation', target: Ipv6Address.read(bytes, 8), options };
    case Icmpv6Type.NEIGHBOR_ADVERTISEMENT:
      return {
        kind: 'neighbor-advertisement',
        router: (flags & ROUTER) !== 0,
        solicited: (flags & SOLICITED) !== 0,
        override: (flags & OVERRIDE) !== 0,
        target: Ipv6Address.read(bytes, 8),
        options,
      };
    default:
      return {
        kind: 'neighbor-redirect',
        target: Ipv6Address.read(bytes, 8),
        destination: Ipv6Address.read(bytes, 24),
        options,
      };
  }
}

function write(message: Icmpv6Message, out: OctetWriter): void {
  switch (message.kind) {
    case 'router-solicitation':
    case 'router-advertisement':
    case 'neighbor-solicitation':
    case 'neighbor-advertisement':
    case 'neighbor-redirect':
      writeNeighborDiscovery(message, out);
      encodeNeighborDiscoveryOptions(message.options, out);
      return;
    case 'echo-request':
    case 'echo-reply':
      head(out, message.kind === 'echo-request' ? Icmpv6Type.ECHO_REQUEST : Icmpv6Type.ECHO_REPLY);
      out.u16(message.identifier).u16(message.sequence).octets(message.data);
      return;
    case 'destination-unreachable':
      head(out, Icmpv6Type.DESTINATION_UNREACHABLE, message.code).u32(0).octets(message.packet);
      return;
    case 'packet-too-big':
      head(out, Icmpv6Type.PACKET_TOO_BIG).u32(message.mtu).octets(message.packet);
      return;
    case 'time-exceeded':
      head(out, Icmpv6Type.TIME_EXCEEDED, message.code).u32(0).octets(message.packet);
      return;
    case 'parameter-problem':
      head(out, Icmpv6Type.PARAMETER_PROBLEM, message.code).u32(message.pointer).octets(message.packet);
      return;
    case 'unknown-icmpv6':
      head(out, message.type, message.code).octets(message.data);
  }
}

function writeNeighborDiscovery(
  message: Extract<Icmpv6Message, { readonly options: readonly NeighborDiscoveryOption[] }>,
  out: OctetWriter,
): void {
  switch (message.kind) {
    case 'router-solicitation':
      head(out, Icmpv6Type.ROUTER_SOLICITATION).u32(0);
      return;
    case 'router-advertisement':
      head(out, Icmpv6Type.ROUTER_ADVERTISEMENT)
        .u8(message.hopLimit)
        .u8((message.managed ? MANAGED : 0) | (message.otherConfig ? OTHER_CONFIG : 0))
        .u16(toSeconds16(message.routerLifetime))
        .u32(toUnits(message.reachableTime, 1, 0xffff_ffff))
        .u32(toUnits(message.retransTimer, 1, 0xffff_ffff));
      return;
    case 'neighbor-solicitation':
      head(out, Icmpv6Type.NEIGHBOR_SOLICITATION).u32(0).ipv6(message.target);
      return;
    case 'neighbor-advertisement':
      head(out, Icmpv6Type.NEIGHBOR_ADVERTISEMENT)
        .u8((message.router ? ROUTER : 0) | (message.solicited ? SOLICITED : 0) | (message.override ? OVERRIDE : 0))
        .zeros(3)
        .ipv6(message.target);
      return;
    case 'neighbor-redirect':
      head(out, Icmpv6Type.REDIRECT).u32(0).ipv6(message.target).ipv6(message.destination);
  }
}

function head(out: OctetWriter, type: number, code = 0): OctetWriter {
  return out.u8(type).u8(code).u16(0);
}
