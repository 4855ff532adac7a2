/** The DHCPv6 options that a server without leases needs; those with addresses or prefixes stay unknown. The types follow from the array. */
import { readU16, readU32 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import { decodeDomainNames, writeDomainName } from '../domain-names.ts';
import { WireFault } from '../error.ts';
import type { OctetWriter } from '../octet-writer.ts';
import { copyOctets, decodeTextLeniently, encodeText } from '../octets.ts';
import { fromSecondsOrInfinite, toSecondsOrInfinite, toUnits } from '../time-units.ts';

export interface Dhcpv6OptionCodec<Option extends { readonly kind: string }> {
  readonly code: number;
  readonly kind: Option['kind'];
  readonly name: string;
  readonly rfc: string;
  readonly minimumLength: number;
  readonly maximumLength: number;
  /** The data is this many items of that length. */
  readonly multipleOf: number;
  decode(bytes: Uint8Array, at: number, end: number): Option | WireFault;
  encode(option: Option, out: OctetWriter): void;
}

export interface DuidOption<Kind extends string> {
  readonly kind: Kind;
  /** At most 130 octets. */
  readonly duid: Uint8Array;
}

export interface OptionRequestOption {
  readonly kind: 'option-request';
  readonly codes: readonly number[];
}

export interface ElapsedTimeOption {
  readonly kind: 'elapsed-time';
  /** At most 655.35 s. */
  readonly elapsed: Duration;
}

export interface StatusCodeOption {
  readonly kind: 'status-code';
  /** 0: success. */
  readonly status: number;
  readonly message: string;
}

export interface RapidCommitOption {
  readonly kind: 'rapid-commit';
}

export interface DnsServersOption {
  readonly kind: 'dns-servers';
  readonly addresses: readonly Ipv6Address[];
}

export interface DomainListOption {
  readonly kind: 'domain-list';
  readonly domains: readonly string[];
}

export interface InformationRefreshTimeOption {
  readonly kind: 'information-refresh-time';
  /** May be infinite. */
  readonly duration: Duration;
}

const LONGEST_DUID = 130;
const ANY = 0xffff;
const HUNDREDTH_MS = 10;

function duid<const Kind extends string>(
  code: number,
  kind: Kind,
  name: string,
  rfc: string,
): Dhcpv6OptionCodec<DuidOption<Kind>> {
  return {
    code,
    kind,
    name,
    rfc,
    minimumLength: 3,
    maximumLength: LONGEST_DUID,
    multipleOf: 1,
    decode: (bytes, at, end) => ({ kind, duid: copyOctets(bytes, at, end) }),
    encode: (option, out) => void out.octets(option.duid),
  };
}

function define<Option extends { readonly kind: string }>(codec: Dhcpv6OptionCodec<Option>): Dhcpv6OptionCodec<Option> {
  return codec;
}

const optionRequest = define<OptionRequestOption>({
  code: 6,
  kind: 'option-request',
  name: 'Option Request',
  rfc: 'RFC 8415 §21.7 "Option Request Option"',
  minimumLength: 0,
  maximumLength: ANY,
  multipleOf: 2,
  decode(bytes, at, end) {
    const codes: number[] = [];
    for (let next = at; next < end; next += 2) codes.push(readU16(bytes, next));
    return { kind: 'option-request', codes };
  },
  encode(option, out) {
    for (const code of option.codes) out.u16(code);
  },
});

const elapsedTime = define<ElapsedTimeOption>({
  code: 8,
  kind: 'elapsed-time',
  name: 'Elapsed Time',
  rfc: 'RFC 8415 §21.9 "Elapsed Time Option"',
  minimumLength: 2,
  maximumLength: 2,
  multipleOf: 1,
  decode: (bytes, at) => ({ kind: 'elapsed-time', elapsed: milliseconds(readU16(bytes, at) * HUNDREDTH_MS) }),
  encode: (option, out) => void out.u16(toUnits(option.elapsed, HUNDREDTH_MS, 0xffff)),
});

const statusCode = define<StatusCodeOption>({
  code: 13,
  kind: 'status-code',
  name: 'Status Code',
  rfc: 'RFC 8415 §21.13 "Status Code Option"',
  minimumLength: 2,
  maximumLength: ANY,
  multipleOf: 1,
  decode: (bytes, at, end) => ({
    kind: 'status-code',
    status: readU16(bytes, at),
    message: decodeTextLeniently(bytes, at + 2, end),
  }),
  encode: (option, out) => void out.u16(option.status).octets(encodeText(option.message)),
});

const rapidCommit = define<RapidCommitOption>({
  code: 14,
  kind: 'rapid-commit',
  name: 'Rapid Commit',
  rfc: 'RFC 8415 §21.14 "Rapid Commit Option"',
  minimumLength: 0,
  maximumLength: 0,
  multipleOf: 1,
  decode: () => ({ kind: 'rapid-commit' }),
  encode: () => undefined,
});

const dnsServers = define<DnsServersOption>({
  code: 23,
  kind: 'dns-servers',
  name: 'DNS Recursive Name Server',
  rfc: 'RFC 3646',
  minimumLength: 16,
  maximumLength: ANY,
  multipleOf: 16,
  decode(bytes, at, end) {
    const addresses: Ipv6Address[] = [];
    for (let next = at; next < end; next += 16) addresses.push(Ipv6Address.read(bytes, next));
    return { kind: 'dns-servers', addresses };
  },
  encode(option, out) {
    for (const address of option.addresses) out.ipv6(address);
  },
});

const domainList = define<DomainListOption>({
  code: 24,
  kind: 'domain-list',
  name: 'Domain Search List',
  rfc: 'RFC 3646',
  minimumLength: 1,
  maximumLength: ANY,
  multipleOf: 1,
  decode(bytes, at, end) {
    const domains = decodeDomainNames(bytes, at, end);
    return domains instanceof WireFault ? domains : { kind: 'domain-list', domains };
  },
  encode(option, out) {
    for (const domain of option.domains) writeDomainName(domain, out);
  },
});

const informationRefreshTime = define<InformationRefreshTimeOption>({
  code: 32,
  kind: 'information-refresh-time',
  name: 'Information Refresh Time',
  rfc: 'RFC 8415 §21.23 "Information Refresh Time Option"',
  minimumLength: 4,
  maximumLength: 4,
  multipleOf: 1,
  decode: (bytes, at) => ({ kind: 'information-refresh-time', duration: fromSecondsOrInfinite(readU32(bytes, at)) }),
  encode: (option, out) => void out.u32(toSecondsOrInfinite(option.duration)),
});

export const DHCPV6_OPTIONS = [
  duid(1, 'client-identifier', 'Client Identifier', 'RFC 8415 §21.2 "Client Identifier Option"'),
  duid(2, 'server-identifier', 'Server Identifier', 'RFC 8415 §21.3 "Server Identifier Option"'),
  optionRequest,
  elapsedTime,
  statusCode,
  rapidCommit,
  dnsServers,
  domainList,
  informationRefreshTime,
] as const;

type OptionOf<Codec> = Codec extends Dhcpv6OptionCodec<infer Option> ? Option : never;

/** An option without a codec here. */
export interface UnknownDhcpv6Option {
  readonly kind: 'unknown-option';
  readonly code: number;
  readonly data: Uint8Array;
}

export type KnownDhcpv6Option = OptionOf<(typeof DHCPV6_OPTIONS)[number]>;
export type Dhcpv6Option = KnownDhcpv6Option | UnknownDhcpv6Option;
