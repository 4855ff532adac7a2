/** What each attribute of an Access-Accept does: from the answer of the server to what the MAG or the LMA then says and holds. */
import { describe, expect, it } from 'vitest';
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { utcTime } from '#base/time.ts';
import { assembleAaa } from '#daemon/aaa/assemble-aaa.ts';
import { AuthorizationDesk } from '#daemon/aaa/authorization-desk.ts';
import { ProfileDesk } from '#daemon/aaa/profile-desk.ts';
import type { AccessForwarding } from '#dataplane/desired.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import { type BindingUpdate, findOption, findOptions } from '#wire/mobility/index.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { read } from '../../config/read.ts';
import { answerIn, Dialogue } from '../lma/dialogue.ts';
import {
  ACC0,
  ACC1,
  acknowledgement,
  LMA_IPV4,
  MAG_ADDRESS,
  MAG_IPV4,
  MagDialogue,
  MN,
  MN2,
  magConfig,
  p6,
  v4,
  v6,
} from '../mag/dialogue.ts';

const assembly = assembleAaa(read(''), 'mag1', () => undefined);
const named = (name: string, value: Parameters<typeof DICTIONARY.attribute>[1]) => DICTIONARY.attribute(name, value);
const NAI = named('Mobile-Node-Identifier', 'mn0@example.com');
const FEATURES = { pmip6: 0x0100_0000_0000n, ipv4: 0x0200_0000_0000n, local: 0x0400_0000_0000n };
const DUAL = named('MIP6-Feature-Vector', FEATURES.pmip6 | FEATURES.ipv4);
const LMA2 = v6('2001:db8:cafe:2024::101');
const LMAS = [...magConfig().lmas, { name: 'lma2', ipv6: LMA2, ipv4: LMA_IPV4 }];

/** A MAG without default profiles, its server's answers as they come. */
class Gateway extends MagDialogue {
  readonly #desk: ProfileDesk;
  #id = 0;

  constructor(change: Partial<MagConfig> = {}) {
    const interfaces = magConfig().interfaces.map(({ defaultProfile: _, ...rest }) => rest);
    super({ aaa: { overrides: new Map(), service: 'dual', unlistedLma: {} }, lmas: LMAS, interfaces, ...change });
    this.#desk = new ProfileDesk(
      assembly,
      () => {},
      () => ++this.#id,
      'run',
    );
  }

  /** A mobile node comes, and the server accepts it with these attributes. */
  accept(attributes: readonly RadiusAttribute[], mac = MN, at = ACC0): this {
    this.attach('layer-2-update', at, mac);
    const question = this.outputs.find((output) => output.kind === 'profile-request');
    if (!question) throw new Error('nothing was asked');
    this.outputs = [];
    this.#desk.ask({ name: 'M1', addresses: { ipv6: MAG_ADDRESS } }, question, utcTime(0));
    const answer = this.#desk.answer({ kind: 'answer', id: this.#id, outcome: 'accept', attributes });
    if (answer) this.handle(answer.answer);
    return this;
  }

  /** Where the message went. */
  get peer(): string | undefined {
    return this.outputs.find((output) => output.kind === 'send')?.to.remote.toString();
  }

  get refused(): string | undefined {
    const ended = this.outputs.find((output) => output.kind === 'session' && output.change.kind === 'session-refused');
    return ended?.kind === 'session' && ended.change.kind === 'session-refused' ? ended.change.reason : undefined;
  }

  /** The LMA accepts; what the access link and the data plane are told. */
  active() {
    this.receive(acknowledgement(this.update()));
    const session = this.outputs.find((output) => output.kind === 'session');
    const forward = this.outputs.find((output) => output.kind === 'forward');
    return {
      session: session?.kind === 'session' && session.change.kind === 'session-active' ? session.change.session : {},
      forwarding: forward?.kind === 'forward' && forward.change.kind === 'set' ? forward.change.forwarding : {},
    };
  }
}

const identifier = (update: BindingUpdate) =>
  new TextDecoder().decode(findOption(update.options, 'mobile-node-identifier')?.identifier);
