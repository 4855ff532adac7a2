/** What a mobile node is given. */
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { lmaConfig } from '#sim/domain.ts';
import type { Dialogue } from './dialogue.ts';

const { pools } = lmaConfig(0, 2);

export const SERVICES: readonly Dialogue[] = [
  {
    name: 'ipv4-alone',
    title: 'A node with IPv4 alone',
    rfc: 'RFC 5844 §3.1.2.6, §3.2.3.1',
    setting: { profile: { service: 'ipv4' } },
    play: attach,
  },
  {
    name: 'ipv6-alone',
    title: 'A node with IPv6 alone',
    rfc: 'RFC 5213 §5.3.2, §6.9.1.1(3)',
    setting: { profile: { service: 'ipv6' }, nodes: [{ name: 'mn1', dhcp: 'none' }] },
    play: attach,
  },
  {
    name: 'addresses-of-its-own',
    title: 'A node with addresses that its profile states, two prefixes among them',
    rfc: 'RFC 5213 §5.2, §5.3.2',
    setting: { profile: { fixed: { homeAddress: home('198.51.100.7'), prefixes: [prefix('a'), prefix('b')] } } },
    play: attach,
  },
  {
    name: 'network-of-its-own',
    title: 'A node has its addresses from the pools of its network, and a service by name',
    rfc: 'RFC 5149 §4.2',
    setting: {
      profile: { network: 'corporate', apn: 'internet.example' },
      lma: {
        pools: {
          ipv4: [...pools.ipv4, { ...corporateRange(), network: 'corporate' }],
          ipv6: [...pools.ipv6, { prefix: prefix('c0', 48), assignedLength: 64, network: 'corporate' }],
        },
      },
    },
    play: attach,
  },
  {
    name: 'refresh-advice',
    title: 'An anchor says how often it wants to hear of a node',
    rfc: 'RFC 6275 §6.2.4',
    setting: { lma: { refreshTime: seconds(20) } },
    play: (stage) =>
      stage.scene('mn1 comes to mag1, and is refreshed after 20 s.', () => stage.node().attach('mag1'), 25),
  },
  {
    name: 'link-local-address',
    title: "The gateways' link-local address is asked of the anchor",
    rfc: 'RFC 5213 §6.9.1.1(9), §5.3.6, RFC 6543 §3',
    setting: { mag: { linkLocalFromLma: true } },
    play: attach,
  },
  {
    name: 'learnt-gateway',
    title: 'An anchor that serves every gateway',
    rfc: 'RFC 5213 §5.3.1(6)',
    setting: { lma: { peers: [], dynamicMagLearning: true } },
    play: attach,
  },
  {
    name: 'pools-exhausted',
    title: 'There are no more addresses',
    rfc: 'RFC 5213 §5.3.2(2), §5.3.5',
    setting: {
      nodes: [{ name: 'mn1' }, { name: 'mn2' }],
      lma: { pools: { ...pools, ipv4: pools.ipv4.map((pool) => ({ ...pool, high: pool.low })) } },
    },
    agrees: false,
    play: (stage) => {
      attach(stage);
      stage.scene('mn2 comes to mag2: the only home address is taken.', () => stage.node('mn2').attach('mag2'), 1);
    },
  },
];

function attach(stage: Parameters<Dialogue['play']>[0]): void {
  stage.scene('mn1 comes to mag1.', () => stage.node().attach('mag1'), 2);
}

function home(text: string) {
  const address = Ipv4Address.parse(text) as Ipv4Address;
  return { address, prefixLength: 24, defaultRouter: new Ipv4Address(0xc63364fe) };
}

function corporateRange() {
  return {
    prefixLength: 24,
    low: new Ipv4Address(0xc6336401),
    high: new Ipv4Address(0xc63364fd),
    gateway: new Ipv4Address(0xc63364fe),
  };
}

function prefix(subnet: string, length = 64): Ipv6Prefix {
  return Ipv6Prefix.parse(`2001:db8:${subnet}::/${length}`) as Ipv6Prefix;
}
