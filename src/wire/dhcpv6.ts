/**
 * DHCP for IPv6 between client and server: RFC 8415 §8 "Client/Server Message Formats".
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |    msg-type   |               transaction-id                  |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    .                            options                            .
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { readU16, readU32 } from '#base/bytes.ts';
import { ok } from '#base/result.ts';
import { DHCPV6_OPTIONS, type Dhcpv6Option, type Dhcpv6OptionCodec, type KnownDhcpv6Option } from './dhcpv6/options.ts';
import type { Decoded } from './error.ts';
import { WireFault, wireError } from './error.ts';
import { OctetWriter } from './octet-writer.ts';
import { copyOctets } from './octets.ts';

export type { Dhcpv6Option } from './dhcpv6/options.ts';

export interface Dhcpv6Message {
  /** One of `Dhcpv6MessageType`. */
  readonly type: number;
  /** 24 bits. */
  readonly transactionId: number;
  readonly options: readonly Dhcpv6Option[];
}

/** RFC 8415 §7.3 "DHCP Message Types", without those of relays, whose messages have another form. */
export const Dhcpv6MessageType = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  CONFIRM: 4,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  DECLINE: 9,
  RECONFIGURE: 10,
  INFORMATION_REQUEST: 11,
} as const;

export const DHCPV6_CLIENT_PORT = 546;
export const DHCPV6_SERVER_PORT = 547;

type AnyCodec = Dhcpv6OptionCodec<KnownDhcpv6Option>;

const codecs = DHCPV6_OPTIONS as readonly unknown[] as readonly AnyCodec[];
const codecByCode = new Map<number, AnyCodec>(codecs.map((codec) => [codec.code, codec]));
const codecByKind = new Map<string, AnyCodec>(codecs.map((codec) => [codec.kind, codec]));

const HEADER_LENGTH = 4;
const OPTION_HEADER_LENGTH = 4;
const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
const LONGEST_DATA = 0xffff;

/** Messages of relays are an `unknown-type`. */
export function decodeDhcpv6(bytes: Uint8Array): Decoded<Dhcpv6Message> {
  if (bytes.length < HEADER_LENGTH)
    return wireError('truncated', bytes.length, 'DHCPv6 header', '4 octets (RFC 8415 §8)');
  const type = bytes[0] as number;
  if (type === RELAY_FORWARD || type === RELAY_REPLY) {
    return wireError(
      'unknown-type',
      0,
      'msg-type',
      'a relay message (RFC 8415 §9 "Relay Agent/Server Message Formats")',
    );
  }
  const options: Dhcpv6Option[] = [];
  let at = HEADER_LENGTH;
  while (at < bytes.length) {
    const data = at + OPTION_HEADER_LENGTH;
    const end = data + (data <= bytes.length ? readU16(bytes, at + 2) : 0);
    if (data > bytes.length || end > bytes.length) {
      return wireError('truncated', at, 'option', 'runs past the message (RFC 8415 §21.1 "Format of DHCP Options")');
    }
    const option = decodeOption(bytes, readU16(bytes, at), data, end);
    if (option instanceof WireFault) return { ok: false, error: option };
    options.push(option);
    at = end;
  }
  return ok({ type, transactionId: readU32(bytes, 0) & 0xff_ffff, options });
}

/** Throws RangeError when one option's data is longer than 65535 octets. */
export function encodeDhcpv6(message: Dhcpv6Message): Uint8Array {
  const out = new OctetWriter(128)
    .u8(message.type)
    .u8(message.transactionId >>> 16)
    .u16(message.transactionId & 0xffff);
  for (const option of message.options) {
    const start = out.length;
    const codec = codecByKind.get(option.kind);
    if (option.kind === 'unknown-option') out.u16(option.code).u16(0).octets(option.data);
    else if (codec) {
      out.u16(codec.code).u16(0);
      codec.encode(option, out);
    }
    const length = out.length - start - OPTION_HEADER_LENGTH;
    if (length > LONGEST_DATA) throw new RangeError(`${option.kind}: ${length} octets do not fit into an option`);
    out.setU16(start + 2, length);
  }
  return out.finish();
}

/** What is known of an option beside its value: its code, name and source. */
export function dhcpv6OptionCodec(kind: Dhcpv6Option['kind']): AnyCodec | undefined {
  return codecByKind.get(kind);
}

export function findDhcpv6Option<Kind extends Dhcpv6Option['kind']>(
  options: readonly Dhcpv6Option[],
  kind: Kind,
): Extract<Dhcpv6Option, { readonly kind: Kind }> | undefined {
  return options.find((option) => option.kind === kind) as Extract<Dhcpv6Option, { readonly kind: Kind }> | undefined;
}

function decodeOption(bytes: Uint8Array, code: number, at: number, end: number): Dhcpv6Option | WireFault {
  const codec = codecByCode.get(code);
  if (!codec) return { kind: 'unknown-option', code, data: copyOctets(bytes, at, end) };
  const length = end - at;
  if (length < codec.minimumLength || length > codec.maximumLength || length % codec.multipleOf !== 0) {
    return new WireFault('bad-length', at - 2, codec.name, `${length} octets (${codec.rfc})`);
  }
  return codec.decode(bytes, at, end);
}
