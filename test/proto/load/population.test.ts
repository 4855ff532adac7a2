import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { Figures, type Operation, type Outgoing, Population, type PopulationConfig } from '#proto/load/index.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  type BindingAcknowledgement,
  BindingRevocationFlag,
  BindingStatus,
  type BindingUpdate,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  findOption,
  findOptions,
  HandoffIndicator,
  type MobilityMessage,
  RevocationTrigger,
} from '#wire/mobility/index.ts';

const LMA = Ipv6Address.parse('2001:db8::101') as Ipv6Address;
const GATEWAYS = ['2001:db8::15', '2001:db8::16'].map((text) => Ipv6Address.parse(text) as Ipv6Address);
const CONFIG: PopulationConfig = {
  ...{ lma: LMA, gateways: GATEWAYS, nodes: 2, realm: 'example.com', service: 'dual', timestamps: false },
  ...{ lifetime: seconds(3600), patience: milliseconds(1000), tries: 2 },
};
const utc = utcTime(1_700_000_000_000);

function decoded({ octets }: Outgoing): MobilityMessage {
  const message = decodeMobilityHeader(octets);
  if (!message.ok) throw new Error('no Mobility Header');
  return message.value;
}

/** That of an LMA which gives the mobile node with this number these addresses. */
function answer(update: BindingUpdate, { host = 1, status = 0 } = {}): BindingAcknowledgement {
  const identifier = findOption(update.options, 'mobile-node-identifier');
  if (!identifier) throw new Error('no identifier');
  return {
    kind: 'binding-acknowledgement',
    ...{ status, flags: 0x20, sequence: update.sequence, lifetime: update.lifetime },
    options: [
      identifier,
      {
        kind: 'home-network-prefix',
        prefix: Ipv6Prefix.parse(`2001:db8:1:${host}::/64`) as Ipv6Prefix,
        offLink: false,
      },
      {
        kind: 'ipv4-home-address-reply',
        ...{ status: 0, prefixLength: 24, address: Ipv4Address.parse(`192.0.2.${host}`) as Ipv4Address },
      },
    ],
  };
}

/** Of the mobile node with this number. */
function indication(node: number): MobilityMessage {
  return {
    kind: 'binding-revocation-indication',
    ...{ trigger: RevocationTrigger.ADMINISTRATIVE_REASON, sequence: 7, flags: BindingRevocationFlag.P },
    options: [
      {
        kind: 'mobile-node-identifier',
        subtype: 1,
        identifier: new TextEncoder().encode(`mn${node}@example.com`),
      },
    ],
  };
}

class Exchange {
  readonly figures = new Figures();
  now = instant(0);
  readonly population: Population;

  constructor(config: Partial<PopulationConfig> = {}) {
    this.population = new Population({ ...CONFIG, ...config });
  }

  ask(operation: Operation): { readonly gateway: number; readonly update: BindingUpdate } {
    const outgoing = this.population.ask(operation, this.figures, this.now, utc);
    const update = outgoing && decoded(outgoing);
    if (update?.kind !== 'binding-update') throw new Error('nothing asked');
    return { gateway: outgoing?.gateway ?? -1, update };
  }

  receive(gateway: number, message: MobilityMessage): Outgoing | undefined {
    return this.population.receive(gateway, encodeMobilityHeader(message), this.now);
  }

  attach(host: number): void {
    const { gateway, update } = this.ask('attach');
    this.receive(gateway, answer(update, { host }));
  }
}

