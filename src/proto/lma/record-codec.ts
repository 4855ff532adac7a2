import { characters, fromHex, octetsOf, toHex } from '#base/bytes.ts';
import { OctetSlab } from '#base/octet-slab.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import {
  RecordReader,
  writeAddress,
  writeBlock,
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

const Field = {
  HOME_ADDRESS: 1,
  LINK_LOCAL: 2,
  TIMESTAMP: 4,
  MESSAGE_ID: 8,
  SERVICE: 16,
  UPLINK_KEY: 32,
  AUTHORIZATION: 64,
} as const;
const ALL_FIELDS = 127;
const NO_OCTETS = new Uint8Array();

const writer = new OctetWriter();
const slab = new OctetSlab();

export function encodeBindingRecord(record: BindingRecord): Uint8Array {
  const { mobileNode, homeAddress, timestamp, messageId } = record;
  const out = writer.begin();
  out.u8(BINDING_RECORD_VERSION).u16(fieldsOf(record)).u8(STATES.indexOf(record.state)).u16(record.customer);
  out.u8(mobileNode.subtype);
  writeBlock(out, octetsOf(mobileNode.identifier));
  out.text(mobileNode.name);
  writeBlock(out, fromHex(record.interface.linkLayerIdentifier) ?? NO_OCTETS);
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
  if (timestamp) {
    out.u16(Math.floor(timestamp.seconds / 2 ** 32)).u32(timestamp.seconds % 2 ** 32);
    out.u16(timestamp.fraction);
  }
  if (messageId) out.u32(messageId.seconds).u32(messageId.fraction);
  if (record.service !== undefined) out.text(record.service);
  if (record.uplinkKey !== undefined) out.u32(record.uplinkKey);
  if (record.authorization) writeAuthorization(out, record.authorization);
  return slab.copy(out.view());
}

/** `undefined` when the octets are not of this version, or not whole. */
export function decodeBindingRecord(id: string, octets: Uint8Array): BindingRecord | undefined {
  const input = new RecordReader(octets);
  if (input.u8() !== BINDING_RECORD_VERSION) return undefined;
  const fields = input.u16();
  const has = (field: number) => (fields & field) !== 0;
  const state = STATES[input.oneOf([0, 1, 2, 3, 4])] as BindingRecord['state'];
  const customer = input.u16();
  const subtype = input.u8();
  const identifier = characters(input.block());
  const name = input.text();
  const mobileNode = { subtype, identifier: identifier === name ? name : identifier, name };
  const linkLayerIdentifier = toHex(input.block());
  const accessTechnology = input.u8();
  const [first, ...more] = Array.from({ length: input.u8() }, () => readCareOf(input));
  const lifetime = input.duration();
  const [endsAt, grantedUntil, registeredAt] = [input.time(), input.time(), input.time()] as const;
  const sequence = input.u16();
  const prefixes = Array.from({ length: input.u8() }, () => input.prefix());
  const record: BindingRecord | undefined = first && {
    id,
    state,
    customer,
    mobileNode,
    interface: { linkLayerIdentifier, accessTechnology },
    careOfAddresses: [first, ...more],
    homeAddress: has(Field.HOME_ADDRESS)
      ? { address: input.ipv4(), prefixLength: input.u8(), defaultRouter: input.ipv4() }
      : undefined,
    prefixes,
    linkLocalAddress: has(Field.LINK_LOCAL) ? input.ipv6() : undefined,
    lifetime,
    endsAt,
    grantedUntil,
    registeredAt,
    timestamp: has(Field.TIMESTAMP)
      ? { seconds: input.u16() * 2 ** 32 + input.u32(), fraction: input.u16() }
      : undefined,
    messageId: has(Field.MESSAGE_ID) ? { seconds: input.u32(), fraction: input.u32() } : undefined,
    sequence,
    service: has(Field.SERVICE) ? input.text() : undefined,
    uplinkKey: has(Field.UPLINK_KEY) ? input.u32() : undefined,
    ...(has(Field.AUTHORIZATION) && { authorization: readAuthorization(input) }),
  };
  return input.failed || !input.atEnd || fields > ALL_FIELDS ? undefined : record;
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

function writeCareOf(out: OctetWriter, { address, local, port, encapsulation }: CareOfAddress): void {
  writeAddress(out, address);
  writeAddress(out, local);
  out.u16(port ?? 0);
  writeEncapsulation(out, encapsulation);
}

function readCareOf(input: RecordReader): CareOfAddress {
  const address = input.address();
  const local = input.address();
  const port = input.u16();
  return { address, local, ...(port !== 0 && { port }), encapsulation: input.encapsulation() };
}