const families = (update: BindingUpdate) => [
  ...(findOption(update.options, 'home-network-prefix') ? ['ipv6'] : []),
  ...(findOption(update.options, 'ipv4-home-address-request') ? ['ipv4'] : []),
];
const service = (update: BindingUpdate) => findOption(update.options, 'service-selection')?.identifier;
const prefixes = (update: BindingUpdate) =>
  findOptions(update.options, 'home-network-prefix').map(({ prefix }) => String(prefix));
const homeAddress = (update: BindingUpdate) => String(findOption(update.options, 'ipv4-home-address-request')?.address);
const updateOf = (...attributes: RadiusAttribute[]) => new Gateway().accept(attributes).update();

describe('a Cisco-AVPair of the answer to a MAG', () => {
  it.each(['mn-nai', 'Mobile-Node-Identifier'])('%s names the node in signalling', (pair) => {
    expect(identifier(updateOf(ciscoPair(pair, 'mn7@example.com')))).toBe('mn7@example.com');
  });

  it.each([
    ['ipv4', ['ipv4']],
    ['ipv6', ['ipv6']],
    ['dual', ['ipv6', 'ipv4']],
  ])('mn-service=%s has the MAG ask for that', (value, asked) => {
    expect(families(updateOf(NAI, ciscoPair('mn-service', value)))).toEqual(asked);
  });

  it('home-lma chooses the LMA of that name', () => {
    expect(new Gateway().accept([NAI, ciscoPair('home-lma', 'lma2')]).peer).toBe(String(LMA2));
  });

  it('home-lma-ipv6-address gives the address of an LMA that the configuration has not', () => {
    const gateway = new Gateway().accept([NAI, ciscoPair('home-lma-ipv6-address', '2001:db8:9::1')]);
    expect(gateway.peer).toBe('2001:db8:9::1');
  });

  it('home-lma-ipv4-address gives its IPv4 address', () => {
    const gateway = new Gateway({ addresses: { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 } });
    expect(gateway.accept([NAI, ciscoPair('home-lma-ipv4-address', '198.51.100.9')]).peer).toBe('198.51.100.9');
  });

  it('mn-apn selects the service', () => {
    expect(service(updateOf(NAI, ciscoPair('mn-apn', 'corporate')))).toBe('corporate');
    expect(service(updateOf(NAI))).toBeUndefined();
  });

  it('mn-network is the network of whose parameters the access link tells the node', () => {
    expect(new Gateway().accept([NAI, ciscoPair('mn-network', 'n1')]).active().session).toMatchObject({
      network: 'n1',
    });
  });

  it('multihomed=true lets the node be here by a further interface, with a session of its own', () => {
    const sessions = (...more: RadiusAttribute[]) => {
      const gateway = new Gateway();
      gateway.accept([NAI, ...more]).active();
      gateway.outputs = [];
      gateway.accept([NAI, ...more], MN2, ACC1);
      return findOption(gateway.update().options, 'handoff-indicator')?.indicator;
    };
    expect([sessions(ciscoPair('multihomed', 'true')), sessions()]).toEqual([1, 4]);
  });

  it('cisco-mpc-protocol-interface=pmipv6 serves, and anything else refuses the node with that reason', () => {
    expect(identifier(updateOf(NAI, ciscoPair('cisco-mpc-protocol-interface', 'pmipv6')))).toBe('mn0@example.com');
    const refused = new Gateway().accept([NAI, ciscoPair('cisco-mpc-protocol-interface', 'gtpv2')]);
    expect(refused.refused).toBe('cisco-mpc-protocol-interface is gtpv2, not pmipv6');
    expect(refused.mag.snapshot()).toEqual([]);
  });
});

