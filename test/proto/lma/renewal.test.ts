import { describe, expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { nextBelow, pick, SeededRandom } from '#base/random.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import { encodeBindingRecord, LmaMachine } from '#proto/lma/index.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { sentOctets } from '#proto/sent-octets.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AuthenticationSubtype,
  BindingStatus,
  BindingUpdateFlag,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  HandoffIndicator,
  type MobilityOption,
  type MobilitySecurityAssociation,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';
import { baseConfig, Dialogue, LMA, MAG1, MAG1_IPV4, MAG2, peer, type Update, udpPeer } from './dialogue.ts';

const STEPS = process.env.MOORING_NIGHTLY ? 60_000 : 6000;

function keyed(key: string): MobilitySecurityAssociation {
  return { subtype: AuthenticationSubtype.MN_HA, spi: 0x100, hmac: new HmacSha1(new TextEncoder().encode(key)) };
}

const ours = keyed('ours');
const theirs = keyed('theirs');
const refresh: Update = { handoff: HandoffIndicator.NOT_CHANGED };

/** Two anchors that are told the same: one decodes everything, the other only what it has not had before. */
class Twins {
  readonly plain: LmaMachine;
  readonly quick: LmaMachine;
  renewed = 0;
  /** Builds messages, and has the clock. */
  readonly clock = new Dialogue();

  constructor(config: Partial<LmaConfig> = {}) {
    this.plain = new LmaMachine({ ...baseConfig, ...config });
    this.quick = new LmaMachine({ ...baseConfig, ...config });
  }

  /** Returns what the quick one wants, which is what the other wants. */
  update(update: Update = {}, key?: MobilitySecurityAssociation): readonly LmaOutput[] {
    const from = sender(update);
    const message = this.clock.build(update);
    const careOf = from.remote instanceof Ipv6Address ? from.remote : Ipv6Address.mapped(from.remote);
    const octets = key ? encodeAuthenticated(message, [key], careOf) : encodeMobilityHeader(message);
    if (from.remote instanceof Ipv6Address) setMobilityChecksum(from.remote, LMA, octets);
    return this.hear(from, octets);
  }

  hear(from: PeerAddress, octets: Uint8Array): readonly LmaOutput[] {
    const decoded = decodeMobilityHeader(octets);
    if (!decoded.ok) throw new Error(decoded.error.rule);
    const event = { kind: 'message', from, message: decoded.value, octets } as const;
    const { now } = this.clock;
    this.plain.handle(event, now);
    const given = octets.slice();
    if (this.quick.renew(from, given, now)) {
      this.renewed++;
      // They are the receiver's again.
      given.fill(0xff);
    } else this.quick.handle(event, now);
    return this.#compare();
  }

  tell(event: LmaEvent): readonly LmaOutput[] {
    this.plain.handle(event, this.clock.now);
    this.quick.handle(event, this.clock.now);
    return this.#compare();
  }

  /** With every timeout at its instant. */
  pass(ms: number): void {
    const until = this.clock.now.instant + ms;
    for (;;) {
      const next = this.plain.nextTimeout();
      expect(this.quick.nextTimeout()).toBe(next);
      if (next === undefined || next > until) break;
      this.clock.pass(Math.max(0, next - this.clock.now.instant));
      this.tell({ kind: 'timeout' });
    }
    this.clock.pass(until - this.clock.now.instant);
  }

  expectAlike(): void {
    const { now } = this.clock;
    expect(this.quick.snapshot(now)).toEqual(this.plain.snapshot(now));
    expect(this.quick.stats).toEqual(this.plain.stats);
    expect(this.quick.peerMessages()).toEqual(this.plain.peerMessages());
    expect(this.quick.heartbeats()).toEqual(this.plain.heartbeats());
    expect(this.quick.poolUse()).toEqual(this.plain.poolUse());
  }

  #compare(): readonly LmaOutput[] {
    const outputs = this.quick.drain();
    expect(outputs.map(carriedOut)).toEqual(this.plain.drain().map(carriedOut));
    return outputs;
  }
}

/** What comes of an output. */
function carriedOut(output: LmaOutput): unknown {
  if (output.kind === 'log') return { ...output, fields: output.fields };
  if (output.kind === 'store' && output.change.kind === 'put') {
    const { record, urgency, encoded } = output.change;
    if (encoded) expect(toHex(encoded.octets)).toBe(toHex(encodeBindingRecord(record)));
    return { urgency, record };
  }
  if (output.kind !== 'send') return output;
  const { to, message, reliesOn } = output;
  return { to, reliesOn, message: { ...described(message) }, octets: Buffer.from(sentOctets(output)).toString('hex') };
}

