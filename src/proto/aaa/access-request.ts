import { fromHex } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { UtcTime } from '#base/time.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { ciscoPair, DICTIONARY } from './attributes.ts';
import { type HardwareAddressFormat, writeHardwareAddress } from './calling-station.ts';
import { Feature } from './feature-vector.ts';

/** What `radius-server attribute` and `radius-server vsa send` have a request say. */
export interface RequestStyle {
  readonly nasAddress: IpAddress;
  readonly nasIdentifier: string;
  /** 6: Service-Type in Access-Requests. */
  readonly serviceType: boolean;
  /** 8: Framed-IP-Address in Access-Requests. */
  readonly framedAddress: boolean;
  /** 32: NAS-Identifier. */
  readonly nasIdentifierInAccess: boolean;
  readonly nasIdentifierInAccounting: boolean;
  /** 44: Acct-Session-Id in Access-Requests of a MAG. */
  readonly accountingSessionInAccess: boolean;
  /** 55: Event-Timestamp. */
  readonly eventTimestampInAccess: boolean;
  readonly eventTimestampInAccounting: boolean;
  /** 31: Calling-Station-Id. */
  readonly hardwareAddress: HardwareAddressFormat;
  readonly hardwareAddressOnly: boolean;
  readonly vendorSpecificInAccess: boolean;
  readonly vendorSpecificInAccounting: boolean;
}

/** A mobile node that was seen on an access link. */
export interface Subscriber {
  readonly mac: MacAddress;
  /** What it calls itself: the network access identifier in its DHCP client identifier. */
  readonly clientNai?: string;
  /** The IOS name. */
  readonly interface: string;
  /** RFC 5213 §8.5 "Access Technology Type Option". */
  readonly accessTechnology: number;
  /** The address that it asks for by DHCP. */
  readonly requestedAddress?: Ipv4Address;
  /** The access point name that the configuration has for it. */
  readonly service?: string;
  /** The MAG can reach LMAs over IPv4. */
  readonly ipv4Transport: boolean;
  /** Names the session that it is about to have. */
  readonly accountingSession: string;
}

/** As IOS has it in every request for an authorization that no user typed a password for. */
export const AUTHORIZATION_PASSWORD = 'cisco';

/**
 * RFC 5779 §5.5 "MIP6-Feature-Vector AVP": a bit that a MAG sets "indicates" that it supports the feature. RFC 6572 §4.1 "MIP6-Feature-Vector" has IP4_TRANSPORT_SUPPORTED for "the ability of the MAG
 * to provide IPv4 transport".
 */
function supportedFeatures({ ipv4Transport }: Subscriber): bigint {
  const always = Feature.PMIP6_SUPPORTED | Feature.IP4_HOA_SUPPORTED | Feature.LOCAL_MAG_ROUTING_SUPPORTED;
  return ipv4Transport ? always | Feature.IP4_TRANSPORT_SUPPORTED : always;
}

/** Attributes of the Access-Request that asks for a mobile node's profile: RFC 6572 §5.2 "Table of Attributes", as far as `style` has them sent. */
export function profileRequest(subscriber: Subscriber, style: RequestStyle, now: UtcTime): RadiusAttribute[] {
  const { mac, requestedAddress, service } = subscriber;
  return [
    text('User-Name', subscriber.clientNai ?? writeHardwareAddress(mac, style.hardwareAddress)),
    text('Calling-Station-Id', callingStation(subscriber, style)),
    ...accessHead(style, subscriber.accessTechnology, now),
    text('NAS-Port-Id', subscriber.interface),
    DICTIONARY.attribute('MIP6-Feature-Vector', supportedFeatures(subscriber)),
    // RFC 6572 §4.3 "Service-Selection": "The MAG MUST include the Service-Selection attribute in the Access-Request sent to the AAA if the information was acquired".
    ...(service === undefined ? [] : [text('Service-Selection', service)]),
    ...(style.framedAddress && requestedAddress ? [DICTIONARY.attribute('Framed-IP-Address', requestedAddress)] : []),
    ...(style.accountingSessionInAccess ? [text('Acct-Session-Id', subscriber.accountingSession)] : []),
    ...(style.vendorSpecificInAccess ? [ciscoPair('client-mac-address', mac.toCiscoString())] : []),
  ];
}

/**
 * Attributes of the Access-Request that asks for the settings of a domain, of a node that may not know its own address yet.
 * Chooses: NAS-Identifier always, as a domain is of a node rather than of an address.
 */
export function domainRequest(
  domain: string,
  style: Omit<RequestStyle, 'nasAddress'>,
  address: IpAddress | undefined,
  now: UtcTime,
): RadiusAttribute[] {
  const said = { ...style, nasIdentifierInAccess: true, ...(address && { nasAddress: address }) };
  return [text('User-Name', domain), ...accessHead(said, undefined, now)];
}

/**
 * RFC 6572 §5.1 "Interface Operations": "At least one of the NAS-IP-Address, NAS-IPv6-Address, or NAS-Identifier attributes MUST be present in the
 * Access-Request. The Service-Type attribute SHOULD be set to value 1 (Login) and the NAS-Port-Type attribute SHOULD be present in the
 * Access-Request."
 * Chooses: Service-Type only where `radius-server attribute 6 on-for-login-auth` asks for it, as in IOS.
 */
