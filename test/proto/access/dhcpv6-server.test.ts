import { describe, expect, it } from 'vitest';
import { type Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import { readProfile } from '#proto/aaa/read-profile.ts';
import { type Dhcpv6Message, type Dhcpv6Option, decodeDhcpv6, encodeDhcpv6 } from '#wire/dhcpv6.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { decodeUdp, encodeUdp } from '#wire/udp.ts';
import { acknowledgement, MagDialogue } from '../mag/dialogue.ts';
import { AccessLink, DISCOVER, layer2Update, MAG, MAG_LINK_LOCAL, MN, MN2, v4, v6 } from './link.ts';

const ALL_AGENTS = v6('ff02::1:2');
const CLIENT = linkLocalFromMac(MN);
const DUID = Uint8Array.of(0, 1, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
const parameters = [
  {
    network: 'n',
    ipv4: { dnsServers: [] },
    ipv6: { dnsServers: [v6('2001:db8::53'), v6('2001:db8::54')], domainName: 'example.com' },
  },
];
/** As `dhclient -6 -S` and systemd-networkd send it. */
const ASKED: Dhcpv6Option[] = [
  { kind: 'client-identifier', duid: DUID },
  { kind: 'option-request', codes: [23, 24, 32] },
];

describe('stateless DHCPv6', () => {
  it('[RFC 8415 §18.3.6] tells DNS servers, domain and refresh time to a node that asks for them', () => {
    const link = served();
    link.hear(information(ASKED));
    const { message, source, destination, frame } = oneReply(link);
    expect(message).toEqual({
      type: 7,
      transactionId: 0x123456,
      options: [
        { kind: 'server-identifier', duid: Uint8Array.of(0, 3, 0, 1, 0x00, 0x00, 0x5e, 0x00, 0x52, 0x13) },
        { kind: 'client-identifier', duid: DUID },
        { kind: 'dns-servers', addresses: [v6('2001:db8::53'), v6('2001:db8::54')] },
        { kind: 'domain-list', domains: ['example.com'] },
        { kind: 'information-refresh-time', duration: 3_600_000 },
      ],
    });
    expect([source, destination]).toEqual([MAG_LINK_LOCAL, CLIENT]);
    expect([frame.source, frame.destination]).toEqual([MAG, MN]);
  });

  it('[RFC 8415 §18.3.6] answers a node that does not say who it is', () => {
    const link = served();
    link.hear(information([{ kind: 'option-request', codes: [23] }]));
    expect(oneReply(link).message.options.map(({ kind }) => kind)).toEqual(['server-identifier', 'dns-servers']);
  });

  it('is by the same server at every MAG', () => {
    const identifiers = [1, 2].map((seed) => {
      const link = served(seed);
      link.hear(information(ASKED));
      return oneReply(link).message.options[0];
    });
    expect(identifiers[0]).toEqual(identifiers[1]);
  });

  it.each([
    ['[RFC 8415 §16.12] names another server', information([{ kind: 'server-identifier', duid: DUID }])],
    [
      '[RFC 8415 §16.12] has an identity association',
      information([{ kind: 'unknown-option', code: 3, data: new Uint8Array(12) }]),
    ],
    ['asks for addresses', information(ASKED, { type: 1 })],
    ['is a reply', information(ASKED, { type: 7 })],
    ['comes from a global address', information(ASKED, { source: v6('2001:db8:1::1') })],
    ['goes to some other group', information(ASKED, { destination: v6('ff05::1:3') })],
  ])('is silent when the message %s', (_, frame) => {
    const link = served();
    link.hear(frame);
    expect(link.frames()).toEqual([]);
    expect(link.machine.stats.dhcpv6Unexpected).toBe(1);
  });

  it('is silent before the session, and while one is confirmed', () => {
    const link = new AccessLink({ parameters });
    link.hear(information(ASKED));
    expect(link.triggers()).toEqual(['dhcp']);
    link.activate();
    link.advance(1000);
    link.hear(layer2Update());
    link.outputs = [];
    link.hear(information(ASKED));
    expect(link.frames()).toEqual([]);
    expect(link.machine.stats.dhcpv6WithoutSession).toBe(2);
  });

  it('counts what is cut short', () => {
    const link = served();
    link.hear(datagram(Uint8Array.of(11, 1)));
    expect(link.machine.stats.dhcpv6Malformed).toBe(1);
    expect(link.frames()).toEqual([]);
  });

  it('answers each node alone', () => {
    const link = served();
    link.hear(layer2Update(MN2));
    link.activate({ mac: MN2 });
    link.outputs = [];
    link.hear(information(ASKED));
    expect(oneReply(link).frame.destination).toEqual(MN);
  });
});

describe('name servers and domain that a RADIUS server has for a node', () => {
  const aaa = { overrides: new Map(), service: 'dual', unlistedLma: {} } as const;
  const pairs = [
    ciscoPair('ip:dns-servers', '192.0.2.53 198.51.100.53'),
    ciscoPair('ipv6:ipv6-dns-servers-addr', '2001:db8:9::53'),
    ciscoPair('ip:default-domain', 'node.example.net'),
  ];
  const attributes = [
    DICTIONARY.attribute('MS-Primary-DNS-Server', v4('192.0.2.53')),
    DICTIONARY.attribute('MS-Secondary-DNS-Server', v4('198.51.100.53')),
    DICTIONARY.attribute('DNS-Server-IPv6-Address', v6('2001:db8:9::53')),
  ];

  /** From the Access-Accept by way of the MAG to the access link. */
  function answered(accept: readonly RadiusAttribute[]): AccessLink {
    const read = readProfile(accept, 'gateway');
    if (!read.ok) throw new Error(read.error);
    const mag = new MagDialogue({ aaa });
    mag.attach();
    mag.handle({ kind: 'profile', mac: MN, answer: { kind: 'found', profile: read.value } });
    mag.receive(acknowledgement(mag.update()));
    const link = new AccessLink({ parameters });
    link.hear(layer2Update());
    for (const output of mag.outputs) if (output.kind === 'session') link.handle(output);
    return link;
  }

  function told(link: AccessLink) {
    const [first] = link.advertisements();
    link.hear(information(ASKED));
    const { options } = oneReply(link).message;
    link.hear(DISCOVER);
    const offered = link.oneDhcp().message.options;
    const naming = [...(first?.message.options ?? []), ...options, ...offered];
    return Object.fromEntries(
      naming.flatMap((option): [string, string][] => {
        if ('addresses' in option && option.kind !== 'router') return [[option.kind, `${option.addresses}`]];
        if ('domains' in option) return [[option.kind, `${option.domains}`]];
        return option.kind === 'domain-name' ? [[option.kind, option.name]] : [];
      }),
    );
  }

  const servers = {
    'recursive-dns-server': '2001:db8:9::53',
    'dns-servers': '2001:db8:9::53',
    'domain-name-server': '192.0.2.53,198.51.100.53',
  };

  it('[RFC 2132 §3.8, §3.17] [RFC 8106 §5.1, §5.2] reach it by DHCP, router advertisement and stateless DHCPv6, before those of its network', () => {
    expect(told(answered(pairs))).toEqual({
      ...servers,
      'dns-search-list': 'node.example.net',
      'domain-list': 'node.example.net',
      'domain-name': 'node.example.net',
    });
  });

  it('are taken from the attributes of RFC 2548 and RFC 6911 too, and what these do not say from its network', () => {
    expect(told(answered(attributes))).toEqual({
      ...servers,
      'dns-search-list': 'example.com',
      'domain-list': 'example.com',
    });
  });

  it.each([
    ['ip:dns-servers', '192.0.2.53 nowhere'],
    ['ipv6:ipv6-dns-servers-addr', '192.0.2.53'],
    ['ip:default-domain', 'two words'],
    ['ip:default-domain', `${'a'.repeat(64)}.example`],
  ])('that cannot be read refuse the node rather than name others: %s=%s', (name, value) => {
    const read = readProfile([ciscoPair(name, value)], 'gateway');
    expect(read.ok ? '' : read.error).toBe(`${name}=${value} cannot be read`);
  });
});

describe('name servers in router advertisements', () => {
  const first = (change: object) => {
    const link = new AccessLink({ parameters });
    link.hear(layer2Update());
    link.activate(change);
    return link.advertisements()[0]?.message;
  };

  it('[RFC 8106 §5.1] are good for as long as the router, three advertisements at least', () => {
    for (const lifetime of [8, 60, 3600, 86_400]) {
      const message = first({ lifetime: lifetime * 1000 });
      const option = message?.options.find(({ kind }) => kind === 'recursive-dns-server');
      expect(option).toMatchObject({ addresses: [v6('2001:db8::53'), v6('2001:db8::54')] });
      expect(option).toMatchObject({ lifetime: message?.routerLifetime });
    }
  });

  it('[RFC 8106 §5.2] come with the domain, and the O flag says that DHCPv6 has them too', () => {
    const message = first({});
    expect(message?.options).toContainEqual(
      expect.objectContaining({ kind: 'dns-search-list', domains: ['example.com'] }),
    );
    expect(message).toMatchObject({ managed: false, otherConfig: true });
  });

  it('[RFC 8106 §5.1, §5.2] are taken back with the prefixes, by a lifetime of 0', () => {
    const link = served();
    link.end('withdrawn');
    const naming = link
      .advertisements()[0]
      ?.message.options.flatMap((option) =>
        option.kind === 'recursive-dns-server' || option.kind === 'dns-search-list'
          ? [`${option.kind} ${option.lifetime}`]
          : [],
      );
    expect(naming).toEqual(['recursive-dns-server 0', 'dns-search-list 0']);
  });

  it('are left out where none is configured', () => {
    const link = new AccessLink();
    link.hear(layer2Update());
    link.activate();
    const message = link.advertisements()[0]?.message;
    expect(message?.otherConfig).toBe(false);
    expect(message?.options.map(({ kind }) => kind)).toEqual([
      'source-link-layer-address',
      'mtu',
      'prefix-information',
    ]);
  });
});

function served(seed = 1): AccessLink {
  const link = new AccessLink({ parameters }, seed);
  link.serve();
  return link;
}

interface Envelope {
  readonly type?: number;
  readonly source?: Ipv6Address;
  readonly destination?: Ipv6Address;
}

function information(options: readonly Dhcpv6Option[], envelope: Envelope = {}): Uint8Array {
  return datagram(encodeDhcpv6({ type: envelope.type ?? 11, transactionId: 0x123456, options }), envelope);
}

function datagram(octets: Uint8Array, { source = CLIENT, destination = ALL_AGENTS }: Envelope = {}): Uint8Array {
  const payload = encodeUdp({ sourcePort: 546, destinationPort: 547, source, destination, payload: octets });
  return encodeEthernet({
    destination: MAG,
    source: MN,
    tags: [],
    etherType: EtherType.IPV6,
    payload: encodeIpv6({ nextHeader: 17, hopLimit: 1, source, destination, payload }),
  });
}

function oneReply(link: AccessLink) {
  const frames = link.frames();
  expect(frames).toHaveLength(1);
  const [frame] = frames;
  const packet = frame && decodeIpv6(frame.payload);
  if (!frame || !packet?.ok) throw new Error('no IPv6 packet');
  const { source, destination, payload } = packet.value;
  const udp = decodeUdp(payload, source, destination);
  if (!udp.ok) throw new Error('no UDP datagram');
  expect([udp.value.sourcePort, udp.value.destinationPort]).toEqual([547, 546]);
  const decoded = decodeDhcpv6(udp.value.payload);
  if (!decoded.ok) throw new Error('no DHCPv6 message');
  const message: Dhcpv6Message = decoded.value;
  return { frame, source, destination, message };
}