function described(message: Extract<LmaOutput, { kind: 'send' }>['message']): object {
  if (message.kind !== 'binding-acknowledgement') return message;
  const { kind, status, flags, sequence, lifetime, options } = message;
  // An encoded one has its authentication with its options; the other has it added.
  return { kind, status, flags, sequence, lifetime, options: options.filter((one) => one.kind !== 'authentication') };
}

function sender({ from = MAG1 }: Update): PeerAddress {
  return from instanceof Ipv6Address ? peer(from) : from;
}

function status(outputs: readonly LmaOutput[]): number | undefined {
  for (const output of outputs)
    if (output.kind === 'send' && output.message.kind === 'binding-acknowledgement') return output.message.status;
  return undefined;
}

/** Attached and refreshed once: the next refresh is one more. */
function seated(config: Partial<LmaConfig> = {}, key?: MobilitySecurityAssociation): Twins {
  const twins = new Twins(config);
  for (const update of [{}, refresh]) {
    twins.update(update, key);
    twins.pass(10);
  }
  expect(twins.renewed).toBe(0);
  return twins;
}

describe('a registration that asks once more for the same', () => {
  it('is answered, stored and counted as one that is decoded', () => {
    const twins = seated();
    for (let i = 0; i < 5; i++) {
      expect(status(twins.update(refresh))).toBe(0);
      twins.pass(1000);
    }
    expect(twins.renewed).toBe(5);
    twins.expectAlike();
  });

  it('is answered with its own authentication, and not at all where that is forged', () => {
    const twins = seated({ authentication: ours }, ours);
    twins.update(refresh, ours);
    expect(twins.renewed).toBe(1);
    twins.pass(10);
    expect(status(twins.update(refresh, theirs))).toBe(BindingStatus.MIPV6_AUTH_FAIL);
    expect(twins.renewed).toBe(1);
    twins.pass(10);
    expect(status(twins.update(refresh, ours))).toBe(0);
    expect(twins.renewed).toBe(2);
    twins.expectAlike();
  });

  it('is judged by its timestamp: copies and late ones are refused', () => {
    const twins = seated();
    const copy = encodeMobilityHeader(twins.clock.build(refresh));
    expect(status(twins.hear(peer(MAG1), copy))).toBe(0);
    expect(status(twins.hear(peer(MAG1), copy))).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
    expect(status(twins.update({ ...refresh, clockAhead: 60_000 }))).toBe(BindingStatus.TIMESTAMP_MISMATCH);
    expect(twins.renewed).toBe(1);
  });

  it('is none when another MAG sends it, and moves nothing', () => {
    const twins = seated();
    expect(status(twins.update({ ...refresh, from: MAG2 }))).toBe(BindingStatus.ADMINISTRATIVELY_PROHIBITED);
    expect(twins.renewed).toBe(0);
    twins.expectAlike();
  });

  it('is none after the binding or the configuration has changed, until it was asked for again', () => {
    const twins = seated();
    const again = () => {
      twins.pass(10);
      const before = twins.renewed;
      expect(status(twins.update(refresh))).toBe(0);
      return twins.renewed - before;
    };
    expect(again()).toBe(1);
    twins.tell({ kind: 'configure', config: { ...baseConfig, maximumLifetime: seconds(60) } });
    expect([again(), again()]).toEqual([0, 1]);
    twins.pass(10);
    twins.update({ from: MAG2, handoff: HandoffIndicator.BETWEEN_MAGS });
    twins.pass(10);
    twins.update({ handoff: HandoffIndicator.BETWEEN_MAGS });
    expect([again(), again()]).toEqual([0, 1]);
    twins.pass(10);
    twins.update({ lifetimeSeconds: 0, handoff: HandoffIndicator.UNKNOWN });
    expect([again(), again(), again()]).toEqual([0, 0, 1]);
    twins.expectAlike();
  });

  it('is none while the order of messages is a matter of several sessions of its mobile node', () => {
    const twins = seated();
    twins.update({ linkLayer: '0024d78e21a5', clockAhead: 500 });
    twins.pass(10);
    expect(status(twins.update(refresh))).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
    twins.pass(1000);
    twins.update(refresh);
    twins.pass(10);
    twins.update(refresh);
    expect(twins.renewed).toBe(0);
    twins.expectAlike();
  });

  it('is held to the rate of its MAG', () => {
    const twins = seated({ updateRate: { perSecond: 1, burst: 4 } });
    for (let i = 0; i < 6; i++) {
      twins.update(refresh);
      twins.pass(1);
    }
    expect(twins.renewed).toBeGreaterThan(2);
    expect(twins.quick.stats.pbuDiscarded).toEqual({ 'more than the rate of a MAG': 4 });
    twins.expectAlike();
  });

  it('is none while transitions are told', () => {
    const twins = seated();
    twins.tell({ kind: 'debug', on: true });
    const outputs = twins.update(refresh);
    expect(outputs).toContainEqual(expect.objectContaining({ kind: 'log', code: 'transition' }));
    expect(twins.renewed).toBe(0);
    twins.tell({ kind: 'debug', on: false });
    twins.pass(10);
    twins.update(refresh);
    expect(twins.renewed).toBe(1);
  });

  it('is none once its binding has expired', () => {
    const twins = seated();
    twins.update({ ...refresh, lifetimeSeconds: 8 });
    twins.pass(10);
    twins.update({ ...refresh, lifetimeSeconds: 8 });
    expect(twins.renewed).toBe(1);
    // Its time is over, and nobody has said so yet.
    twins.clock.pass(60_000);
    twins.update({ ...refresh, lifetimeSeconds: 8 });
    expect(twins.renewed).toBe(1);
    expect(twins.quick.stats.bindingsExpired).toBe(1);
    twins.expectAlike();
  });
});

