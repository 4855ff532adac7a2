import fc from 'fast-check';
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { encryptSecrets } from '#config/encrypt-secrets.ts';
import type { Configuration, MobileMapConfiguration } from '#config/index.ts';
import { arbitraryAaa } from './arbitrary-aaa.ts';
import { arbitraryAccessList } from './arbitrary-access-list.ts';
import { arbitraryOperators } from './arbitrary-operators.ts';
import {
  allOptional,
  interfaceName,
  ipv4,
  ipv6,
  linkLocal,
  mac,
  millis,
  name,
  named,
  number,
  partial,
  record,
  secret,
  secs,
  shortName,
  text,
} from './arbitrary-values.ts';

/** A model of which nothing is required but what makes it one: names are unique, and refused values do not occur. */
export function arbitraryConfiguration(): fc.Arbitrary<Configuration> {
  return partial(
    {
      hostname: name,
      passwordEncryption: fc.boolean(),
      aaa: arbitraryAaa,
      operators: arbitraryOperators,
      vrfs: named(partial({ name: shortName, description: text }, ['description']), 'name'),
      ipv6UnicastRouting: fc.boolean(),
      ipCef: fc.boolean(),
      storeWindow: fc.integer({ min: 10, max: 60_000 }),
      storeContinueOnFailure: fc.boolean(),
      ipv4Pools: named(ipv4Pool, 'name'),
      ipv6Pools: named(ipv6Pool, 'name'),
      accessLists: named(arbitraryAccessList, 'name'),
      dhcpPools: named(dhcpPool(ipv4, true), 'name'),
      ipv6DhcpPools: named(dhcpPool(ipv6, false), 'name'),
      interfaces: named(networkInterface, 'name'),
      domains: named(domain, 'name'),
      lmas: named(lma, 'name'),
      mags: named(mag, 'name'),
    },
    ['hostname', 'ipv6UnicastRouting', 'storeWindow'],
  ).map((configuration) => {
    const whole = configuration as unknown as Configuration;
    if (whole.passwordEncryption) encryptSecrets(whole);
    return whole;
  });
}

