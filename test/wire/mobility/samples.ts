/** One value, or several, for each message and option, with no field zero that need not be. */
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { MobilityMessage, MobilityOption, TrafficSelector } from '#wire/mobility/index.ts';
import { octets } from '../vector.ts';

const address6 = Ipv6Address.parse('2001:db8:1:2:3:4:5:6') as Ipv6Address;
const address4 = Ipv4Address.parse('192.0.2.77') as Ipv4Address;
const prefix = Ipv6Prefix.parse('2001:db8:f00d:1::/64') as Ipv6Prefix;
const identifier = new TextEncoder().encode('mn@example.net');

const ipv4Selector: TrafficSelector = {
  kind: 'ipv4-traffic-selector',
  source: { start: address4 },
  destinationPort: { start: 80, end: 443 },
  protocol: { start: 6 },
};

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
  {
    kind: 'flow-identification',
    flowIdentifier: 0x0102,
    priority: 3,
    status: 0,
    subOptions: [
      { kind: 'binding-reference', bindingIdentifiers: [0x0405] },
      { kind: 'traffic-selector', selector: ipv4Selector },
    ],
  },
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
  {
    kind: 'access-network-identifier',
    subOptions: [
      { kind: 'network-identifier', utf8: true, networkName: octets('6361666509'), accessPointName: octets('6170') },
      { kind: 'geo-location', latitudeDegrees: -33.5, longitudeDegrees: 151.25 },
      { kind: 'operator-identifier', operatorType: 2, identifier: octets('6f70') },
      { kind: 'civic-location', format: 0, location: octets('4445') },
      { kind: 'mag-group-identifier', groupIdentifier: 0x0102 },
      { kind: 'ani-update-timer', updateTimer: seconds(40) },
    ],
  },
  { kind: 'ipv4-traffic-offload-selector', tunnelMatches: true, selector: ipv4Selector },
  {
    kind: 'dynamic-ip-multicast-selector',
    protocol: 143,
    directRouting: true,
    recordCount: 1,
    records: octets('04000000 ff3e0000000000000000000000000001'),
  },
  { kind: 'delegated-mobile-network-prefix', prefix },
  { kind: 'delegated-mobile-network-prefix', prefix: new Ipv4Prefix(address4, 28) },
  { kind: 'active-multicast-subscription-ipv4', igmpType: 0x16, context: octets('e8010203') },
  {
    kind: 'active-multicast-subscription-ipv6',
    mldType: 131,
    context: octets('00000000 ff3e0000000000000000000000000001'),
  },
  {
    kind: 'quality-of-service',
    serviceRequest: 1,
    dscp: 46,
    operation: 5,
    attributes: [
      { kind: 'per-mn-aggregate-maximum-downlink', bitsPerSecond: 1 },
      { kind: 'per-mn-aggregate-maximum-uplink', bitsPerSecond: 2 },
      { kind: 'per-session-aggregate-maximum-downlink', service: true, exclude: false, bitsPerSecond: 3 },
      { kind: 'per-session-aggregate-maximum-uplink', service: false, exclude: true, bitsPerSecond: 4 },
      {
        kind: 'allocation-retention-priority',
        priorityLevel: 9,
        preemptionCapability: 1,
        preemptionVulnerability: 0,
      },
      { kind: 'aggregate-maximum-downlink', bitsPerSecond: 6 },
      { kind: 'aggregate-maximum-uplink', bitsPerSecond: 7 },
      { kind: 'guaranteed-downlink', bitsPerSecond: 8 },
      { kind: 'guaranteed-uplink', bitsPerSecond: 0xffffffff },
      { kind: 'qos-traffic-selector', selector: ipv4Selector },
      { kind: 'qos-vendor-specific', vendorId: 10_415, subtype: 7, data: octets('0102') },
    ],
  },
  { kind: 'lma-user-plane-address', address: address6 },
  {
    kind: 'multicast-mobility',
    code: 2,
    report: octets('00000001 04000000 ff3e0000000000000000000000000001'),
  },
  { kind: 'multicast-acknowledgement', code: 0, status: 1, report: octets('00000000') },
  {
    kind: 'lma-controlled-mag-parameters',
    subOptions: [
      {
        kind: 'binding-reregistration-control',
        startTime: seconds(40),
        initialRetransmissionTime: seconds(1),
        maximumRetransmissionTime: seconds(32),
      },
      { kind: 'heartbeat-control', interval: seconds(60), retransmissionDelay: seconds(5), maximumRetransmissions: 3 },
      { kind: 'unknown-sub-option', type: 99, data: octets('0102') },
    ],
  },
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
    { kind: 'flow-binding-indication', sequence, trigger: 2, acknowledge: true, options },
    { kind: 'flow-binding-acknowledgement', sequence, status: 128, options },
    { kind: 'subscription-query', sequence: 7, options },
    { kind: 'subscription-response', sequence: 7, multicastInformation: true, options },
  ];
}
