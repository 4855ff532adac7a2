/** The options of neighbor discovery messages. The types follow from the array. */
import { readU32 } from '#base/bytes.ts';
import { Ipv6Address, type Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Duration } from '#base/time.ts';
import { decodeDomainNames, writeDomainName } from '../domain-names.ts';
import { WireFault } from '../error.ts';
import { copyOctets, readIpv6Prefix } from '../octets.ts';
import { fromSecondsOrInfinite, toSecondsOrInfinite } from '../time-units.ts';
import { defineNeighborDiscoveryOption, type NeighborDiscoveryOptionCodec } from './option.ts';

export interface SourceLinkLayerAddressOption {
  readonly kind: 'source-link-layer-address';
  readonly mac: MacAddress;
}

export interface TargetLinkLayerAddressOption {
  readonly kind: 'target-link-layer-address';
  readonly mac: MacAddress;
}

export interface PrefixInformationOption {
  readonly kind: 'prefix-information';
  readonly prefix: Ipv6Prefix;
  /** L. */
  readonly onLink: boolean;
  /** A. */
  readonly autonomous: boolean;
  /** May be infinite. */
  readonly validLifetime: Duration;
  /** May be infinite. */
  readonly preferredLifetime: Duration;
}

export interface RedirectedHeaderOption {
  readonly kind: 'redirected-header';
  readonly packet: Uint8Array;
}

export interface MtuOption {
  readonly kind: 'mtu';
  readonly mtu: number;
}

export interface RecursiveDnsServerOption {
  readonly kind: 'recursive-dns-server';
  /** May be infinite. */
  readonly lifetime: Duration;
  readonly addresses: readonly Ipv6Address[];
}

export interface DnsSearchListOption {
  readonly kind: 'dns-search-list';
  /** May be infinite. */
  readonly lifetime: Duration;
  /** Without a dot at the end. */
  readonly domains: readonly string[];
}

/** An option without a codec here. */
export interface UnknownNeighborDiscoveryOption {
  readonly kind: 'unknown-option';
  readonly type: number;
  /** 8n - 2 octets. */
  readonly data: Uint8Array;
}

const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;

const sourceLinkLayerAddress = defineNeighborDiscoveryOption<SourceLinkLayerAddressOption>({
  type: 1,
  kind: 'source-link-layer-address',
  name: 'Source Link-layer Address',
  rfc: 'RFC 4861 §4.6.1 "Source/Target Link-layer Address"',
  minimumUnits: 1,
  maximumUnits: 1,
  decode: (bytes, at) => ({ kind: 'source-link-layer-address', mac: MacAddress.read(bytes, at) }),
  encode: (option, out) => out.mac(option.mac),
});

const targetLinkLayerAddress = defineNeighborDiscoveryOption<TargetLinkLayerAddressOption>({
  type: 2,
  kind: 'target-link-layer-address',
  name: 'Target Link-layer Address',
  rfc: 'RFC 4861 §4.6.1 "Source/Target Link-layer Address"',
  minimumUnits: 1,
  maximumUnits: 1,
  decode: (bytes, at) => ({ kind: 'target-link-layer-address', mac: MacAddress.read(bytes, at) }),
  encode: (option, out) => out.mac(option.mac),
});

const prefixInformation = defineNeighborDiscoveryOption<PrefixInformationOption>({
  type: 3,
  kind: 'prefix-information',
  name: 'Prefix Information',
  rfc: 'RFC 4861 §4.6.2 "Prefix Information"',
  minimumUnits: 4,
  maximumUnits: 4,
  decode(bytes, at) {
    const flags = bytes[at + 1] as number;
    const prefix = readIpv6Prefix(bytes, at + 14, bytes[at] as number, at);
    if (prefix instanceof WireFault) return prefix;
    return {
      kind: 'prefix-information',
      prefix,
      onLink: (flags & ON_LINK) !== 0,
      autonomous: (flags & AUTONOMOUS) !== 0,
      validLifetime: fromSecondsOrInfinite(readU32(bytes, at + 2)),
      preferredLifetime: fromSecondsOrInfinite(readU32(bytes, at + 6)),
    };
  },
  encode(option, out) {
    out
      .u8(option.prefix.length)
      .u8((option.onLink ? ON_LINK : 0) | (option.autonomous ? AUTONOMOUS : 0))
      .u32(toSecondsOrInfinite(option.validLifetime))
      .u32(toSecondsOrInfinite(option.preferredLifetime))
      .u32(0)
      .ipv6(option.prefix.address);
  },
});