const dhcpOptions = fc
  .uniqueArray(
    fc.record({
      code: fc.constantFrom(12, 42, 43, 66, 119, 121, 254),
      value: fc.oneof(
        fc.record({ kind: fc.constant('ascii'), text: fc.stringMatching(/^[a-z]{1,9}( [a-z]{1,9})?$/) }),
        fc.record({ kind: fc.constant('hex'), octets: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
        fc.record({ kind: fc.constant('ip'), addresses: fc.array(ipv4, { minLength: 1, maxLength: 8 }) }),
      ),
    }),
    { selector: ({ code }) => code, minLength: 1, maxLength: 4 },
  )
  // As they are printed: by form, and in the order of the lines within each.
  .map((options) => ['ascii', 'hex', 'ip'].flatMap((kind) => options.filter(({ value }) => value.kind === kind)));

function dhcpPool(address: fc.Arbitrary<unknown>, hasOptions: boolean) {
  return partial(
    {
      ...(hasOptions && { options: dhcpOptions }),
      name,
      dnsServers: fc.uniqueArray(address, { selector: String, maxLength: 8 }),
      domainName: fc.stringMatching(/^([a-z0-9_-]{1,12}\.){0,3}[a-z0-9_-]{1,12}$/),
    },
    ['domainName', 'options'],
  );
}

const ipv4Pool = fc.tuple(name, ipv4, ipv4).map(([pool, a, b]) => {
  const ordered = a.word >>> 0 <= b.word >>> 0;
  return { name: pool, low: ordered ? a : b, high: ordered ? b : a };
});
const ipv6Pool = fc
  .tuple(name, ipv6, number(1, 64), number(64, 128))
  .map(([pool, address, length, assignedLength]) => ({
    name: pool,
    prefix: new Ipv6Prefix(address, length).network,
    assignedLength,
  }));
const networkInterface = partial(
  {
    name: interfaceName,
    linuxInterface: fc.stringMatching(/^[a-z][a-z0-9.@-]{0,14}$/),
    description: text,
    vlan: number(1, 4094),
    ipv4Address: fc.tuple(ipv4, number(0, 32)).map(([address, length]) => new Ipv4Prefix(address, length)),
    tcpMss: number(500, 1460),
    ipv6TcpMss: number(40, 1454),
    helperAddresses: fc.uniqueArray(ipv4, { selector: String, maxLength: 3 }),
    ipv6Addresses: fc.uniqueArray(
      fc.tuple(ipv6, number(0, 128)).map(([address, length]) => new Ipv6Prefix(address, length)),
      { selector: String, maxLength: 2 },
    ),
  },
  ['linuxInterface', 'description', 'vlan', 'ipv4Address', 'tcpMss', 'ipv6TcpMss'],
);

const replayProtection = fc.oneof(
  fc.constant({ timestamp: false }),
  fc.constant({ timestamp: true }),
  secs(1, 255).map((window) => ({ timestamp: true, window })),
);
const encapsulation = fc.constantFrom('ipv6-in-ipv6', 'gre-ipv4', 'gre-ipv6', 'udptunnel');
const authentication = record({
  spi: number(0, 0xffff_ffff),
  key: fc.tuple(fc.constantFrom('ascii', 'hex'), secret).map(([format, key]) => ({ format, ...key })),
});
const heartbeat = partial({ interval: secs(10, 3600), retries: number(1, 10), label: name, natReboot: fc.boolean() }, [
  'label',
]);
const bri = allOptional({
  minimumDelay: millis(500, 65_535),
  maximumDelay: millis(500, 65_535),
  retries: number(1, 10),
});
const node = partial({ name, ipv4Address: ipv4, ipv6Address: ipv6 }, ['ipv4Address', 'ipv6Address']);
const peer = partial(
  {
    name,
    domain: name,
    ipv4Addresses: fc.uniqueArray(ipv4, { selector: String, maxLength: 2 }),
    ipv6Addresses: fc.uniqueArray(ipv6, { selector: String, maxLength: 2 }),
    encapsulation,
    ecnCompatibility: fc.constant(true as const),
    authentication,
    interop: fc.constantFrom('tolerant', 'cisco'),
    signallingIpsec: fc.boolean(),
  },
  ['domain', 'encapsulation', 'ecnCompatibility', 'authentication', 'interop'],
);
const lmaMag = fc.tuple(peer, fc.boolean()).map(([each, globalRevocation]) => ({
  ...(each as { name: string }),
  ...(globalRevocation && { globalRevocation }),
}));
const magLma = fc
  .tuple(peer, fc.option(shortName, { nil: undefined }))
  .map(([each, vrf]) => ({ ...(each as { name: string }), ...(vrf !== undefined && { vrf }) }));

const profile = partial(
  {
    nai: name,
    apn: name,
    lma: name,
    service: fc.constantFrom('ipv4', 'ipv6', 'dual'),
    network: name,
    interface: fc.record(
      { accessTechnology: fc.constantFrom('virtual', 'ppp', 'ethernet', 'gigabitethernet', 'wlan', 'wimax'), mac },
      { noNullPrototype: true },
    ),
    greKeyUp: number(1, 0xffff_ffff),
    greKeyDown: number(1, 0xffff_ffff),
    multihomed: fc.boolean(),
    localRouting: fc.constantFrom('permit', 'deny'),
  },
  ['apn', 'lma', 'service', 'network', 'interface', 'greKeyUp', 'greKeyDown', 'localRouting'],
);
const mobileMap = partial(
  {
    name,
    sequence: number(1, 255),
    accessList: name,
    linkTypes: fc
      .tuple(fc.array(shortName, { minLength: 1, maxLength: 3 }), fc.boolean())
      .filter(([labels]) => !labels.includes('null'))
      .map(([labels, orDrop]) => ({ labels, orDrop })),
    trafficProfile: name,
  },
  ['accessList', 'linkTypes', 'trafficProfile'],
) as unknown as fc.Arbitrary<MobileMapConfiguration>;
const domain = partial(
  {
    name,
    replayProtection,
    fixedLinkLocal: linkLocal,
    fixedLinkLayer: mac,
    encapsulation,
    authentication,
    signallingIpsec: fc.boolean(),
    localRouting: fc.boolean(),
    loadFromAaa: fc.boolean(),
    profilesFromAaa: fc.boolean(),
    mobileMaps: fc.uniqueArray(mobileMap, { selector: (map) => `${map.name} ${map.sequence}`, maxLength: 3 }),
    lmas: named(node, 'name'),
    mags: named(node, 'name'),
    profiles: named(profile, 'nai'),
  },
  ['replayProtection', 'fixedLinkLocal', 'fixedLinkLayer', 'encapsulation', 'authentication'],
);

const pool = (min: number, max: number) =>
  fc.record({ pool: name, prefixLength: number(min, max) }, { noNullPrototype: true });
const mobileNetworks = <Address>(address: fc.Arbitrary<Address>, poolLongest: number, longest: number) =>
  fc.uniqueArray(record({ address, poolLength: number(8, poolLongest), networkLength: number(poolLongest, longest) }), {
    selector: (each) => String(each.address),
    maxLength: 2,
  });
const network = partial(
  {
    name,
    ipv4Pool: pool(8, 32),
    ipv6Pool: pool(1, 128),
    defaultRouter: ipv4,
    ipv4MobileNetworks: mobileNetworks(ipv4, 30, 32),
    ipv6MobileNetworks: mobileNetworks(ipv6, 64, 64),
  },
  ['ipv4Pool', 'ipv6Pool', 'defaultRouter'],
);
const multipathSettings = {
  heartbeat,
  mobileMap: partial({ name, sequence: number(1, 255) }, ['sequence']),
  tunnelMtu: number(68, 17_916),
  ecnCompatibility: fc.constant(true as const),
  tunnelAccessList: name,
};
const interfaces = named(record({ name: interfaceName }), 'name');
const accessTypes = fc.constantFrom('virtual', 'ethernet', 'wlan', '3gppgeran', '3gpp2umb');
const role3gma = record({
  interfaces,
  priorities: named(record({ accessTechnology: accessTypes, priority: number(1, 255) }), 'accessTechnology'),
});
const transport = partial({ vrf: shortName, ipv4Address: ipv4, ipv6Address: ipv6 }, [
  'vrf',
  'ipv4Address',
  'ipv6Address',
]) as fc.Arbitrary<{ vrf?: string }>;
const customer = partial(
  {
    name: shortName,
    vrf: shortName,
    authentication,
    heartbeat,
    networkUnauthorized: fc.boolean(),
    transports: fc.uniqueArray(transport, { selector: ({ vrf }) => vrf, maxLength: 2 }),
  },
  ['authentication', 'heartbeat'],
);
const lmaSettings = {
  ipv4Address: ipv4,
  ipv6Address: ipv6,
  defaultProfile: name,
  bindingMaximum: number(1, 4_000_000),
  updateRate: partial({ perSecond: number(1, 1_000_000), burst: number(1, 4_000_000) }, ['burst']),
  maximumLifetime: secs(10, 65_535),
  refreshTime: secs(4, 65_000),
  deleteWait: millis(1, 65_535),
  createWait: millis(100, 65_535),
  prefixMaximum: number(1, 3),
  replayProtection,
  encapsulation,
  dscp: number(1, 63),
  role3gma,
  localLoop: record({ customers: named(customer, 'name') }),
  ...multipathSettings,
};
const lma = partial(
  {
    ...lmaSettings,
    name,
    domain: name,
    networks: named(network, 'name'),
    bri,
    dynamicMagLearning: fc.boolean(),
    accounting: fc.boolean(),
    authorization: fc.boolean(),
    generateGreKey: fc.boolean(),
    multipath: fc.boolean(),
    interfaces,
    mags: named(lmaMag, 'name'),
  },
  Object.keys(lmaSettings) as (keyof typeof lmaSettings)[],
);

const roamingInterface = partial(
  { name: interfaceName, egress: record({ priority: number(1, 255), accessTechnology: name, label: name }) },
  ['egress'],
);
const trafficProfile = partial(
  { name, jitter: millis(0, 65_535), roundTripTime: millis(0, 65_535), packetLoss: number(0, 100) },
  ['jitter', 'roundTripTime', 'packetLoss'],
);
const magSettings = {
  role: fc.constantFrom('3gpp', 'lte', 'wimax', 'wlan'),
  apn: name,
  ipv4Address: ipv4,
  ipv6Address: ipv6,
  detection: fc.record(
    { pollInterval: secs(1, 65_535), timeout: secs(1, 65_535), retries: number(1, 255) },
    { noNullPrototype: true },
  ),
  bindingMaximum: number(1, 4_000_000),
  lifetime: secs(10, 65_535),
  refreshTime: secs(4, 65_535),
  initRetransmission: fc.oneof(number(1, 65), number(100, 65_535)),
  maxRetransmission: fc.oneof(number(1, 65), number(100, 65_535)),
  replayProtection,
  encapsulation,
  dynamicAddress: record({ roamingInterfaces: named(roamingInterface, 'name') }),
  hybridAccess: record({ profiles: named(trafficProfile, 'name') }),
  ...multipathSettings,
};
const accessPoints = named(fc.record({ controlInterface: fc.stringMatching(/^\/[!-~]{1,106}$/) }), 'controlInterface');

const mag = partial(
  {
    ...magSettings,
    name,
    domain: name,
    interfaces: named(partial({ name: interfaceName, defaultProfile: name, accessPoints }, ['defaultProfile']), 'name'),
    localRouting: fc.boolean(),
    sessionManager: fc.boolean(),
    generateGreKey: fc.boolean(),
    multipath: fc.boolean(),
    bri,
    lmas: named(magLma, 'name'),
  },
  Object.keys(magSettings) as (keyof typeof magSettings)[],
);
