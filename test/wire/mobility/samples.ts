/** One value, or several, for each message and option, with no field zero that need not be. */
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { MobilityMessage, MobilityOption } from '#wire/mobility/index.ts';
import { octets } from '../vector.ts';

const address6 = Ipv6Address.parse('2001:db8:1:2:3:4:5:6') as Ipv6Address;
const address4 = Ipv4Address.parse('192.0.2.77') as Ipv4Address;
const prefix = Ipv6Prefix.parse('2001:db8:f00d:1::/64') as Ipv6Prefix;
const identifier = new TextEncoder().encode('mn@example.net');

export const OPTION_SAMPLES: readonly MobilityOption[] = [
  { kind: 'mobile-node-identifier', subtype: 1, identifier },
  { kind: 'binding-refresh-advice', refreshInterval: seconds(3600) },
  { kind: 'alternate-care-of-address', address: address6 },
  { kind: 'nonce-indices', homeNonceIndex: 0x0102, careOfNonceIndex: 0x0304 },
  { kind: 'mobile-network-prefix', prefix },
  { kind: 'mobility-header-link-layer-address', code: 2, address: octets('0024d78e21a4') },
  { kind: 'replay-protection', seconds: 0xe0a1b2c3, fraction: 0x80000001 },
  { kind: 'vendor-specific', vendorId: 10_415, subtype: 5, data: octets('010203') },
  { kind: 'service-selection', identifier: 'ims.example' },
  { kind: 'home-network-prefix', prefix, offLink: false },
  { kind: 'handoff-indicator', indicator: 3 },
  { kind: 'access-technology-type', accessTechnology: 4 },
  { kind: 'mobile-node-link-layer-identifier', identifier: octets('0024d78e21a4') },
  { kind: 'link-local-address', address: Ipv6Address.parse('fe80::200:5eff:fe00:5213') as Ipv6Address },
  { kind: 'timestamp', seconds: 1_700_000_000, fraction: 0x8001 },
  { kind: 'restart-counter', counter: 7 },
  { kind: 'ipv4-home-address', prefixLength: 24, prefixRequested: true, address: address4 },
  { kind: 'ipv4-address-acknowledgement', status: 1, prefixLength: 24, address: address4 },
  { kind: 'nat-detection', forceUdpEncapsulation: true, refreshTime: seconds(110) },
  { kind: 'ipv4-care-of-address', address: address4 },
  { kind: 'gre-key', key: 0x80000001 },
  { kind: 'gre-key', key: undefined },
  { kind: 'mobility-header-ipv6-address-prefix', code: 2, prefix },
  {
    kind: 'binding-identifier',
    bindingIdentifier: 0x1234,
    status: 4,
    simultaneousHomeAndForeign: true,
    priority: 5,
    careOfAddress: address6,
  },
  { kind: 'ipv4-home-address-request', prefixLength: 24, address: address4 },
  { kind: 'ipv4-home-address-reply', status: 1, prefixLength: 24, address: address4 },
  { kind: 'ipv4-default-router', address: address4 },
  { kind: 'ipv4-dhcp-support-mode', server: true },
  { kind: 'context-request', requests: [{ type: 19, data: octets('000028af05') }] },
  { kind: 'local-mobility-anchor-address', address: address6 },
  { kind: 'local-mobility-anchor-address', address: address4 },
  { kind: 'mobile-node-link-local-address-interface-identifier', interfaceIdentifier: octets('02005efffe005213') },
  { kind: 'transient-binding', latePathSwitch: true, lifetime: milliseconds(1500) },
  { kind: 'flow-summary', flowIdentifiers: [1, 0x0203] },
  { kind: 'redirect-capability' },
  { kind: 'redirect', address: address6 },
  { kind: 'redirect', address: address4 },
  {
    kind: 'load-information',
    priority: 1,
    sessionsInUse: 2,
    maximumSessions: 3,
    usedCapacityKilobytesPerSecond: 4,
    maximumCapacityKilobytesPerSecond: 5,
  },
  { kind: 'alternate-ipv4-care-of-address', address: address4 },
  { kind: 'mobile-node-group-identifier', subtype: 1, groupIdentifier: 1 },
  { kind: 'mag-ipv6-address', address: address6 },
  { kind: 'delegated-mobile-network-prefix', prefix },
  { kind: 'delegated-mobile-network-prefix', prefix: new Ipv4Prefix(address4, 28) },
  { kind: 'lma-user-plane-address', address: address6 },
  {
    kind: 'mag-multipath-binding',
    accessTechnology: 3,
    interfaceLabel: 9,
    bindingIdentifier: 2,
    bulkReregistration: true,
    registrationOverwrite: false,
  },
  { kind: 'mag-identifier', subtype: 1, identifier },
  { kind: 'unknown-option', type: 250, data: octets('010203') },
];

/** Each ends its message. */
export const LAST_OPTION_SAMPLES: readonly MobilityOption[] = [
  { kind: 'binding-authorization-data', authenticator: octets('0102030405060708090a0b0c') },
  { kind: 'authentication', subtype: 1, spi: 256, data: octets('0102030405060708090a0b0c') },
  { kind: 'binding-authorization-data-for-fmipv6', spi: 256, authenticator: octets('0102030405060708090a0b0c') },
];

/** Every message with these options; those whose layout needs no options get them too. */
export function messageSamples(options: readonly MobilityOption[]): readonly MobilityMessage[] {
  const cookie = octets('0102030405060708');
  const keygenToken = octets('1112131415161718');
  const sequence = 0x0102;
  return [
    { kind: 'binding-refresh-request', options },
    { kind: 'home-test-init', cookie, options },
    { kind: 'care-of-test-init', cookie, options },
    { kind: 'home-test', nonceIndex: 13, cookie, keygenToken, options },
    { kind: 'care-of-test', nonceIndex: 13, cookie, keygenToken, options },
    { kind: 'binding-update', sequence, flags: 0x8200, lifetime: seconds(3600), options },
    { kind: 'binding-acknowledgement', status: 157, flags: 0x20, sequence, lifetime: seconds(3600), options },
    { kind: 'binding-error', status: 2, homeAddress: address6, options },
    { kind: 'fast-binding-update', sequence, flags: 0xc000, lifetime: seconds(60), options },
    { kind: 'fast-binding-acknowledgement', status: 130, flags: 0x80, sequence, lifetime: seconds(60), options },
    { kind: 'heartbeat', response: true, unsolicited: true, sequence: 0x01020304, options },
    { kind: 'handover-initiate', sequence, flags: 0x20, code: 3, options },
    { kind: 'handover-acknowledge', sequence, flags: 0x40, code: 132, options },
    { kind: 'binding-revocation-indication', trigger: 1, sequence, flags: 0x8000, options },
    { kind: 'binding-revocation-acknowledgement', status: 1, sequence, flags: 0x8000, options },
    { kind: 'localized-routing-initiation', sequence, lifetime: seconds(60), options },
    {
      kind: 'localized-routing-acknowledgement',
      sequence,
      unsolicited: true,
      status: 128,
      lifetime: seconds(60),
      options,
    },
    { kind: 'update-notification', sequence, reason: 1, flags: 0xc000, options },
    { kind: 'update-notification-acknowledgement', sequence, status: 128, options },
  ];
}