describe('[RFC 6572 §4] an attribute of the answer to a MAG', () => {
  it.each([
    [FEATURES.pmip6, ['ipv6']],
    [FEATURES.pmip6 | FEATURES.ipv4, ['ipv6', 'ipv4']],
    [FEATURES.pmip6 | 0x1_0000_0000_0000n, ['ipv4']],
  ])('124 MIP6-Feature-Vector %s has the MAG ask for %s', (features, asked) => {
    expect(families(updateOf(NAI, named('MIP6-Feature-Vector', features)))).toEqual(asked);
  });

  it('[RFC 5779 §5.5] 124 MIP6-Feature-Vector without LOCAL_MAG_ROUTING_SUPPORTED keeps the node from others of its MAG', () => {
    const local = (features: bigint) =>
      (new Gateway().accept([NAI, named('MIP6-Feature-Vector', features)]).active().forwarding as AccessForwarding)
        .localRouting;
    expect([local(FEATURES.pmip6), local(FEATURES.pmip6 | FEATURES.local)]).toEqual([false, undefined]);
  });

  it('[RFC 6572 §4.1] 124 MIP6-Feature-Vector without IP4_TRANSPORT_SUPPORTED refuses a node whose LMA is reached over IPv4 alone', () => {
    const over = (lma: MagConfig['lmas'][number], ...answer: RadiusAttribute[]) =>
      new Gateway({ lmas: [lma], addresses: { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 } }).accept([NAI, ...answer]);
    const alone = { name: 'lma1', ipv4: LMA_IPV4 };
    const refused = over(alone, DUAL);
    expect(refused.refused).toBe('the AAA server does not authorize IPv4 transport to LMA lma1');
    expect(refused.mag.stats.profilesRefused).toBe(1);
    const allowed = named('MIP6-Feature-Vector', FEATURES.pmip6 | 0x8000_0000_0000n);
    expect(over(alone, allowed).peer).toBe(String(LMA_IPV4));
    expect(over(alone).peer).toBe(String(LMA_IPV4));
    expect(over({ ...alone, ipv6: LMA2 }, DUAL).peer).toBe(String(LMA2));
  });

  it('145 Mobile-Node-Identifier names the node in signalling', () => {
    expect(identifier(updateOf(NAI))).toBe('mn0@example.com');
  });

  it('146 Service-Selection selects the service', () => {
    expect(service(updateOf(NAI, named('Service-Selection', 'corporate')))).toBe('corporate');
  });

  it.each([
    [147, 'PMIP6-Home-LMA-IPv6-Address', v6('2001:db8:9::1')],
    [148, 'PMIP6-Visited-LMA-IPv6-Address', v6('2001:db8:9::2')],
    [149, 'PMIP6-Home-LMA-IPv4-Address', v4('198.51.100.1')],
    [150, 'PMIP6-Visited-LMA-IPv4-Address', v4('198.51.100.2')],
  ])('%d %s is where the registration goes', (_, name, address) => {
    const gateway = new Gateway({ addresses: { ipv6: MAG_ADDRESS, ipv4: MAG_IPV4 } });
    expect(gateway.accept([NAI, named(name, address)]).peer).toBe(String(address));
  });

  it.each([
    [151, 'PMIP6-Home-HN-Prefix'],
    [152, 'PMIP6-Visited-HN-Prefix'],
  ])('%d %s is asked for', (_, name) => {
    expect(prefixes(updateOf(NAI, DUAL, named(name, p6('2001:db8:f00d:9::/64'))))).toEqual(['2001:db8:f00d:9::/64']);
  });

  it.each([
    [155, 'PMIP6-Home-IPv4-HoA'],
    [156, 'PMIP6-Visited-IPv4-HoA'],
  ])('%d %s is asked for', (_, name) => {
    const hoa = Ipv4Prefix.parse('192.0.2.9/32') as Ipv4Prefix;
    expect(homeAddress(updateOf(NAI, DUAL, named(name, hoa)))).toBe('192.0.2.9');
  });

  it.each([
    [157, 'PMIP6-Home-DHCP4-Server-Address'],
    [158, 'PMIP6-Visited-DHCP4-Server-Address'],
  ])('%d %s is where the access link relays to', (_, name) => {
    const { session } = new Gateway().accept([NAI, DUAL, named(name, v4('10.0.0.67'))]).active();
    expect(session).toMatchObject({ dhcpServer: v4('10.0.0.67') });
  });

  it.each([
    [153, 'PMIP6-Home-Interface-ID', new Uint8Array(8)],
    [154, 'PMIP6-Visited-Interface-ID', new Uint8Array(8)],
    [159, 'PMIP6-Home-DHCP6-Server-Address', v6('2001:db8::67')],
    [160, 'PMIP6-Visited-DHCP6-Server-Address', v6('2001:db8::67')],
    [161, 'PMIP6-Home-IPv4-Gateway', v4('192.0.2.254')],
    [162, 'PMIP6-Visited-IPv4-Gateway', v4('192.0.2.254')],
  ])('%d %s changes nothing, and is shown, counted and logged as such', (_, name, value) => {
    const gateway = new Gateway().accept([NAI, named(name, value)]);
    expect(gateway.mag.snapshot()[0]).toMatchObject({ profileWithoutEffect: [name] });
    expect(gateway.mag.stats.profilesPartlyWithoutEffect).toBe(1);
    expect(gateway.story()).toContain('log profile-without-effect');
  });
});

