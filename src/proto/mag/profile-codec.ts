import { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { OctetWriter } from '#wire/octet-writer.ts';
import { type RecordReader, writePrefix } from '../record-octets.ts';
import type { MagProfile } from './policy-profile.ts';

const SERVICES = ['ipv4', 'ipv6', 'dual'] as const;

const Field = {
  APN: 1,
  LMA: 2,
  LMA_IPV6: 4,
  LMA_IPV4: 8,
  NETWORK: 16,
  MULTIHOMED: 32,
  SINGLE_HOMED: 64,
  KEY_UP: 128,
  KEY_DOWN: 256,
  KEYS: 512,
  LMA_ADDRESSES: 1024,
  LOCAL_ROUTING: 2048,
  NO_LOCAL_ROUTING: 4096,
  ADDRESSES: 8192,
  DHCP_SERVER: 16384,
  WITHOUT_EFFECT: 32768,
} as const;
const NO_ADDRESS = 255;

/** 16 bits of flags, 8 of service, the NAI, then what the flags say, in their order. */
export function writeProfile(out: OctetWriter, profile: MagProfile): void {
  const { apn, lma, lmaAddresses, network, greKeys, addresses, dhcpServer, withoutEffect } = profile;
  out.u16(fieldsOf(profile)).u8(SERVICES.indexOf(profile.service));
  out.text(profile.nai);
  if (apn !== undefined) out.text(apn);
  if (lma !== undefined) out.text(lma);
  if (lmaAddresses?.ipv6) out.ipv6(lmaAddresses.ipv6);
  if (lmaAddresses?.ipv4) out.ipv4(lmaAddresses.ipv4);
  if (network !== undefined) out.text(network);
  if (greKeys?.up !== undefined) out.u32(greKeys.up);
  if (greKeys?.down !== undefined) out.u32(greKeys.down);
  if (addresses) writeAddresses(out, addresses);
  if (dhcpServer) out.ipv4(dhcpServer);
  if (withoutEffect) out.text(withoutEffect.join(' '));
}

/** The length of the home address's prefix and the address, or 255; an octet that counts the prefixes, and these. */
function writeAddresses(out: OctetWriter, { homeAddress, prefixes }: NonNullable<MagProfile['addresses']>): void {
  if (homeAddress) out.u8(homeAddress.length).ipv4(homeAddress.address);
  else out.u8(NO_ADDRESS);
  out.u8(prefixes.length);
  for (const prefix of prefixes) writePrefix(out, prefix);
}

function readAddresses(input: RecordReader): NonNullable<MagProfile['addresses']> {
  const length = input.u8();
  if (length > 32 && length !== NO_ADDRESS) input.failed = true;
  const homeAddress = length > 32 ? undefined : new Ipv4Prefix(input.ipv4(), length);
  const prefixes = Array.from({ length: input.u8() }, () => input.prefix());
  return { ...(homeAddress && { homeAddress }), prefixes };
}

export function readProfile(input: RecordReader): MagProfile {
  const fields = input.u16();
  const has = (field: number) => (fields & field) !== 0;
  const service = SERVICES[input.below(SERVICES.length)] as MagProfile['service'];
  const nai = input.text();
  const apn = has(Field.APN) && { apn: input.text() };
  const lma = has(Field.LMA) && { lma: input.text() };
  const ipv6 = has(Field.LMA_IPV6) && { ipv6: input.ipv6() };
  const ipv4 = has(Field.LMA_IPV4) && { ipv4: input.ipv4() };
  const network = has(Field.NETWORK) && { network: input.text() };
  const up = has(Field.KEY_UP) && { up: input.u32() };
  const down = has(Field.KEY_DOWN) && { down: input.u32() };
  const addresses = has(Field.ADDRESSES) && { addresses: readAddresses(input) };
  const dhcpServer = has(Field.DHCP_SERVER) && { dhcpServer: input.ipv4() };
  const withoutEffect = has(Field.WITHOUT_EFFECT) && { withoutEffect: input.text().split(' ') };
  return {
    nai,
    ...apn,
    ...lma,
    ...(has(Field.LMA_ADDRESSES) && { lmaAddresses: { ...ipv6, ...ipv4 } }),
    service,
    ...network,
    ...(has(Field.MULTIHOMED) && { multihomed: true }),
    ...(has(Field.SINGLE_HOMED) && { multihomed: false }),
    ...(has(Field.LOCAL_ROUTING) && { localRouting: true }),
    ...(has(Field.NO_LOCAL_ROUTING) && { localRouting: false }),
    ...(has(Field.KEYS) && { greKeys: { ...up, ...down } }),
    ...addresses,
    ...dhcpServer,
    ...withoutEffect,
  };
}

/** Goes past what `readProfile` reads. */
export function skipProfile(input: RecordReader): void {
  const fields = input.u16();
  input.below(SERVICES.length);
  input.skipBlock();
  if (fields & Field.APN) input.skipBlock();
  if (fields & Field.LMA) input.skipBlock();
  if (fields & Field.LMA_IPV6) input.skip(16);
  if (fields & Field.LMA_IPV4) input.skip(4);
  if (fields & Field.NETWORK) input.skipBlock();
  if (fields & Field.KEY_UP) input.skip(4);
  if (fields & Field.KEY_DOWN) input.skip(4);
  if (fields & Field.ADDRESSES) skipAddresses(input);
  if (fields & Field.DHCP_SERVER) input.skip(4);
  if (fields & Field.WITHOUT_EFFECT) input.skipBlock();
}

function skipAddresses(input: RecordReader): void {
  const length = input.u8();
  if (length > 32 && length !== NO_ADDRESS) input.failed = true;
  if (length <= 32) input.skip(4);
  for (let left = input.u8(); left > 0; left--) input.skipPrefix();
}

function fieldsOf({ apn, lma, lmaAddresses, network, multihomed, localRouting, greKeys, ...more }: MagProfile): number {
  return (
    (more.addresses ? Field.ADDRESSES : 0) |
    (more.dhcpServer ? Field.DHCP_SERVER : 0) |
    (more.withoutEffect ? Field.WITHOUT_EFFECT : 0) |
    (apn !== undefined ? Field.APN : 0) |
    (lma !== undefined ? Field.LMA : 0) |
    (lmaAddresses ? Field.LMA_ADDRESSES : 0) |
    (lmaAddresses?.ipv6 ? Field.LMA_IPV6 : 0) |
    (lmaAddresses?.ipv4 ? Field.LMA_IPV4 : 0) |
    (network !== undefined ? Field.NETWORK : 0) |
    (multihomed === true ? Field.MULTIHOMED : 0) |
    (multihomed === false ? Field.SINGLE_HOMED : 0) |
    (localRouting === true ? Field.LOCAL_ROUTING : 0) |
    (localRouting === false ? Field.NO_LOCAL_ROUTING : 0) |
    (greKeys ? Field.KEYS : 0) |
    (greKeys?.up !== undefined ? Field.KEY_UP : 0) |
    (greKeys?.down !== undefined ? Field.KEY_DOWN : 0)
  );
}
