/**
 * What the authentication options of a registration hold: RFC 4285 §5 "Mobility Message Authentication Option". The order that it wants
 * ends a message with MN-HA, with MN-HA and MN-AAA, or with MN-AAA alone; each at most once.
 *
 * Chooses: in a proxy registration the home address is the unspecified one, in both directions
 * (`docs/decisions/0011-home-address-in-authentication.md`).
 */
import { readU32 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { type HmacSha1, startsInConstantTime } from '../hmac-sha1.ts';
import { SHA1_LENGTH, sha1Workspace as scratch, sha1Into } from '../sha1.ts';
import type { BindingAcknowledgement } from './binding-acknowledgement.ts';
import type { BindingRevocationAcknowledgement } from './binding-revocation-acknowledgement.ts';
import type { BindingRevocationIndication } from './binding-revocation-indication.ts';
import type { BindingUpdate } from './binding-update.ts';
import type { Heartbeat } from './heartbeat.ts';
import { encodeMobilityHeaderWith } from './mobility-header.ts';
import { optionEnd } from './option-list.ts';
import { type AuthenticationOption, AuthenticationSubtype } from './options/authentication.ts';

/** What can have the option. RFC 4285 has it in registrations; revocations and heartbeats have it between those who know that. */
export type AuthenticatedMessage =
  | BindingUpdate
  | BindingAcknowledgement
  | BindingRevocationIndication
  | BindingRevocationAcknowledgement
  | Heartbeat;

const AUTHENTICATED: readonly string[] = [
  'binding-update',
  'binding-acknowledgement',
  'binding-revocation-indication',
  'binding-revocation-acknowledgement',
  'heartbeat',
] satisfies AuthenticatedMessage['kind'][];

export function canBeAuthenticated(message: { readonly kind: string }): message is AuthenticatedMessage {
  return AUTHENTICATED.includes(message.kind);
}

export interface MobilitySecurityAssociation {
  /** One of `AuthenticationSubtype`: with whom the key is shared. */
  readonly subtype: number;
  /** 256 or more; for MN-AAA `HMAC_SHA1_SPI`. */
  readonly spi: number;
  readonly hmac: HmacSha1;
}

/**
 * Why a message is not accepted. `absent`: it has no option of this subtype with this SPI. `misplaced`: its authentication options are
 * not where RFC 4285 §5 wants them, and it is to be discarded; so is one whose MN-HA option anything but MN-AAA follows, since that
 * would not be authenticated.
 */
export type AuthenticationVerdict = 'authentic' | 'forged' | 'absent' | 'misplaced';

/** The SPI that says how MN-AAA data is computed (RFC 4285 §5.2 "MN-AAA Mobility Message Authentication Option"). */
export const HMAC_SHA1_SPI = 3;

const ADDRESSES_LENGTH = 32;
const CHECKSUM_AT = 4;
const AUTHENTICATION_TYPE = 9;
/** Octets of type, length, subtype and SPI. */
export const OPTION_HEAD = 7;
/** Of all these messages. */
const OPTIONS_AT = 12;
const LONGEST_MESSAGE = 2048;
/** RFC 4285 §5.1 "MN-HA Mobility Message Authentication Option": the first 96 bits. */
export const MN_HA_DATA_LENGTH = 12;
const MISPLACED = -1;

const digest = new Uint8Array(SHA1_LENGTH);
const code = new Uint8Array(SHA1_LENGTH);
/** What the data of an option are until they are known. */
const MN_HA_ZEROS = new Uint8Array(MN_HA_DATA_LENGTH);
const MN_AAA_ZEROS = new Uint8Array(SHA1_LENGTH);

/**
 * The encoded message with an option for each of the associations at its end, in their order, its checksum field zero. Throws RangeError
 * when there is no room for them.
 */
export function encodeAuthenticated(
  message: AuthenticatedMessage,
  associations: readonly MobilitySecurityAssociation[],
  careOfAddress: Ipv6Address,
  homeAddress: Ipv6Address = Ipv6Address.unspecified,
): Uint8Array {
  const bytes = encodeMobilityHeaderWith(message, associations.map(unsigned));
  for (const association of associations)
    if (!signAuthentication(bytes, association, careOfAddress, homeAddress))
      throw new RangeError(`${message.kind}: no room for its authentication`);
  return bytes;
}

function unsigned({ subtype, spi }: MobilitySecurityAssociation): AuthenticationOption {
  const data = subtype === AuthenticationSubtype.MN_AAA ? MN_AAA_ZEROS : MN_HA_ZEROS;
  return { kind: 'authentication', subtype, spi, data };
}

/**
 * Computes the data of the option of this association, which the encoded message has, and puts them there. Returns whether there is such an option, where RFC 4285 §5 wants it. Of several, that
 * of MN-HA comes first, as MN-AAA covers it.
 */
export function signAuthentication(
  bytes: Uint8Array,
  association: MobilitySecurityAssociation,
  careOfAddress: Ipv6Address,
  homeAddress: Ipv6Address = Ipv6Address.unspecified,
): boolean {
  const at = findAuthentication(bytes, association.subtype);
  if (at === undefined || at === MISPLACED) return false;
  const length = computeData(bytes, at + OPTION_HEAD, association, careOfAddress, homeAddress);
  for (let i = 0; i < length; i++) bytes[at + OPTION_HEAD + i] = code[i] as number;
  return true;
}

/** `bytes` is such a message, which decodes; its checksum field is taken as 0. */
export function verifyAuthentication(
  bytes: Uint8Array,
  association: MobilitySecurityAssociation,
  careOfAddress: Ipv6Address,
  homeAddress: Ipv6Address = Ipv6Address.unspecified,
): AuthenticationVerdict {
  const at = findAuthentication(bytes, association.subtype);
  if (at === undefined) return 'absent';
  if (at === MISPLACED) return 'misplaced';
  if (readU32(bytes, at + 3) !== association.spi) return 'absent';
  const dataAt = at + OPTION_HEAD;
  const length = computeData(bytes, dataAt, association, careOfAddress, homeAddress);
  if ((bytes[at + 1] as number) !== OPTION_HEAD - 2 + length) return 'forged';
  return startsInConstantTime(bytes, dataAt, code, length) ? 'authentic' : 'forged';
}

/**
 * Fills `code` for the message up to and including the SPI, which ends at `end`, and returns how many octets of it go into the option.
 *
 * RFC 4285 §5.1 "MN-HA Mobility Message Authentication Option": "Authentication Data = First (96, HMAC_SHA1(MN-HA Shared key, Mobility
 * Data))", "Mobility Data = care-of address | home address | Mobility Header (MH) Data".
 * RFC 4285 §5.2: "MAC_Mobility Data = SHA1(care-of address | home address | MH Data)".
 * Chooses: with MN-AAA too the checksum field is taken as 0, since it is computed over the finished message.
 */
function computeData(
  bytes: Uint8Array,
  end: number,
  { subtype, hmac }: MobilitySecurityAssociation,
  careOfAddress: Ipv6Address,
  homeAddress: Ipv6Address,
): number {
  careOfAddress.write(scratch, 0);
  homeAddress.write(scratch, 16);
  for (let i = 0; i < end; i++) scratch[ADDRESSES_LENGTH + i] = bytes[i] as number;
  scratch[ADDRESSES_LENGTH + CHECKSUM_AT] = 0;
  scratch[ADDRESSES_LENGTH + CHECKSUM_AT + 1] = 0;
  const length = ADDRESSES_LENGTH + end;
  if (subtype === AuthenticationSubtype.MN_AAA) {
    sha1Into(digest, scratch, length);
    hmac.signInto(code, digest, SHA1_LENGTH);
  } else hmac.signInto(code, scratch, length);
  return dataLength(subtype);
}

function dataLength(subtype: number): number {
  return subtype === AuthenticationSubtype.MN_AAA ? SHA1_LENGTH : MN_HA_DATA_LENGTH;
}

/** Where the option of this subtype starts, or `MISPLACED`. Between it and the end of the message there may be MN-AAA and padding. */
function findAuthentication(bytes: Uint8Array, subtype: number): number | undefined {
  const end = Math.min(bytes.length, ((bytes[1] as number) + 1) * 8, LONGEST_MESSAGE);
  let found: number | undefined;
  /** The highest subtype so far; nothing may follow MN-AAA, and only MN-AAA MN-HA. */
  let last = 0;
  let at = OPTIONS_AT;
  while (at < end) {
    const type = bytes[at] as number;
    const next = type === 0 ? at + 1 : optionEnd(bytes, at);
    if (!(next <= end)) return undefined;
    if (type > 1) {
      const own = type === AUTHENTICATION_TYPE && next - at >= OPTION_HEAD ? (bytes[at + 2] as number) : 0;
      if (last > 0 && own <= last) return MISPLACED;
      last = own;
      if (own === subtype) found = at;
    }
    at = next;
  }
  return found;
}