describe('answers that have both', () => {
  it('hold by the pair where both speak of one thing, and by either elsewhere', () => {
    const gateway = new Gateway().accept([
      named('Mobile-Node-Identifier', 'standard@example.com'),
      named('Service-Selection', 'standard'),
      named('PMIP6-Home-LMA-IPv6-Address', v6('2001:db8:9::1')),
      named('MIP6-Feature-Vector', FEATURES.pmip6),
      named('PMIP6-Home-HN-Prefix', p6('2001:db8:f00d:9::/64')),
      ciscoPair('mn-nai', 'cisco@example.com'),
      ciscoPair('mn-apn', 'cisco'),
      ciscoPair('mn-service', 'dual'),
      ciscoPair('home-lma', 'lma2'),
    ]);
    expect(gateway.peer).toBe(String(LMA2));
    const update = gateway.update();
    expect([identifier(update), service(update), families(update), prefixes(update)]).toEqual([
      'cisco@example.com',
      'cisco',
      ['ipv6', 'ipv4'],
      ['2001:db8:f00d:9::/64'],
    ]);
  });
});

describe('[RFC 6572 §6.2] an attribute of the answer to an LMA', () => {
  /** What the MAG is answered. */
  function granted(...attributes: RadiusAttribute[]) {
    const lma = new Dialogue({ authorization: true });
    const asked = lma.update().find((output) => output.kind === 'authorize');
    if (!asked) throw new Error('nothing was asked');
    const desk = new AuthorizationDesk(
      assembly,
      () => {},
      () => 1,
      'run',
    );
    desk.ask({ name: 'lma1', addresses: lma.config.addresses }, asked, utcTime(0));
    const answer = desk.answer({ kind: 'answer', id: 1, outcome: 'accept', attributes });
    const options = (answer && answerIn(lma.tell(answer.event)))?.options ?? [];
    return {
      prefix: String(findOption(options, 'home-network-prefix')?.prefix),
      home: String(findOption(options, 'ipv4-home-address-reply')?.address),
      gateway: String(findOption(options, 'ipv4-default-router')?.address),
    };
  }

  it.each(['Home', 'Visited'])('PMIP6-%s-HN-Prefix is what the node gets', (network) => {
    expect(granted(named(`PMIP6-${network}-HN-Prefix`, p6('2001:db8:f00d:77::/64'))).prefix).toBe(
      '2001:db8:f00d:77::/64',
    );
  });

  it.each(['Home', 'Visited'])('PMIP6-%s-IPv4-HoA and -IPv4-Gateway are what the node gets', (network) => {
    const hoa = Ipv4Prefix.parse('198.51.100.77/24') as Ipv4Prefix;
    const gateway = v4('198.51.100.254');
    const answer = granted(named(`PMIP6-${network}-IPv4-HoA`, hoa), named(`PMIP6-${network}-IPv4-Gateway`, gateway));
    expect(answer).toMatchObject({ home: '198.51.100.77', gateway: '198.51.100.254' });
  });

  it.each(['Home', 'Visited'])('PMIP6-%s-LMA-IPv6-Address and the like change nothing, and are named', (network) => {
    const before = granted();
    expect(granted(named(`PMIP6-${network}-LMA-IPv6-Address`, LMA2))).toEqual(before);
  });
});
