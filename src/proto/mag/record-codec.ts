import { OctetSlab } from '#base/octet-slab.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import {
  RecordReader,
  writeAddress,
  writeDuration,
  writeEncapsulation,
  writePrefix,
  writeTime,
} from '../record-octets.ts';
import { readNaming, skipNaming, writeNaming } from './naming-codec.ts';
import { readProfile, skipProfile, writeProfile } from './profile-codec.ts';
import type { SessionRecord } from './record.ts';

/**
 * A session in the store, without its id, which is its key there. Version 1:
 *
 * ```
 *  octets
 *     1    version                     1    flags: which of the optional fields there are
 *     6    link-layer address          …    NAI, interface, LMA (each 16 bits of length first)
 *     2    sequence number             4    lifetime in ms                 8    its end: microseconds since 1970
 *     …    local and remote address of the path, encapsulation             16   link-local address of the gateway
 *     1    number of prefixes, and each: length, address
 *     …    home address 4, prefix length 1, default router 4; downlink key 4; refresh advice in ms 4; profile; end of the session 8; naming;
 *          end of the lease 8
 * ```
 */
export const SESSION_RECORD_VERSION = 1;

const Field = {
  HOME_ADDRESS: 1,
  DOWNLINK_KEY: 2,
  REFRESH_ADVICE: 4,
  DHCP_SERVER: 8,
  DHCP_RELAY: 16,
  SESSION_ENDS: 32,
  NAMING: 64,
  LEASE_ENDS: 128,
} as const;

const writer = new OctetWriter();
const slab = new OctetSlab();

export function encodeSessionRecord(record: SessionRecord): Uint8Array {
  const { homeAddress, path } = record;
  const out = writer.begin();
  out.u8(SESSION_RECORD_VERSION).u8(fieldsOf(record)).mac(record.mac);
  out.text(record.nai);
  out.text(record.interface);
  out.text(record.lma);
  out.u16(record.sequence);
  writeDuration(out, record.lifetime);
  writeTime(out, record.expires);
  writeAddress(out, path.local);
  writeAddress(out, path.remote);
  writeEncapsulation(out, path.encapsulation);
  out.ipv6(record.linkLocal).u8(record.prefixes.length);
  for (const prefix of record.prefixes) writePrefix(out, prefix);
  if (homeAddress) out.ipv4(homeAddress.address).u8(homeAddress.prefixLength).ipv4(homeAddress.defaultRouter);
  if (record.downlinkKey !== undefined) out.u32(record.downlinkKey);
  if (record.refreshAdvice !== undefined) writeDuration(out, record.refreshAdvice);
  writeProfile(out, record.profile);
  if (record.sessionEnds !== undefined) writeTime(out, record.sessionEnds);
  if (record.profile.naming) writeNaming(out, record.profile.naming);
  if (record.leaseEnds !== undefined) writeTime(out, record.leaseEnds);
  return slab.copy(out.view());
}

/** `undefined` when the octets are not of this version, or not whole. */
export function decodeSessionRecord(id: string, octets: Uint8Array): SessionRecord | undefined {
  const input = new RecordReader(octets);
  if (input.u8() !== SESSION_RECORD_VERSION) return undefined;
  const fields = input.u8();
  const has = (field: number) => (fields & field) !== 0;
  const record: Omit<SessionRecord, 'leaseEnds'> = {
    id,
    mac: input.mac(),
    nai: input.text(),
    interface: input.text(),
    lma: input.text(),
    sequence: input.u16(),
    lifetime: input.duration(),
    expires: input.time(),
    path: { local: input.address(), remote: input.address(), encapsulation: input.encapsulation() },
    linkLocal: input.ipv6(),
    prefixes: Array.from({ length: input.u8() }, () => input.prefix()),
    homeAddress: has(Field.HOME_ADDRESS)
      ? { address: input.ipv4(), prefixLength: input.u8(), defaultRouter: input.ipv4() }
      : undefined,
    downlinkKey: has(Field.DOWNLINK_KEY) ? input.u32() : undefined,
    refreshAdvice: has(Field.REFRESH_ADVICE) ? input.duration() : undefined,
    profile: readProfile(input),
    sessionEnds: has(Field.SESSION_ENDS) ? input.time() : undefined,
    dhcpSupport: has(Field.DHCP_SERVER) ? 'server' : has(Field.DHCP_RELAY) ? 'relay' : undefined,
  };
  const naming = has(Field.NAMING) && { naming: readNaming(input) };
  const leaseEnds = has(Field.LEASE_ENDS) ? input.time() : undefined;
  if (input.failed || !input.atEnd) return undefined;
  return { ...record, leaseEnds, ...(naming && { profile: { ...record.profile, ...naming } }) };
}

/** Whether `decodeSessionRecord` reads the octets; several times as quick, as nothing is made of them. */
export function isSessionRecord(octets: Uint8Array): boolean {
  const input = new RecordReader(octets);
  if (input.u8() !== SESSION_RECORD_VERSION) return false;
  const fields = input.u8();
  input.skip(6);
  input.skipBlock();
  input.skipBlock();
  input.skipBlock();
  input.skip(2 + 4 + 8);
  input.skipAddress();
  input.skipAddress();
  input.skipEncapsulation();
  input.skip(16);
  for (let left = input.u8(); left > 0; left--) input.skipPrefix();
  if (fields & Field.HOME_ADDRESS) input.skip(9);
  if (fields & Field.DOWNLINK_KEY) input.skip(4);
  if (fields & Field.REFRESH_ADVICE) input.skip(4);
  skipProfile(input);
  if (fields & Field.SESSION_ENDS) input.skip(8);
  if (fields & Field.NAMING) skipNaming(input);
  if (fields & Field.LEASE_ENDS) input.skip(8);
  return !input.failed && input.atEnd;
}

function fieldsOf(record: SessionRecord): number {
  return (
    (record.homeAddress ? Field.HOME_ADDRESS : 0) |
    (record.downlinkKey !== undefined ? Field.DOWNLINK_KEY : 0) |
    (record.refreshAdvice !== undefined ? Field.REFRESH_ADVICE : 0) |
    (record.dhcpSupport === 'server' ? Field.DHCP_SERVER : 0) |
    (record.dhcpSupport === 'relay' ? Field.DHCP_RELAY : 0) |
    (record.sessionEnds !== undefined ? Field.SESSION_ENDS : 0) |
    (record.profile.naming ? Field.NAMING : 0) |
    (record.leaseEnds !== undefined ? Field.LEASE_ENDS : 0)
  );
}