const redirectedHeader = defineNeighborDiscoveryOption<RedirectedHeaderOption>({
  type: 4,
  kind: 'redirected-header',
  name: 'Redirected Header',
  rfc: 'RFC 4861 §4.6.3 "Redirected Header"',
  minimumUnits: 1,
  maximumUnits: 255,
  decode: (bytes, at, end) => ({ kind: 'redirected-header', packet: copyOctets(bytes, at + 6, end) }),
  encode: (option, out) => out.zeros(6).octets(option.packet),
});

const mtu = defineNeighborDiscoveryOption<MtuOption>({
  type: 5,
  kind: 'mtu',
  name: 'MTU',
  rfc: 'RFC 4861 §4.6.4 "MTU"',
  minimumUnits: 1,
  maximumUnits: 1,
  decode: (bytes, at) => ({ kind: 'mtu', mtu: readU32(bytes, at + 2) }),
  encode: (option, out) => out.u16(0).u32(option.mtu),
});

const recursiveDnsServer = defineNeighborDiscoveryOption<RecursiveDnsServerOption>({
  type: 25,
  kind: 'recursive-dns-server',
  name: 'Recursive DNS Server',
  rfc: 'RFC 8106 §5.1 "Recursive DNS Server Option"',
  minimumUnits: 3,
  maximumUnits: 255,
  decode(bytes, at, end) {
    if ((end - at - 6) % 16 !== 0) {
      return new WireFault('bad-length', at - 1, 'Length', 'not 1 + 2 for each address (RFC 8106 §5.1)');
    }
    const addresses: Ipv6Address[] = [];
    for (let next = at + 6; next < end; next += 16) addresses.push(Ipv6Address.read(bytes, next));
    return { kind: 'recursive-dns-server', lifetime: fromSecondsOrInfinite(readU32(bytes, at + 2)), addresses };
  },
  encode(option, out) {
    out.u16(0).u32(toSecondsOrInfinite(option.lifetime));
    for (const address of option.addresses) out.ipv6(address);
  },
});

const dnsSearchList = defineNeighborDiscoveryOption<DnsSearchListOption>({
  type: 31,
  kind: 'dns-search-list',
  name: 'DNS Search List',
  rfc: 'RFC 8106 §5.2 "DNS Search List Option"',
  minimumUnits: 2,
  maximumUnits: 255,
  decode(bytes, at, end) {
    const domains = decodeDomainNames(bytes, at + 6, end);
    if (domains instanceof WireFault) return domains;
    return { kind: 'dns-search-list', lifetime: fromSecondsOrInfinite(readU32(bytes, at + 2)), domains };
  },
  encode(option, out) {
    out.u16(0).u32(toSecondsOrInfinite(option.lifetime));
    for (const domain of option.domains) writeDomainName(domain, out);
  },
});

export const NEIGHBOR_DISCOVERY_OPTIONS = [
  sourceLinkLayerAddress,
  targetLinkLayerAddress,
  prefixInformation,
  redirectedHeader,
  mtu,
  recursiveDnsServer,
  dnsSearchList,
] as const;

type OptionOf<Codec> = Codec extends NeighborDiscoveryOptionCodec<infer Option> ? Option : never;

export type KnownNeighborDiscoveryOption = OptionOf<(typeof NEIGHBOR_DISCOVERY_OPTIONS)[number]>;
export type NeighborDiscoveryOption = KnownNeighborDiscoveryOption | UnknownNeighborDiscoveryOption;