describe.each([
  ['plain', undefined, 1],
  ['authenticated', ours, 2],
] as const)(
  'whatever comes, an anchor that knows renewals does as one that decodes everything (%s)',
  (_, key, seed) => {
    it(`over ${STEPS} steps`, () => {
      const random = new SeededRandom(seed);
      const below = (limit: number) => nextBelow(random, limit);
      const config: Partial<LmaConfig> = { ...(key && { authentication: key }), deleteWait: milliseconds(300) };
      const twins = new Twins(config);
      const last = new Map<string, Update>();
      for (let step = 0; step < STEPS; step++) {
        const nai = pick(random, ['mn1@example.com', 'mn2@example.com', 'four@example.com', 'six@example.com']);
        const known = last.get(nai);
        const update = known && below(25) > 0 ? { ...known, handoff: HandoffIndicator.NOT_CHANGED } : any(random, nai);
        last.set(nai, update);
        if (below(50) === 0) twins.tell(disturbance(random, twins, config));
        const sent: Update = {
          ...update,
          clockAhead: below(40) === 0 ? below(10_100) - 10_000 : (update.clockAhead ?? 0),
        };
        twins.update(sent, below(40) === 0 ? (key ? theirs : undefined) : key);
        if (below(3) > 0) twins.pass(below(30));
        if (below(100) === 0) twins.pass(below(100_000));
        if (below(200) === 0) twins.pass(4_000_000);
        if (step % 500 === 0) twins.expectAlike();
      }
      twins.expectAlike();
      expect(twins.renewed).toBeGreaterThan(STEPS / 20);
    });
  },
);

function any(random: SeededRandom, nai: string): Update {
  const below = (limit: number) => nextBelow(random, limit);
  const more: MobilityOption[] = [];
  if (below(4) === 0) more.push({ kind: 'gre-key', key: below(2) === 0 ? undefined : 7 });
  if (below(6) === 0) more.push({ kind: 'service-selection', identifier: pick(random, ['internet', 'ims']) });
  if (below(8) === 0) more.push({ kind: 'alternate-care-of-address', address: pick(random, [MAG1, MAG2]) });
  return {
    nai,
    from: pick(random, [MAG1, MAG1, MAG2, udpPeer(MAG1_IPV4), udpPeer(MAG1_IPV4, 40_000)]),
    handoff: pick(random, [1, 2, 3, 4, 5]),
    linkLayer: pick(random, ['0024d78e21a4', '0024d78e21a4', '0024d78e21a4', '0024d78e21a5', undefined]),
    home: pick(random, [['0.0.0.0'], ['0.0.0.0'], ['0.0.0.0'], []]),
    prefixes: pick(random, [['::/0'], ['::/0'], ['::/0'], []]),
    lifetimeSeconds: pick(random, [3600, 3600, 3600, 40, 0]),
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P | (below(5) === 0 ? BindingUpdateFlag.F : 0),
    more,
  };
}

function disturbance(random: SeededRandom, { quick }: Twins, config: Partial<LmaConfig>): LmaEvent {
  const ids = [...quick.bindingIds()];
  switch (nextBelow(random, 4)) {
    case 0:
      return { kind: 'clear-bindings', nai: 'mn1@example.com' };
    case 1:
      return { kind: 'forwarding-failed', id: ids[0] ?? 'lma1/0', reason: 'no room' };
    case 2:
      return { kind: 'debug', on: nextBelow(random, 6) === 0 };
    default: {
      const maximumLifetime = seconds(pick(random, [3600, 60]));
      return { kind: 'configure', config: { ...baseConfig, ...config, maximumLifetime, refreshTime: seconds(20) } };
    }
  }
}
