import { readI32 } from '#base/bytes.ts';
import { characters } from '#base/characters.ts';
import { hashOfWords } from '#base/hash.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import { copyOctets } from '#wire/octets.ts';
import {
  RecordReader,
  writeAddress,
  writeDuration,
  writeEncapsulation,
  writePrefix,
  writeTime,
} from '../record-octets.ts';
import { readAuthorization, writeAuthorization } from './authorization-codec.ts';
import type { CareOfAddress } from './binding.ts';
import type { BindingRecord } from './record.ts';

/**
 * A binding in the store, without its id, which is its key there. Version 1:
 *
 * ```
 *  octets
 *     1    version                     2    flags: which of the optional fields there are
 *     1    state                       2    customer
 *     1    subtype of the identifier   …    identifier, name, link-layer identifier (each 16 bits of length first)
 *     1    access technology           1    number of care-of addresses, and each: address, local address, port (0: none), encapsulation
 *     4    lifetime in ms              8,8,8  end, end of what was granted, registration: microseconds since 1970
 *     2    sequence number             1    number of prefixes, and each: length, address
 *     …    home address 4, prefix length 1, default router 4; link-local address 16; timestamp 6 + 2; message identifier 4 + 4;
 *          service; uplink key 4; authorization
 * ```
 */
export const BINDING_RECORD_VERSION = 1;

const STATES = ['active', 'deleting', 'revoking', 'invalid', 'resting'] as const;

export const Field = {
  HOME_ADDRESS: 1,
  LINK_LOCAL: 2,
  TIMESTAMP: 4,
  MESSAGE_ID: 8,
  SERVICE: 16,
  UPLINK_KEY: 32,
  AUTHORIZATION: 64,
} as const;
const ALL_FIELDS = 127;

/** Octets of a list of care-of addresses before the first address. */
const BEFORE_ADDRESS = 2;
/** By a hash of the first address: what was read last, of those of so many different ones. A power of two. */
const KNOWN_CARE_OF = 256;
const knownCareOf: (
  | { readonly octets: Uint8Array; readonly careOfAddresses: BindingRecord['careOfAddresses'] }
  | undefined
)[] = new Array(KNOWN_CARE_OF).fill(undefined);

const writer = new OctetWriter();

/** The octets hold until the next record is encoded. */
export function encodeBindingRecord(record: BindingRecord): Uint8Array {
  const { mobileNode, homeAddress, timestamp, messageId } = record;
  const out = writer.begin();
  out.u8(BINDING_RECORD_VERSION).u16(fieldsOf(record)).u8(STATES.indexOf(record.state)).u16(record.customer);
  out.u8(mobileNode.subtype);
  out.characters(mobileNode.identifier).text(mobileNode.name).hex(record.interface.linkLayerIdentifier);
  out.u8(record.interface.accessTechnology).u8(record.careOfAddresses.length);
  for (const careOf of record.careOfAddresses) writeCareOf(out, careOf);
  writeDuration(out, record.lifetime);
  writeTime(out, record.endsAt);
  writeTime(out, record.grantedUntil);
  writeTime(out, record.registeredAt);
  out.u16(record.sequence).u8(record.prefixes.length);
  for (const prefix of record.prefixes) writePrefix(out, prefix);
  if (homeAddress) out.ipv4(homeAddress.address).u8(homeAddress.prefixLength).ipv4(homeAddress.defaultRouter);
  if (record.linkLocalAddress) out.ipv6(record.linkLocalAddress);
  if (timestamp) writeTimestamp(out, timestamp.seconds, timestamp.fraction);
  if (messageId) out.u32(messageId.seconds).u32(messageId.fraction);
  if (record.service !== undefined) out.text(record.service);
  if (record.uplinkKey !== undefined) out.u32(record.uplinkKey);
  if (record.authorization) writeAuthorization(out, record.authorization);
  return out.view();
}

/** `undefined` when the octets are not of this version, or not whole. */
export function decodeBindingRecord(id: string, octets: Uint8Array): BindingRecord | undefined {
  const input = new RecordReader(octets);
  if (input.u8() !== BINDING_RECORD_VERSION) return undefined;
  const fields = input.u16();
  const state = STATES[input.below(STATES.length)] as BindingRecord['state'];
  const customer = input.u16();
  const subtype = input.u8();
  const mobileNode = readNames(input, octets, subtype);
  const linkLayerIdentifier = input.hex();
  const accessTechnology = input.u8();
  const careOfAddresses = readCareOfAddresses(input, octets);
  const lifetime = input.duration();
  const endsAt = input.time();
  const grantedUntil = input.time();
  const registeredAt = input.time();
  const sequence = input.u16();
  const prefixes: Ipv6Prefix[] = [];
  for (let left = input.u8(); left > 0; left--) prefixes.push(input.prefix());
  const record: BindingRecord | undefined = careOfAddresses && {
    id,
    state,
    customer,
    mobileNode,
    interface: { linkLayerIdentifier, accessTechnology },
    careOfAddresses,
    homeAddress:
      fields & Field.HOME_ADDRESS
        ? { address: input.ipv4(), prefixLength: input.u8(), defaultRouter: input.ipv4() }
        : undefined,
    prefixes,
    linkLocalAddress: fields & Field.LINK_LOCAL ? input.ipv6() : undefined,
    lifetime,
    endsAt,
    grantedUntil,
    registeredAt,
    timestamp:
      fields & Field.TIMESTAMP ? { seconds: input.u16() * 2 ** 32 + input.u32(), fraction: input.u16() } : undefined,
    messageId: fields & Field.MESSAGE_ID ? { seconds: input.u32(), fraction: input.u32() } : undefined,
    sequence,
    service: fields & Field.SERVICE ? input.text() : undefined,
    uplinkKey: fields & Field.UPLINK_KEY ? input.u32() : undefined,
  };
  const whole =
    fields & Field.AUTHORIZATION && record ? { ...record, authorization: readAuthorization(input) } : record;
  return input.failed || !input.atEnd || fields > ALL_FIELDS ? undefined : whole;
}

