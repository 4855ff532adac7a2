/**
 * DHCP for IPv4: RFC 2131 §2 "Protocol Summary", figure 1.
 * ```
 *    +---------------+---------------+---------------+---------------+
 *    |     op (1)    |   htype (1)   |   hlen (1)    |   hops (1)    |
 *    +---------------+---------------+---------------+---------------+
 *    |                            xid (4)                            |
 *    +-------------------------------+-------------------------------+
 *    |           secs (2)            |           flags (2)           |
 *    +-------------------------------+-------------------------------+
 *    |          ciaddr, yiaddr, siaddr, giaddr  (4 each)             |
 *    |                          chaddr  (16)                         |
 *    |                          sname   (64)                         |
 *    |                          file    (128)                        |
 *    |                 magic cookie (4), options (variable)          |
 *    +---------------------------------------------------------------+
 * ```
 */
import { readU16, readU32 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { ok } from '#base/result.ts';
import { collectDhcpv4Options, writeDhcpv4Options } from './dhcpv4/option-list.ts';
import type { Dhcpv4Option } from './dhcpv4/options.ts';
import type { Decoded } from './error.ts';
import { WireFault, wireError } from './error.ts';
import { OctetWriter } from './octet-writer.ts';
import { decodeTextLeniently, encodeText } from './octets.ts';

export { dhcpv4OptionsLength, findDhcpv4Option } from './dhcpv4/option-list.ts';
export type { Dhcpv4Option } from './dhcpv4/options.ts';
export { RelayAgentSubOptionCode } from './dhcpv4/relay-agent-information.ts';

export interface Dhcpv4Message {
  /** 1: from a client, 2: from a server. */
  readonly op: number;
  /** 1: Ethernet. */
  readonly htype: number;
  readonly hops: number;
  readonly xid: number;
  /** Seconds since the client began. */
  readonly secs: number;
  readonly broadcast: boolean;
  readonly ciaddr: Ipv4Address;
  readonly yiaddr: Ipv4Address;
  readonly siaddr: Ipv4Address;
  readonly giaddr: Ipv4Address;
  readonly chaddr: MacAddress;
  /** Empty when it carries options. */
  readonly sname: string;
  /** Empty when it carries options. */
  readonly file: string;
  readonly options: readonly Dhcpv4Option[];
}

/** RFC 2132 §9.6 "DHCP Message Type". */
export const Dhcpv4MessageType = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
  INFORM: 8,
} as const;

export const DHCPV4_SERVER_PORT = 67;
export const DHCPV4_CLIENT_PORT = 68;

const SNAME_AT = 44;
const FILE_AT = 108;
const COOKIE_AT = 236;
const OPTIONS_AT = 240;
const COOKIE = 0x63825363;
const MAC_LENGTH = 6;
const CHADDR_PADDING = 10;
const BROADCAST = 0x8000;
/** A BOOTP message has at least this many octets (RFC 1542). */
const SHORTEST_MESSAGE = 300;

/** Joins the parts of long options and reads overloaded `sname` and `file` fields, whose options come last. */
export function decodeDhcpv4(bytes: Uint8Array): Decoded<Dhcpv4Message> {
  if (bytes.length < OPTIONS_AT) {
    return wireError('truncated', bytes.length, 'DHCP message', 'at least 240 octets (RFC 2131 §2)');
  }
  if (bytes[2] !== MAC_LENGTH) return wireError('bad-value', 2, 'hlen', `${bytes[2]}, not 6 (RFC 2131 §2)`);
  if (readU32(bytes, COOKIE_AT) !== COOKIE) {
    return wireError(
      'bad-value',
      COOKIE_AT,
      'magic cookie',
      'not 99, 130, 83, 99 (RFC 2131 §3 "The Client-Server Protocol")',
    );
  }
  const collected = collectDhcpv4Options(bytes, OPTIONS_AT, SNAME_AT, FILE_AT, COOKIE_AT);
  if (collected instanceof WireFault) return { ok: false, error: collected };
  return ok({
    op: bytes[0] as number,
    htype: bytes[1] as number,
    hops: bytes[3] as number,
    xid: readU32(bytes, 4),
    secs: readU16(bytes, 8),
    broadcast: (readU16(bytes, 10) & BROADCAST) !== 0,
    ciaddr: Ipv4Address.read(bytes, 12),
    yiaddr: Ipv4Address.read(bytes, 16),
    siaddr: Ipv4Address.read(bytes, 20),
    giaddr: Ipv4Address.read(bytes, 24),
    chaddr: MacAddress.read(bytes, 28),
    sname: collected.snameIsOptions ? '' : textField(bytes, SNAME_AT, FILE_AT),
    file: collected.fileIsOptions ? '' : textField(bytes, FILE_AT, COOKIE_AT),
    options: collected.options,
  });
}

/** Without overloading; padded to the 300 octets that relays and clients of BOOTP's time want. */
export function encodeDhcpv4(message: Dhcpv4Message): Uint8Array {
  const out = new OctetWriter(SHORTEST_MESSAGE)
    .u8(message.op)
    .u8(message.htype)
    .u8(MAC_LENGTH)
    .u8(message.hops)
    .u32(message.xid)
    .u16(message.secs)
    .u16(message.broadcast ? BROADCAST : 0)
    .ipv4(message.ciaddr)
    .ipv4(message.yiaddr)
    .ipv4(message.siaddr)
    .ipv4(message.giaddr)
    .mac(message.chaddr)
    .zeros(CHADDR_PADDING);
  writeTextField(message.sname, FILE_AT - SNAME_AT, out);
  writeTextField(message.file, COOKIE_AT - FILE_AT, out);
  out.u32(COOKIE);
  writeDhcpv4Options(message.options, out);
  out.zeros(Math.max(0, SHORTEST_MESSAGE - out.length));
  return out.finish();
}

function textField(bytes: Uint8Array, at: number, end: number): string {
  const zero = bytes.indexOf(0, at);
  return decodeTextLeniently(bytes, at, zero >= 0 && zero < end ? zero : end);
}

function writeTextField(text: string, length: number, out: OctetWriter): void {
  const octets = encodeText(text).subarray(0, length - 1);
  out.octets(octets).zeros(length - octets.length);
}
