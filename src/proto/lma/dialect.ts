import { appended } from '#base/appended.ts';
import { toHex } from '#base/bytes.ts';
import { characters } from '#base/characters.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { MobilityOption } from '#wire/mobility/index.ts';
import { AccessTechnologyType, findOption, findOptions, MobileNodeIdentifierSubtype } from '#wire/mobility/index.ts';
import type { Interop } from '../peer.ts';
import type { MobileNodeIdentity } from './binding.ts';

/** What a request says, as its sender means it. */
export interface Reading {
  readonly mobileNode: MobileNodeIdentity | undefined;
  /** Of every Home Network Prefix option, those that ask for one with ALL_ZERO too. */
  readonly prefixes: readonly Ipv6Prefix[];
  /** Prefixes are written with a length of 128, and are to be answered so. */
  readonly longPrefixes: boolean;
  /** Hexadecimal; empty when the option is absent or ALL_ZERO. */
  readonly linkLayerIdentifier: string;
  /** The name of the service that is asked for. */
  readonly service: string | undefined;
}

export function readAs(interop: Interop, options: readonly MobilityOption[]): Reading {
  switch (interop) {
    case 'strict':
      return readStrictly(options);
    case 'tolerant':
      return readTolerantly(options);
    case 'cisco':
      return readCisco(options);
  }
}

/**
 * What a peer that is taken at its word does otherwise than RFC 5213 says, for the operator to see why it is refused; empty when nothing
 * strikes.
 */
export function oddities(options: readonly MobilityOption[]): string[] {
  const found: string[] = [];
  const identifier = findOption(options, 'mobile-node-identifier');
  if (identifier?.subtype === MobileNodeIdentifierSubtype.NAI && !isPrintable(identifier.identifier)) {
    found.push('a Mobile Node Identifier that is no text');
  }
  if (findOptions(options, 'home-network-prefix').some(({ prefix }) => prefix.length === HOST_LENGTH)) {
    found.push('a Home Network Prefix with a length of 128');
  }
  if (findOption(options, 'access-technology-type')?.accessTechnology === AccessTechnologyType.RESERVED) {
    found.push('an Access Technology Type of 0, which is reserved');
  }
  const timestamp = findOption(options, 'timestamp');
  if (timestamp && timestamp.seconds >= LATEST_SECONDS) found.push('a Timestamp with its octets in another order');
  return found;
}

/**
 * A name that differs whenever subtype or octets differ: the text of a Network Access Identifier of printable ASCII,
 * otherwise the subtype and hexadecimal.
 */
export function nameOf(subtype: number, identifier: Uint8Array): string {
  return isName(subtype, identifier) ? characters(identifier) : `\\${subtype}\\${toHex(identifier)}`;
}

function isName(subtype: number, identifier: Uint8Array): boolean {
  return subtype === MobileNodeIdentifierSubtype.NAI && isPrintable(identifier);
}

const NO_PREFIXES: readonly Ipv6Prefix[] = [];
const HOST_LENGTH = 128;
const PREFIX_LENGTH = 64;
/** The year 2106: a timestamp beyond is none. */
const LATEST_SECONDS = 0x1_0000_0000;
const EUI64_LENGTH = 8;
const MAC_LENGTH = 6;

function readStrictly(options: readonly MobilityOption[]): Reading {
  const identifier = findOption(options, 'mobile-node-identifier');
  return {
    mobileNode: identifier && identity(identifier),
    prefixes: prefixesIn(options),
    longPrefixes: false,
    linkLayerIdentifier: linkLayerKey(findOption(options, 'mobile-node-link-layer-identifier')?.identifier),
    service: findOption(options, 'service-selection')?.identifier,
  };
}

function prefixesIn(options: readonly MobilityOption[]): readonly Ipv6Prefix[] {
  let prefixes = NO_PREFIXES;
  for (const option of options) if (option.kind === 'home-network-prefix') prefixes = appended(prefixes, option.prefix);
  return prefixes;
}

/**
 * As OpenAirInterface's gateways speak: the mobile node is named by 8 octets, its link-layer address after two of zero, or by 63 octets of
 * zero; its link-layer identifier is an EUI-64; prefixes have a length of 128. Chooses: the name is the link-layer address as text,
 * which a gateway of ours uses too.
 */