/** Whether `decodeBindingRecord` reads the octets; an order of magnitude quicker, as nothing is made of them. */
export function isBindingRecord(octets: Uint8Array): boolean {
  const input = new RecordReader(octets);
  if (input.u8() !== BINDING_RECORD_VERSION) return false;
  const fields = input.u16();
  input.below(STATES.length);
  input.skip(3);
  input.skipBlock();
  input.skipBlock();
  input.skipBlock();
  input.skip(1);
  if (skipCareOfAddresses(input) === 0) return false;
  input.skip(4 + 3 * 8 + 2);
  for (let left = input.u8(); left > 0; left--) input.skipPrefix();
  if (fields & Field.HOME_ADDRESS) input.skip(9);
  if (fields & Field.LINK_LOCAL) input.skip(16);
  if (fields & Field.TIMESTAMP) input.skip(8);
  if (fields & Field.MESSAGE_ID) input.skip(8);
  if (fields & Field.SERVICE) input.skipBlock();
  if (fields & Field.UPLINK_KEY) input.skip(4);
  if (fields & Field.AUTHORIZATION) readAuthorization(input);
  return !input.failed && input.atEnd && fields <= ALL_FIELDS;
}

function fieldsOf(record: BindingRecord): number {
  return (
    (record.homeAddress ? Field.HOME_ADDRESS : 0) |
    (record.linkLocalAddress ? Field.LINK_LOCAL : 0) |
    (record.timestamp ? Field.TIMESTAMP : 0) |
    (record.messageId ? Field.MESSAGE_ID : 0) |
    (record.service !== undefined ? Field.SERVICE : 0) |
    (record.uplinkKey !== undefined ? Field.UPLINK_KEY : 0) |
    (record.authorization ? Field.AUTHORIZATION : 0)
  );
}

export function writeCareOf(out: OctetWriter, { address, local, port, encapsulation }: CareOfAddress): void {
  writeAddress(out, address);
  writeAddress(out, local);
  out.u16(port ?? 0);
  writeEncapsulation(out, encapsulation);
}

export function writeTimestamp(out: OctetWriter, seconds: number, fraction: number): void {
  out.u16(Math.floor(seconds / 2 ** 32)).u32(seconds % 2 ** 32);
  out.u16(fraction);
}

/** The name is nearly always the identifier. */
function readNames(input: RecordReader, octets: Uint8Array, subtype: number): BindingRecord['mobileNode'] {
  const start = input.at;
  input.skipBlock();
  const middle = input.at;
  const name = input.text();
  const isSame = middle - start === input.at - middle && isSameAscii(octets, start, middle, input.at);
  return { subtype, identifier: isSame ? name : characters(octets, start + 2, middle), name };
}

function isSameAscii(octets: Uint8Array, from: number, middle: number, end: number): boolean {
  for (let a = from, b = middle; b < end; a++, b++)
    if (octets[a] !== octets[b] || (octets[a] as number) > 0x7f) return false;
  return true;
}

/** The same value for the same octets, as nearly all bindings of a MAG have; `undefined` when there is none. */
function readCareOfAddresses(input: RecordReader, octets: Uint8Array): BindingRecord['careOfAddresses'] | undefined {
  const start = input.at;
  const at = start + BEFORE_ADDRESS;
  const hash = hashOfWords(
    readI32(octets, at),
    readI32(octets, at + 4),
    readI32(octets, at + 8),
    readI32(octets, at + 12),
    31,
  );
  const place = hash & (KNOWN_CARE_OF - 1);
  const known = knownCareOf[place];
  if (known && beginsWith(octets, start, known.octets)) {
    input.skip(known.octets.length);
    return known.careOfAddresses;
  }
  if (skipCareOfAddresses(input) === 0 || input.failed) return undefined;
  const own = copyOctets(octets, start, input.at);
  const again = new RecordReader(own);
  const careOfAddresses = Array.from({ length: again.u8() }, () => readCareOf(again));
  const shared = careOfAddresses as unknown as BindingRecord['careOfAddresses'];
  knownCareOf[place] = { octets: own, careOfAddresses: shared };
  return shared;
}

/** How many there are. */
function skipCareOfAddresses(input: RecordReader): number {
  const count = input.u8();
  for (let left = count; left > 0; left--) {
    input.skipAddress();
    input.skipAddress();
    input.skip(2);
    input.skipEncapsulation();
  }
  return count;
}

function beginsWith(octets: Uint8Array, from: number, expected: Uint8Array): boolean {
  for (let i = expected.length - 1; i >= 0; i--) if (expected[i] !== octets[from + i]) return false;
  return true;
}

function readCareOf(input: RecordReader): CareOfAddress {
  const address = input.address();
  const local = input.address();
  const port = input.u16();
  return { address, local, ...(port !== 0 && { port }), encapsulation: input.encapsulation() };
}
