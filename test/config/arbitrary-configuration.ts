import fc from 'fast-check';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { Configuration } from '#config/index.ts';

/** A model of which nothing is required but what makes it one: names are unique, and refused values do not occur. */
export function arbitraryConfiguration(): fc.Arbitrary<Configuration> {
  return partial(
    {
      hostname: name,
      ipv6UnicastRouting: fc.boolean(),
      ipv4Pools: named(ipv4Pool, 'name'),
      ipv6Pools: named(ipv6Pool, 'name'),
      dhcpPools: named(fc.record({ name }), 'name'),
      interfaces: named(networkInterface, 'name'),
      domains: named(domain, 'name'),
      lmas: named(lma, 'name'),
      mags: named(mag, 'name'),
    },
    ['hostname'],
  ) as unknown as fc.Arbitrary<Configuration>;
}

/** A record whose `optional` fields may be absent. */
function partial<Fields extends Record<string, fc.Arbitrary<unknown>>>(fields: Fields, optional: (keyof Fields)[]) {
  const requiredKeys = Object.keys(fields).filter((key) => !optional.includes(key));
  return fc.record(fields, { requiredKeys, noNullPrototype: true });
}

function allOptional<Fields extends Record<string, fc.Arbitrary<unknown>>>(fields: Fields) {
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}

function named<Entry>(entry: fc.Arbitrary<Entry>, key: keyof Entry) {
  return fc.uniqueArray(entry, { selector: (each) => each[key], maxLength: 3 });
}

const name = fc.oneof(
  fc.stringMatching(/^[!-~]{1,20}$/),
  fc.constantFrom('lma', 'no', 'exit', 'end', '!', 'default', 'mn@example.com', 'ünï', 'bce'),
);
const number = (min: number, max: number) => fc.integer({ min, max });
const secs = (min: number, max: number) => number(min, max).map(seconds);
const millis = (min: number, max: number) => number(min, max).map(milliseconds);
const word = number(-0x8000_0000, 0x7fff_ffff);
const ipv4 = word.map((each) => new Ipv4Address(each));
const ipv6 = fc
  .tuple(fc.constantFrom(0, 0x20010db8, -1), fc.constantFrom(0, 1), word, fc.constantFrom(0, 0x10000, 1))
  .map((words) => new Ipv6Address(...words));
const linkLocal = word.map((each) => new Ipv6Address(0xfe800000, 0, each, 1));
const mac = word.map((each) => new MacAddress(0x0200, each));

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
const interfaceName = fc.constantFrom(
  'GigabitEthernet0/1/0.3074',
  'acc',
  'eth0',
  'TenGigabitEthernet0/1',
  'Vlan7',
  'lo',
);
const networkInterface = partial(
  {
    name: interfaceName,
    linuxInterface: fc.stringMatching(/^[a-z][a-z0-9.@-]{0,14}$/),
    description: fc.stringMatching(/^[!-~][ -~]{0,20}[!-~]$/),
    vlan: number(1, 4094),
    ipv4Address: fc.tuple(ipv4, number(0, 32)).map(([address, length]) => new Ipv4Prefix(address, length)),
    ipv6Addresses: fc.uniqueArray(
      fc.tuple(ipv6, number(0, 128)).map(([address, length]) => new Ipv6Prefix(address, length)),
      { selector: String, maxLength: 2 },
    ),
  },
  ['linuxInterface', 'description', 'vlan', 'ipv4Address'],
);

const replayProtection = fc.oneof(
  fc.constant({ timestamp: false }),
  fc.constant({ timestamp: true }),
  secs(1, 255).map((window) => ({ timestamp: true, window })),
);
const encapsulation = fc.constantFrom('ipv6-in-ipv6', 'gre-ipv4', 'gre-ipv6', 'udptunnel');
const authentication = fc.record(
  {
    spi: number(0, 0xffff_ffff),
    key: fc.record({ format: fc.constantFrom('ascii', 'hex'), text: name }, { noNullPrototype: true }),
  },
  { noNullPrototype: true },
);
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
    authentication,
  },
  ['domain', 'encapsulation', 'authentication'],
);

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
  },
  ['apn', 'lma', 'service', 'network', 'interface', 'greKeyUp', 'greKeyDown'],
);
const domain = partial(
  {
    name,
    replayProtection,
    fixedLinkLocal: linkLocal,
    fixedLinkLayer: mac,
    encapsulation,
    authentication,
    localRouting: fc.boolean(),
    profilesFromAaa: fc.boolean(),
    lmas: named(node, 'name'),
    mags: named(node, 'name'),
    profiles: named(profile, 'nai'),
  },
  ['replayProtection', 'fixedLinkLocal', 'fixedLinkLayer', 'encapsulation', 'authentication'],
);

const pool = (min: number, max: number) =>
  fc.record({ pool: name, prefixLength: number(min, max) }, { noNullPrototype: true });
const network = partial({ name, ipv4Pool: pool(8, 32), ipv6Pool: pool(1, 128), defaultRouter: ipv4 }, [
  'ipv4Pool',
  'ipv6Pool',
  'defaultRouter',
]);
const lmaSettings = {
  ipv4Address: ipv4,
  ipv6Address: ipv6,
  defaultProfile: name,
  bindingMaximum: number(1, 4_000_000),
  maximumLifetime: secs(10, 65_535),
  refreshTime: secs(4, 65_000),
  deleteWait: millis(100, 65_535),
  createWait: millis(100, 65_535),
  prefixMaximum: number(1, 3),
  replayProtection,
  heartbeat: fc.record({ interval: secs(10, 3600), retries: number(1, 10) }, { noNullPrototype: true }),
  encapsulation,
};
const lma = partial(
  {
    ...lmaSettings,
    name,
    domain: name,
    networks: named(network, 'name'),
    bri,
    dynamicMagLearning: fc.boolean(),
    mags: named(peer, 'name'),
  },
  Object.keys(lmaSettings) as (keyof typeof lmaSettings)[],
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
  retransmitInitial: millis(100, 65_535),
  retransmitMaximum: millis(100, 65_535),
  replayProtection,
  encapsulation,
};
const mag = partial(
  {
    ...magSettings,
    name,
    domain: name,
    interfaces: named(partial({ name: interfaceName, defaultProfile: name }, ['defaultProfile']), 'name'),
    localRouting: fc.boolean(),
    sessionManager: fc.boolean(),
    bri,
    lmas: named(peer, 'name'),
  },
  Object.keys(magSettings) as (keyof typeof magSettings)[],
);
