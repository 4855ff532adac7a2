import { readU16, readU32 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { ok } from '#base/result.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';

export interface Ipv6Fragment {
  /** In octets. */
  readonly offset: number;
  readonly more: boolean;
  readonly identification: number;
}

/** What the extension headers say, and where the payload starts. */
export interface WalkedHeaders {
  nextHeader: number;
  at: number;
  fragment: Ipv6Fragment | undefined;
  homeAddress: Ipv6Address | undefined;
  routedHomeAddress: Ipv6Address | undefined;
  tunnelEncapsulationLimit: number | undefined;
}

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

const PAD_1 = 0;
const TUNNEL_ENCAPSULATION_LIMIT = 4;
const HOME_ADDRESS = 201;
const TYPE_2 = 2;

/** Stops at the first header that is none of these, and behind the fragment header of a fragment that is not the first. */
export function walkExtensionHeaders(
  bytes: Uint8Array,
  nextHeader: number,
  start: number,
  end: number,
): Decoded<WalkedHeaders> {
  const walked: WalkedHeaders = {
    nextHeader,
    at: start,
    fragment: undefined,
    homeAddress: undefined,
    routedHomeAddress: undefined,
    tunnelEncapsulationLimit: undefined,
  };
  while (isExtension(walked.nextHeader)) {
    const at = walked.at;
    const length = at + 8 > end ? 8 : extensionLength(bytes, walked.nextHeader, at);
    if (at + length > end) {
      return wireError('truncated', at, `extension header ${walked.nextHeader}`, 'runs past the packet (RFC 8200)');
    }
    look(bytes, at, at + length, walked);
    walked.nextHeader = bytes[at] as number;
    walked.at = at + length;
    if (walked.fragment !== undefined && walked.fragment.offset !== 0) break;
  }
  return ok(walked);
}

function isExtension(header: number): boolean {
  return (
    header === HOP_BY_HOP ||
    header === ROUTING ||
    header === FRAGMENT ||
    header === AUTHENTICATION ||
    header === DESTINATION_OPTIONS
  );
}

function extensionLength(bytes: Uint8Array, header: number, at: number): number {
  if (header === FRAGMENT) return 8;
  const units = bytes[at + 1] as number;
  return header === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
}

function look(bytes: Uint8Array, at: number, end: number, walked: WalkedHeaders): void {
  switch (walked.nextHeader) {
    case FRAGMENT: {
      const word = readU16(bytes, at + 2);
      walked.fragment = { offset: word & 0xfff8, more: (word & 1) !== 0, identification: readU32(bytes, at + 4) };
      return;
    }
    case ROUTING:
      if (bytes[at + 2] === TYPE_2 && end - at >= 24) walked.routedHomeAddress = Ipv6Address.read(bytes, at + 8);
      return;
    case DESTINATION_OPTIONS:
      lookAtOptions(bytes, at + 2, end, walked);
  }
}

function lookAtOptions(bytes: Uint8Array, start: number, end: number, walked: WalkedHeaders): void {
  let at = start;
  while (at < end) {
    if (bytes[at] === PAD_1) {
      at++;
      continue;
    }
    const data = at + 2;
    const next = data + (bytes[at + 1] ?? 0);
    if (next > end) return;
    if (bytes[at] === HOME_ADDRESS && next - data === 16) walked.homeAddress = Ipv6Address.read(bytes, data);
    if (bytes[at] === TUNNEL_ENCAPSULATION_LIMIT && next - data === 1) walked.tunnelEncapsulationLimit = bytes[data];
    at = next;
  }
}
