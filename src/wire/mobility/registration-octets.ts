/**
 * Registrations as octets, for whoever has had the same before: a Proxy Binding Update that asks once more for what an earlier one asked for differs from it only in
 * its checksum, its sequence number, its timestamp (RFC 5213 §8.8 "Timestamp Option") and its authentication data (RFC 4285 §5.1 "MN-HA Mobility Message
 * Authentication Option"); and so do the two acknowledgements.
 */
import { readU16 } from '#base/bytes.ts';
import { hashOfOctets } from '#base/hash.ts';
import { readU48 } from '../octets.ts';
import { MN_HA_DATA_LENGTH, OPTION_HEAD } from './authentication-data.ts';
import { optionEnd } from './option-list.ts';
import { AuthenticationSubtype, authentication } from './options/authentication.ts';
import { type TimestampOption, timestamp } from './options/timestamp.ts';

// RFC 6275 §6.1.7 "Binding Update Message": the checksum is followed by the sequence number.
const BINDING_UPDATE = 5;
const CHECKSUM_AT = 4;
const SEQUENCE_AT = 6;
const FLAGS_AT = 8;
/** RFC 6275 §6.1.8 "Binding Acknowledgement Message" */
const ACKNOWLEDGED_SEQUENCE_AT = 8;
/** Of both. */
const OPTIONS_AT = 12;
const PAD1 = 0;
const TIMESTAMP_LENGTH = 8;
/** Of an offset: no header is longer. */
const OFFSET_BITS = 12;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;

/** Where the timestamp of a registration is, and above that its authentication data, behind it: offsets of 12 bits, 0 for none. */
export type ChangingParts = number & { readonly changingParts: true };

/** Whether these are the octets of a Binding Update. */
export function isBindingUpdate(octets: Uint8Array): boolean {
  return octets[2] === BINDING_UPDATE;
}

/**
 * `undefined` where the octets end elsewhere than their header says, have no timestamp, or have authentication that is no MN-HA option behind it. Nothing else is looked
 * at.
 */
export function changingPartsOf(octets: Uint8Array): ChangingParts | undefined {
  const end = octets.length;
  if (end < OPTIONS_AT || ((octets[1] as number) + 1) * 8 !== end) return undefined;
  let stampAt = 0;
  let dataAt = 0;
  for (let at = OPTIONS_AT; at < end; ) {
    const type = octets[at] as number;
    const next = type === PAD1 ? at + 1 : optionEnd(octets, at);
    if (!(next <= end)) return undefined;
    if (type === timestamp.type) {
      if (stampAt > 0 || dataAt > 0 || next - at !== 2 + TIMESTAMP_LENGTH) return undefined;
      stampAt = at + 2;
    } else if (type === authentication.type) {
      const isOfGateway =
        octets[at + 2] === AuthenticationSubtype.MN_HA && next - at === OPTION_HEAD + MN_HA_DATA_LENGTH;
      if (stampAt === 0 || dataAt > 0 || !isOfGateway) return undefined;
      dataAt = at + OPTION_HEAD;
    }
    at = next;
  }
  return stampAt === 0 ? undefined : ((stampAt | (dataAt << OFFSET_BITS)) as ChangingParts);
}

/** Of what does not change in an update. `multiplier`: odd; who does not know it cannot choose octets of one hash. */
export function hashOfLasting(octets: Uint8Array, parts: ChangingParts, multiplier: number): number {
  const stampAt = parts & OFFSET_MASK;
  const dataAt = parts >>> OFFSET_BITS || octets.length;
  const hash = hashOfOctets(octets, FLAGS_AT, stampAt, octets.length, multiplier);
  return hashOfOctets(octets, stampAt + TIMESTAMP_LENGTH, dataAt, hash, multiplier);
}

/** Whether another update, of which `parts` holds and which begins at `from` of some octets, has the same but for what changes. */
export function isAlike(octets: Uint8Array, parts: ChangingParts, others: Uint8Array, from: number): boolean {
  const stampAt = parts & OFFSET_MASK;
  const dataAt = parts >>> OFFSET_BITS || octets.length;
  return (
    isSame(octets, 0, CHECKSUM_AT, others, from) &&
    isSame(octets, FLAGS_AT, stampAt, others, from) &&
    isSame(octets, stampAt + TIMESTAMP_LENGTH, dataAt, others, from) &&
    isSame(octets, dataAt + MN_HA_DATA_LENGTH, octets.length, others, from)
  );
}

/** Of an update. */
export function sequenceOf(octets: Uint8Array): number {
  return readU16(octets, SEQUENCE_AT);
}

export function timestampOf(octets: Uint8Array, parts: ChangingParts): Omit<TimestampOption, 'kind'> {
  const at = parts & OFFSET_MASK;
  return { seconds: readU48(octets, at), fraction: readU16(octets, at + 6) };
}

/** Makes the answer to an earlier request that to this one: with its sequence number and its timestamp (RFC 5213 §5.5(7) "Timestamp Option for Message Ordering"). */
export function answerAs(
  answer: Uint8Array,
  answerParts: ChangingParts,
  request: Uint8Array,
  requestParts: ChangingParts,
): void {
  for (let i = 0; i < 2; i++) answer[ACKNOWLEDGED_SEQUENCE_AT + i] = request[SEQUENCE_AT + i] as number;
  const [to, from] = [answerParts & OFFSET_MASK, requestParts & OFFSET_MASK];
  for (let i = 0; i < TIMESTAMP_LENGTH; i++) answer[to + i] = request[from + i] as number;
}

function isSame(octets: Uint8Array, start: number, end: number, others: Uint8Array, from: number): boolean {
  for (let at = start; at < end; at++) if (octets[at] !== others[from + at]) return false;
  return true;
}