function accessHead(
  style: Omit<RequestStyle, 'nasAddress'> & Partial<Pick<RequestStyle, 'nasAddress'>>,
  accessTechnology: number | undefined,
  now: UtcTime,
): RadiusAttribute[] {
  return [
    ...(style.nasAddress ? [nasAddress({ nasAddress: style.nasAddress })] : []),
    DICTIONARY.attribute('NAS-Port-Type', portType(accessTechnology)),
    ...(style.serviceType ? [DICTIONARY.attribute('Service-Type', LOGIN)] : []),
    ...(style.nasIdentifierInAccess ? [text('NAS-Identifier', style.nasIdentifier)] : []),
    ...(style.eventTimestampInAccess ? [DICTIONARY.attribute('Event-Timestamp', Math.floor(now / 1000))] : []),
  ];
}

/** Attributes of the Access-Request that asks whether an operator at `from` may log in; the password is added hidden. */
export function loginRequest(
  user: string,
  from: string,
  style: Omit<RequestStyle, 'nasAddress'>,
  address: IpAddress | undefined,
  now: UtcTime,
): RadiusAttribute[] {
  const said = { ...style, nasIdentifierInAccess: true, ...(address && { nasAddress: address }) };
  return [text('User-Name', user), text('Calling-Station-Id', from), ...accessHead(said, undefined, now)];
}

/** What an LMA asks before a session begins. */
export interface AuthorizationQuestion {
  readonly nai: string;
  /** RFC 5176 §3 "Attributes": a NAS "SHOULD send an Acct-Session-Id or Acct-Multi-Session-Id Attribute within an Access-Request." */
  readonly accountingSession: string;
  /** Hexadecimal; empty where it is not known. */
  readonly linkLayerIdentifier: string;
  readonly accessTechnology: number;
  readonly service?: string;
  readonly lma: IpAddress;
  readonly asksForPrefix: boolean;
  readonly namedPrefixes: readonly Ipv6Prefix[];
  readonly asksForHomeAddress: boolean;
  readonly namedHomeAddress?: Ipv4Address;
}

/**
 * Attributes of the Access-Request that asks whether a mobile node may have a session: RFC 6572 §6.2 "Table of Attributes". RFC 6572 §6.1 "Interface Operations": "The Service-Type attribute MUST be set to
 * the value 17 (Authorize Only)." Where the mobile node names no address, "the MN-HNP/IPv4-MN-HoA are set to undefined addresses", so that the server may assign them.
 */
export function authorizationRequest(
  question: AuthorizationQuestion,
  style: RequestStyle,
  now: UtcTime,
): RadiusAttribute[] {
  const { nai, linkLayerIdentifier, accessTechnology, service, lma, namedPrefixes, namedHomeAddress } = question;
  const said = { ...style, serviceType: false, nasIdentifierInAccess: true };
  const octets = fromHex(linkLayerIdentifier);
  const mac = octets?.length === 6 ? MacAddress.read(octets) : undefined;
  const lmaName = lma instanceof Ipv4Address ? 'PMIP6-Home-LMA-IPv4-Address' : 'PMIP6-Home-LMA-IPv6-Address';
  const prefixes = namedPrefixes.length > 0 ? namedPrefixes : [new Ipv6Prefix(Ipv6Address.unspecified, 128)];
  const homeAddress = new Ipv4Prefix(namedHomeAddress ?? Ipv4Address.unspecified, 32);
  return [
    text('User-Name', nai),
    DICTIONARY.attribute('Service-Type', AUTHORIZE_ONLY),
    ...accessHead(said, accessTechnology, now),
    text('Mobile-Node-Identifier', nai),
    text('Acct-Session-Id', question.accountingSession),
    ...(mac ? [text('Calling-Station-Id', writeHardwareAddress(mac, style.hardwareAddress))] : []),
    ...(service === undefined ? [] : [text('Service-Selection', service)]),
    DICTIONARY.attribute('MIP6-Feature-Vector', askedFeatures(question)),
    DICTIONARY.attribute(lmaName, lma),
    ...(question.asksForPrefix ? prefixes.map((prefix) => DICTIONARY.attribute('PMIP6-Home-HN-Prefix', prefix)) : []),
    ...(question.asksForHomeAddress ? [DICTIONARY.attribute('PMIP6-Home-IPv4-HoA', homeAddress)] : []),
  ];
}

function askedFeatures({ asksForPrefix, asksForHomeAddress }: AuthorizationQuestion): bigint {
  if (!asksForPrefix) return Feature.PMIP6_SUPPORTED | Feature.IP4_HOA_ONLY_SUPPORTED;
  return Feature.PMIP6_SUPPORTED | (asksForHomeAddress ? Feature.IP4_HOA_SUPPORTED : 0n);
}

export function nasAddress({ nasAddress: address }: Pick<RequestStyle, 'nasAddress'>): RadiusAttribute {
  return DICTIONARY.attribute(address instanceof Ipv4Address ? 'NAS-IP-Address' : 'NAS-IPv6-Address', address);
}

export function text(name: string, value: string): RadiusAttribute {
  return DICTIONARY.attribute(name, value);
}

/** Chooses: without `send nas-port-detail mac-only`, the access interface follows the hardware address, after a colon. */
export function callingStation(
  { mac, interface: at }: Pick<Subscriber, 'mac' | 'interface'>,
  { hardwareAddress, hardwareAddressOnly }: RequestStyle,
): string {
  const written = writeHardwareAddress(mac, hardwareAddress);
  return hardwareAddressOnly ? written : `${written}:${at}`;
}

const LOGIN = 1;
const AUTHORIZE_ONLY = 17;
const VIRTUAL = 5;

/** NAS-Port-Type (RFC 2865 §5.41 "NAS-Port-Type") by Access Technology Type: PPP, IEEE 802.3, 802.11 and 802.16. */
const PORT_TYPES: Readonly<Record<number, number>> = { 3: 15, 4: 19, 5: 27 };

export function portType(accessTechnology: number | undefined): number {
  return PORT_TYPES[accessTechnology ?? 0] ?? VIRTUAL;
}