describe('the mobile nodes of a load', () => {
  it('begin at the MAGs in turn, and ask for what the LMA likes to give', () => {
    const exchange = new Exchange();
    const [first, second] = [exchange.ask('attach'), exchange.ask('attach')];
    expect([first.gateway, second.gateway]).toEqual([0, 1]);
    expect(findOption(first.update.options, 'home-network-prefix')?.prefix.isAllZero).toBe(true);
    expect(findOption(first.update.options, 'timestamp')).toBeUndefined();
    expect(exchange.population.ask('attach', exchange.figures, exchange.now, utc)).toBeUndefined();
    expect(exchange.population.waiting).toBe(2);
  });

  it('keep their addresses when they stay, and ask for them at the next MAG', () => {
    const exchange = new Exchange({ nodes: 1 });
    exchange.attach(1);
    exchange.population.rewind();
    const refresh = exchange.ask('refresh');
    expect(`${findOption(refresh.update.options, 'ipv4-home-address-request')?.address}`).toBe('192.0.2.1');
    exchange.receive(refresh.gateway, answer(refresh.update));
    exchange.population.rewind();
    const handover = exchange.ask('handover');
    expect(handover.gateway).toBe(1);
    expect(findOption(handover.update.options, 'handoff-indicator')?.indicator).toBe(HandoffIndicator.UNKNOWN);
    exchange.receive(handover.gateway, answer(handover.update, { host: 2 }));
    exchange.population.rewind();
    const detach = exchange.ask('detach');
    expect([detach.gateway, detach.update.lifetime]).toEqual([1, 0]);
    exchange.receive(detach.gateway, answer(detach.update, { host: 2 }));
    expect(exchange.population.attached).toBe(0);
    expect(exchange.figures.report()).toMatchObject({ sent: 4, accepted: 4, changedAddresses: 1, givenTwice: 0 });
  });

  it('are slow for nothing while both ends warm up', () => {
    const figures = new Figures(instant(1000));
    figures.accept(instant(999), instant(2000));
    figures.accept(instant(1000), instant(1003));
    expect(figures.report()).toMatchObject({ accepted: 2, latencyMicroseconds: { p50: 3000, maximum: 3000 } });
  });

  it('count an address that two of them have', () => {
    const exchange = new Exchange();
    exchange.attach(1);
    exchange.attach(1);
    expect(exchange.figures.givenTwice).toBe(1);
  });

  it('count refusals by their names', () => {
    const exchange = new Exchange();
    const { gateway, update } = exchange.ask('attach');
    exchange.receive(gateway, answer(update, { status: BindingStatus.INSUFFICIENT_RESOURCES }));
    expect(exchange.figures.report().refused).toEqual({ INSUFFICIENT_RESOURCES: 1 });
    expect(exchange.population.attached).toBe(0);
  });

  it('ask again with a new number after the patience, and take late answers to the old one for none', () => {
    const exchange = new Exchange({ nodes: 1 });
    const first = exchange.ask('attach');
    expect(exchange.population.nextRetransmission()).toBe(1000);
    expect(exchange.population.retransmission(instant(999), utc)).toBeUndefined();
    exchange.now = instant(1000);
    const again = exchange.population.retransmission(exchange.now, utc);
    expect(again && decoded(again)).toMatchObject({ sequence: first.update.sequence + 1 });
    exchange.receive(first.gateway, answer(first.update));
    expect(exchange.population.waiting).toBe(1);
    expect(exchange.population.retransmission(instant(2000), utc)).toBeUndefined();
    expect(exchange.population.waiting).toBe(0);
    expect(exchange.figures.report()).toMatchObject({ sent: 1, retransmitted: 1, lost: 1, accepted: 0 });
  });

  it('take only what has the right authentication, and only at the MAG that asked', () => {
    const association = { subtype: 1, spi: 256, hmac: new HmacSha1(Uint8Array.of(1)) };
    const exchange = new Exchange({ authentication: association });
    const { gateway, update } = exchange.ask('attach');
    exchange.receive(gateway, answer(update));
    const authentic = encodeAuthenticated(answer(update), [association], GATEWAYS[gateway] as Ipv6Address);
    exchange.population.receive(1 - gateway, authentic, exchange.now);
    expect(exchange.figures.report()).toMatchObject({ notAuthentic: 1, accepted: 0 });
    exchange.population.receive(gateway, authentic, exchange.now);
    expect(exchange.figures.accepted).toBe(1);
  });

  it('leave when they are revoked where they are, which their MAG acknowledges', () => {
    const exchange = new Exchange();
    exchange.attach(1);
    exchange.attach(2);
    const reply = exchange.receive(0, indication(0));
    expect(reply && decoded(reply)).toMatchObject({
      kind: 'binding-revocation-acknowledgement',
      status: 0,
      sequence: 7,
    });
    exchange.receive(0, indication(1));
    expect(exchange.population).toMatchObject({ attached: 1, revocations: 1 });
  });

  it('are not revoked where they are about to leave, though the LMA tells the old MAG first', () => {
    const exchange = new Exchange({ nodes: 1 });
    exchange.attach(1);
    exchange.population.rewind();
    const { gateway, update } = exchange.ask('handover');
    exchange.receive(0, indication(0));
    exchange.receive(gateway, answer(update, { host: 2 }));
    expect(exchange.population).toMatchObject({ attached: 1, revocations: 0 });
    expect(exchange.figures.changedAddresses).toBe(1);
  });

  it('are lost in the order in which they were asked last, and those that were answered meanwhile are not', () => {
    const exchange = new Exchange({ nodes: 4 });
    const updates = [0, 1, 2, 3].map((at) => {
      exchange.now = instant(at * 100);
      return exchange.ask('attach');
    });
    exchange.receive(updates[1]?.gateway ?? -1, answer(updates[1]?.update as BindingUpdate, { host: 9 }));
    expect(exchange.population.nextRetransmission()).toBe(1000);
    const again = (now: number) => {
      const outgoing = exchange.population.retransmission(instant(now), utc);
      const update = outgoing && (decoded(outgoing) as BindingUpdate);
      return update && new TextDecoder().decode(findOption(update.options, 'mobile-node-identifier')?.identifier);
    };
    expect([again(1200), again(1200), again(1200)]).toEqual(['mn0@example.com', 'mn2@example.com', undefined]);
    expect(exchange.population.nextRetransmission()).toBe(1300);
    expect([again(2200), again(2300)]).toEqual(['mn3@example.com', undefined]);
    expect(exchange.population.waiting).toBe(1);
    expect(exchange.figures.report()).toMatchObject({ sent: 4, accepted: 1, retransmitted: 3, lost: 2 });
  });

  it('take an answer with options that nobody expects, and more prefixes than one', () => {
    const exchange = new Exchange({ nodes: 1 });
    const { gateway, update } = exchange.ask('attach');
    const more = ['2001:db8:2::/64', '2001:db8:3::/64'].map((text) => Ipv6Prefix.parse(text) as Ipv6Prefix);
    const { options } = answer(update);
    exchange.receive(gateway, {
      ...answer(update),
      options: [
        { kind: 'unknown-option', type: 200, data: Uint8Array.of(1) },
        { kind: 'quality-of-service', serviceRequest: 1, dscp: 46, operation: 0, attributes: [] },
        ...options,
        ...more.map((prefix) => ({ kind: 'home-network-prefix', prefix, offLink: false }) as const),
      ],
    });
    exchange.population.rewind();
    const refresh = exchange.ask('refresh');
    expect(findOptions(refresh.update.options, 'home-network-prefix').map(({ prefix }) => `${prefix}`)).toEqual([
      '2001:db8:1:1::/64',
      '2001:db8:2::/64',
      '2001:db8:3::/64',
    ]);
    const [holding] = exchange.population.holdings();
    expect(holding?.grant.prefixes.map(String)).toEqual(['2001:db8:1:1::/64', '2001:db8:2::/64', '2001:db8:3::/64']);
  });

  it('count what cannot be read, and wait on', () => {
    const exchange = new Exchange();
    const { gateway, update } = exchange.ask('attach');
    const octets = encodeMobilityHeader(answer(update));
    octets[13] = 200;
    expect(exchange.population.receive(gateway, octets, exchange.now)).toBeUndefined();
    expect(exchange.population).toMatchObject({ malformed: 1, waiting: 1 });
  });

  it('keep asking an LMA that gives more prefixes than a message holds, authenticated', () => {
    const association = { subtype: 1, spi: 256, hmac: new HmacSha1(Uint8Array.of(1)) };
    const exchange = new Exchange({ nodes: 1, authentication: association });
    const { gateway, update } = exchange.ask('attach');
    const prefixes = Array.from({ length: 78 }, (_, i) => Ipv6Prefix.parse(`2001:db8:${i + 1}::/64`) as Ipv6Prefix);
    const options = prefixes.map((prefix) => ({ kind: 'home-network-prefix', prefix, offLink: false }) as const);
    const many = { ...answer(update), options: [...answer(update).options, ...options] };
    const octets = encodeAuthenticated(many, [association], GATEWAYS[gateway] as Ipv6Address);
    exchange.population.receive(gateway, octets, exchange.now);
    expect(exchange.figures.accepted).toBe(1);
    exchange.population.rewind();
    const refresh = exchange.ask('refresh');
    expect(findOptions(refresh.update.options, 'home-network-prefix')).toHaveLength(16);
    expect(findOption(refresh.update.options, 'authentication')?.data).toHaveLength(12);
  });

  it('are at MAGs that answer heartbeats', () => {
    const request = { kind: 'heartbeat', response: false, unsolicited: false, sequence: 9, options: [] } as const;
    const reply = new Exchange().receive(1, request);
    expect(reply && decoded(reply)).toMatchObject({ kind: 'heartbeat', response: true, sequence: 9 });
  });

  it('are not moved by what is not theirs', () => {
    const exchange = new Exchange();
    expect(exchange.population.receive(0, Uint8Array.of(1, 2, 3), exchange.now)).toBeUndefined();
    const { gateway, update } = exchange.ask('attach');
    const identifier = new TextEncoder().encode('other@example.com');
    const options = [{ kind: 'mobile-node-identifier', subtype: 1, identifier } as const];
    exchange.receive(gateway, { ...answer(update), options });
    expect(exchange.population.waiting).toBe(1);
  });
});
