/**
 * The MN-HA authentication option (RFC 4285 §5.1 "MN-HA Mobility Message Authentication Option"):
 * "Authentication Data = First (96, HMAC_SHA1(MN-HA Shared key, Mobility Data))",
 * "Mobility Data = care-of address | home address | Mobility Header (MH) Data".
 *
 * Chooses: in a proxy registration the home address is the unspecified one, in both directions, since the mobile node may have none yet,
 * or several; who the message is about is in the Mobile Node Identifier option, which the authentication covers.
 */
import { Ipv6Address } from '#base/ipv6-address.ts';
import { equalInConstantTime, type HmacSha1 } from '../hmac-sha1.ts';
import { copyOctets } from '../octets.ts';
import type { BindingAcknowledgement } from './binding-acknowledgement.ts';
import type { BindingUpdate } from './binding-update.ts';
import { encodeMobilityHeader } from './mobility-header.ts';
import { AuthenticationSubtype } from './options/authentication.ts';

export interface MobilitySecurityAssociation {
  /** 256 or more. */
  readonly spi: number;
  readonly hmac: HmacSha1;
}

/** Why a message is not accepted; `absent` when it has no MN-HA option with this SPI at its end. */
export type AuthenticationVerdict = 'authentic' | 'forged' | 'absent';

export const AUTHENTICATION_DATA_LENGTH = 12;

const ADDRESSES_LENGTH = 32;
const CHECKSUM_AT = 4;
const AUTHENTICATION_TYPE = 9;
/** Type, length, subtype and SPI. */
const OPTION_HEAD = 7;
/** Of both messages. */
const OPTIONS_AT = 12;
const LONGEST_MESSAGE = 2048;

const scratch = new Uint8Array(ADDRESSES_LENGTH + LONGEST_MESSAGE);

/** The encoded message with the option as its last, its checksum field zero. Throws RangeError when there is no room for the option. */
export function encodeAuthenticated(
  message: BindingUpdate | BindingAcknowledgement,
  association: MobilitySecurityAssociation,
  careOfAddress: Ipv6Address,
  homeAddress: Ipv6Address = Ipv6Address.unspecified,
): Uint8Array {
  const { spi, hmac } = association;
  const data = new Uint8Array(AUTHENTICATION_DATA_LENGTH);
  const option = { kind: 'authentication', subtype: AuthenticationSubtype.MN_HA, spi, data } as const;
  const bytes = encodeMobilityHeader({ ...message, options: [...message.options, option] });
  const at = findLastAuthentication(bytes, spi);
  if (at === undefined) throw new RangeError(`${message.kind}: no room for the authentication option`);
  bytes.set(authenticationData(bytes, at + OPTION_HEAD, hmac, careOfAddress, homeAddress), at + OPTION_HEAD);
  return bytes;
}

/** `bytes` is a Binding Update or Acknowledgement that decodes; its checksum field is taken as 0. */
export function verifyAuthentication(
  bytes: Uint8Array,
  association: MobilitySecurityAssociation,
  careOfAddress: Ipv6Address,
  homeAddress: Ipv6Address = Ipv6Address.unspecified,
): AuthenticationVerdict {
  const at = findLastAuthentication(bytes, association.spi);
  if (at === undefined) return 'absent';
  const dataAt = at + OPTION_HEAD;
  const received = copyOctets(bytes, dataAt, dataAt + AUTHENTICATION_DATA_LENGTH);
  const expected = authenticationData(bytes, dataAt, association.hmac, careOfAddress, homeAddress);
  return equalInConstantTime(received, expected) ? 'authentic' : 'forged';
}

/** Over the message up to and including the SPI, which ends at `end`. */
function authenticationData(
  bytes: Uint8Array,
  end: number,
  hmac: HmacSha1,
  careOfAddress: Ipv6Address,
  homeAddress: Ipv6Address,
): Uint8Array {
  careOfAddress.write(scratch, 0);
  homeAddress.write(scratch, 16);
  scratch.set(bytes.subarray(0, end), ADDRESSES_LENGTH);
  scratch[ADDRESSES_LENGTH + CHECKSUM_AT] = 0;
  scratch[ADDRESSES_LENGTH + CHECKSUM_AT + 1] = 0;
  return hmac.sign(scratch, ADDRESSES_LENGTH + end).subarray(0, AUTHENTICATION_DATA_LENGTH);
}

/** Where the MN-HA option starts that is the last option of the message; "MUST be the last option in a message". */
function findLastAuthentication(bytes: Uint8Array, spi: number): number | undefined {
  let found: number | undefined;
  const end = Math.min(bytes.length, ((bytes[1] as number) + 1) * 8, LONGEST_MESSAGE);
  let at = OPTIONS_AT;
  while (at < end) {
    const type = bytes[at] as number;
    const next = type === 0 ? at + 1 : at + 2 + (bytes[at + 1] ?? 0);
    if (next > end) return undefined;
    if (type > 1) found = type === AUTHENTICATION_TYPE && isMnHa(bytes, at, next, spi) ? at : undefined;
    at = next;
  }
  return found;
}

function isMnHa(bytes: Uint8Array, at: number, next: number, spi: number): boolean {
  const sent =
    (((bytes[at + 3] ?? 0) << 24) |
      ((bytes[at + 4] ?? 0) << 16) |
      ((bytes[at + 5] ?? 0) << 8) |
      (bytes[at + 6] ?? 0)) >>>
    0;
  return (
    next - at === OPTION_HEAD + AUTHENTICATION_DATA_LENGTH &&
    bytes[at + 2] === AuthenticationSubtype.MN_HA &&
    sent === spi
  );
}
