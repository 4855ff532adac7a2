import type { OctetWriter } from '#wire/octet-writer.ts';
import { type RecordReader, writeBlock, writeDuration, writePrefix, writeTime } from '../record-octets.ts';
import type { Authorization } from './authorization.ts';

const SERVICES = ['ipv4', 'ipv6', 'dual'] as const;

const Field = {
  SERVICE: 1,
  APN: 2,
  NETWORK: 4,
  MULTIHOMED: 8,
  SINGLE_HOMED: 16,
  HOME_ADDRESS: 32,
  PREFIXES: 64,
  SESSION_ENDS: 128,
  INTERIM: 256,
} as const;
const ALL_FIELDS = 511;

/** 16 bits of flags, then what they say, in their order: lists have an octet of length, texts and blocks 16 bits; the classes at the end. */
export function writeAuthorization(out: OctetWriter, authorization: Authorization): void {
  const { service, apn, network, homeAddress, prefixes, sessionEnds, interimInterval, classes } = authorization;
  out.u16(fieldsOf(authorization));
  if (service) out.u8(SERVICES.indexOf(service));
  if (apn !== undefined) out.text(apn);
  if (network !== undefined) out.text(network);
  if (homeAddress) out.ipv4(homeAddress.address).u8(homeAddress.prefixLength).ipv4(homeAddress.defaultRouter);
  if (prefixes) {
    out.u8(prefixes.length);
    for (const prefix of prefixes) writePrefix(out, prefix);
  }
  if (sessionEnds !== undefined) writeTime(out, sessionEnds);
  if (interimInterval !== undefined) writeDuration(out, interimInterval);
  out.u8(classes.length);
  for (const each of classes) writeBlock(out, each);
}

export function readAuthorization(input: RecordReader): Authorization {
  const fields = input.u16();
  if (fields > ALL_FIELDS) input.failed = true;
  const has = (field: number) => (fields & field) !== 0;
  const service = has(Field.SERVICE) && {
    service: SERVICES[input.below(SERVICES.length)] as (typeof SERVICES)[number],
  };
  const apn = has(Field.APN) && { apn: input.text() };
  const network = has(Field.NETWORK) && { network: input.text() };
  const homeAddress = has(Field.HOME_ADDRESS) && {
    homeAddress: { address: input.ipv4(), prefixLength: input.u8(), defaultRouter: input.ipv4() },
  };
  const prefixes = has(Field.PREFIXES) && { prefixes: Array.from({ length: input.u8() }, () => input.prefix()) };
  const sessionEnds = has(Field.SESSION_ENDS) && { sessionEnds: input.time() };
  const interimInterval = has(Field.INTERIM) && { interimInterval: input.duration() };
  return {
    ...service,
    ...apn,
    ...network,
    ...(has(Field.MULTIHOMED) && { multihomed: true }),
    ...(has(Field.SINGLE_HOMED) && { multihomed: false }),
    ...homeAddress,
    ...prefixes,
    ...sessionEnds,
    ...interimInterval,
    classes: Array.from({ length: input.u8() }, () => input.block()),
  };
}

function fieldsOf(authorization: Authorization): number {
  const { service, apn, network, multihomed, homeAddress, prefixes, sessionEnds, interimInterval } = authorization;
  return (
    (service ? Field.SERVICE : 0) |
    (apn !== undefined ? Field.APN : 0) |
    (network !== undefined ? Field.NETWORK : 0) |
    (multihomed === true ? Field.MULTIHOMED : 0) |
    (multihomed === false ? Field.SINGLE_HOMED : 0) |
    (homeAddress ? Field.HOME_ADDRESS : 0) |
    (prefixes ? Field.PREFIXES : 0) |
    (sessionEnds !== undefined ? Field.SESSION_ENDS : 0) |
    (interimInterval !== undefined ? Field.INTERIM : 0)
  );
}