function readTolerantly(options: readonly MobilityOption[]): Reading {
  const strict = readStrictly(options);
  const mac = macOf(findOption(options, 'mobile-node-link-layer-identifier')?.identifier);
  const identifier = findOption(options, 'mobile-node-identifier');
  const prefixes = strict.prefixes.map(shortened);
  return {
    ...strict,
    mobileNode: strict.mobileNode && identifier && { ...strict.mobileNode, name: tolerantName(identifier, mac) },
    prefixes,
    longPrefixes: prefixes.some((prefix, i) => prefix !== strict.prefixes[i]),
    linkLayerIdentifier: mac ? toHex(mac.toBytes()) : strict.linkLayerIdentifier,
  };
}

function tolerantName(
  { subtype, identifier }: { subtype: number; identifier: Uint8Array },
  mac: MacAddress | undefined,
): string {
  if (subtype !== MobileNodeIdentifierSubtype.NAI || isPrintable(identifier)) return nameOf(subtype, identifier);
  const inside = identifier.length === EUI64_LENGTH ? MacAddress.read(identifier, 2) : undefined;
  const named = inside && !inside.isZero ? inside : mac;
  return named?.toCiscoString() ?? nameOf(subtype, identifier);
}

/** Six octets, or an EUI-64 that was made of six. */
function macOf(identifier: Uint8Array | undefined): MacAddress | undefined {
  if (identifier?.length === MAC_LENGTH) return MacAddress.read(identifier);
  if (identifier?.length !== EUI64_LENGTH || identifier[3] !== 0xff || identifier[4] !== 0xfe) return undefined;
  const octets = [0, 1, 2, 5, 6, 7].map((i) => identifier[i] as number);
  return MacAddress.read(Uint8Array.from(octets, (octet, i) => (i === 0 ? octet ^ 0x02 : octet)));
}

function shortened(prefix: Ipv6Prefix): Ipv6Prefix {
  const { w2, w3 } = prefix.address;
  if (prefix.length !== HOST_LENGTH || (w2 | w3) !== 0) return prefix;
  return prefix.isAllZero ? Ipv6Prefix.allZero : new Ipv6Prefix(prefix.address, PREFIX_LENGTH);
}

/** For an answer to such a request. */
export function lengthened(prefix: Ipv6Prefix): Ipv6Prefix {
  const { w0, w1 } = prefix.address;
  return new Ipv6Prefix(new Ipv6Address(w0, w1, 0, 0), HOST_LENGTH);
}

/**
 * As the controllers of Cisco's speak: the Mobile Node Identifier is the link-layer address as text and the realm of its Network Access
 * Identifier is in the Service Selection option; the link-layer identifier is text too.
 */
function readCisco(options: readonly MobilityOption[]): Reading {
  const strict = readStrictly(options);
  const { mobileNode, service } = strict;
  const isRealm = service?.startsWith('@') === true;
  const name = mobileNode && isRealm && !mobileNode.name.includes('@') ? mobileNode.name + service : mobileNode?.name;
  const text = findOption(options, 'mobile-node-link-layer-identifier')?.identifier;
  const mac = text && isPrintable(text) ? MacAddress.parse(characters(text)) : undefined;
  return {
    ...strict,
    mobileNode: mobileNode && { ...mobileNode, name: name ?? mobileNode.name },
    linkLayerIdentifier: mac ? toHex(mac.toBytes()) : strict.linkLayerIdentifier,
    service: isRealm ? undefined : service,
  };
}

function identity({
  subtype,
  identifier,
}: {
  subtype: number;
  identifier: Uint8Array;
}): MobileNodeIdentity | undefined {
  if (identifier.length === 0) return undefined;
  const text = characters(identifier);
  return { subtype, identifier: text, name: isName(subtype, identifier) ? text : nameOf(subtype, identifier) };
}

function linkLayerKey(identifier: Uint8Array | undefined): string {
  if (!identifier) return '';
  for (const octet of identifier) if (octet !== 0) return toHex(identifier);
  return '';
}

function isPrintable(octets: Uint8Array): boolean {
  for (const octet of octets) if (octet <= 0x20 || octet >= 0x7f) return false;
  return true;
}
