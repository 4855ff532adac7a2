import { describe, expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import type { MagConfig } from '#proto/mag/index.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AuthenticationSubtype,
  BindingErrorStatus,
  BindingRevocationFlag,
  type BindingRevocationIndication,
  type BindingUpdate,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import { layer2Update } from '../access/link.ts';
import { acknowledgement, LMA_ADDRESS, MagDialogue, MN, MN2, v6 } from './dialogue.ts';
import { Domain } from './domain.ts';

const { P, G } = BindingRevocationFlag;
const BRI = { minimumDelay: milliseconds(500), maximumDelay: milliseconds(1500), retries: 3 };
const association = {
  subtype: AuthenticationSubtype.MN_HA,
  spi: 67,
  hmac: new HmacSha1(new TextEncoder().encode('key1')),
};
const lma = { name: 'lma1', ipv6: LMA_ADDRESS };

/** A MAG with two mobile nodes at one LMA, and a moment later. */
class Served extends MagDialogue {
  constructor(change: Partial<MagConfig> = {}, nodes = [MN, MN2]) {
    super({ bri: BRI, ...change });
    for (const [i, mac] of nodes.entries()) {
      this.attach('layer-2-update', undefined, mac);
      const update = this.update();
      this.receive(acknowledgement(update, { homeAddress: `192.0.2.${i + 1}`, prefixes: [`2001:db8:f00d:${i}::/64`] }));
    }
    this.outputs = [];
    this.advance(5000);
    this.outputs = [];
  }

  clear(): void {
    this.handle({ kind: 'clear-bindings' });
  }

  /** Revocations and Proxy Binding Updates since the last look. */
  sent(): (BindingRevocationIndication | BindingUpdate)[] {
    const messages = this.outputs.splice(0).flatMap((output) => (output.kind === 'send' ? [output.message] : []));
    return messages.filter(
      (message) => message.kind === 'binding-revocation-indication' || message.kind === 'binding-update',
    );
  }

  revocation(): BindingRevocationIndication {
    const [only, ...more] = this.sent();
    if (only?.kind !== 'binding-revocation-indication' || more.length > 0) throw new Error('not one revocation');
    return only;
  }

  answer({ sequence, flags }: BindingRevocationIndication, status: number): void {
    this.receive({ kind: 'binding-revocation-acknowledgement', status, sequence, flags, options: [] });
  }
}

/** De-registrations, one for each mobile node. */
const leavings = (messages: ReturnType<Served['sent']>) =>
  messages.map((message) => message.kind === 'binding-update' && message.lifetime === 0);

describe('a MAG that ends all its bindings', () => {
  it('[RFC 5846 §9.2, §9.2(1), §9.2(2), §5.1(2)] asks its LMA by one message, after the sessions have ended, and forgets them with the answer', () => {
    const mag = new Served();
    mag.clear();
    const kinds = mag.outputs.map(({ kind }) => kind);
    expect(kinds.lastIndexOf('session')).toBeLessThan(kinds.indexOf('send'));
    const sent = mag.revocation();
    expect(sent).toMatchObject({
      trigger: RevocationTrigger.PER_PEER_POLICY,
      flags: P | G,
      options: [{ kind: 'mobile-node-identifier', subtype: 1, identifier: new TextEncoder().encode('M1') }],
    });
    expect(mag.mag.snapshot().map(({ state }) => state)).toEqual(['DISCONNECTING', 'DISCONNECTING']);
    mag.answer(sent, RevocationStatus.SUCCESS);
    expect(mag.mag.bindingCount).toBe(0);
    mag.advance(60_000);
    expect(mag.sent()).toEqual([]);
  });

  it('de-registers a single one', () => {
    const mag = new Served({}, [MN]);
    mag.clear();
    expect(leavings(mag.sent())).toEqual([true]);
  });

  it('[RFC 5846 §9.2] de-registers each when the LMA does not authorize it, says so, and does not ask again', () => {
    const mag = new Served();
    mag.clear();
    mag.answer(mag.revocation(), RevocationStatus.GLOBAL_REVOCATION_NOT_AUTHORIZED);
    expect(mag.outputs.filter((output) => output.kind === 'log').map(({ code }) => code)).toEqual([
      'revocation-refused',
    ]);
    const updates = mag.sent();
    expect(leavings(updates)).toEqual([true, true]);
    for (const update of updates) mag.receive(acknowledgement(update as BindingUpdate));
    expect(mag.mag.bindingCount).toBe(0);
    for (const mac of [MN, MN2]) {
      mag.attach('layer-2-update', undefined, mac);
      mag.receive(
        acknowledgement(mag.update(), { prefixes: [`2001:db8:f00d:${mac.toBytes()[5]}::/64`], homeAddress: null }),
      );
    }
    mag.sent();
    mag.clear();
    expect(leavings(mag.sent())).toEqual([true, true]);
  });

  it('[RFC 5846 §6.3, §9.2] sends it again as "bri delay" and "bri retries" say, and then de-registers each', () => {
    const mag = new Served();
    mag.clear();
    mag.sent();
    const times: number[] = [];
    const begun = mag.now;
    for (let i = 0; i < 80 && times.length < BRI.retries; i++) {
      mag.advance(50);
      if (mag.sent().length > 0) times.push(mag.now - begun);
    }
    expect(times).toEqual([500, 1500, 3000]);
    expect(mag.mag.stats).toMatchObject({ briSent: 1, briRetransmitted: 3 });
    mag.advance(1500);
    expect(leavings(mag.sent())).toEqual([true, true]);
    expect(mag.mag.stats.briGivenUp).toBe(1);
  });

  it('de-registers each when the LMA does not know the message', () => {
    const mag = new Served();
    mag.clear();
    mag.sent();
    const status = BindingErrorStatus.UNRECOGNIZED_MH_TYPE;
    mag.receive({ kind: 'binding-error', status, homeAddress: v6('::'), options: [] });
    expect(leavings(mag.sent())).toEqual([true, true]);
  });

  it('spares a mobile node that comes meanwhile, and de-registers the others', () => {
    const mag = new Served();
    mag.clear();
    const sent = mag.revocation();
    mag.attach();
    const [left, came] = mag.sent() as BindingUpdate[];
    expect([left?.lifetime, came?.lifetime]).toEqual([0, 3_600_000]);
    mag.answer(sent, RevocationStatus.SUCCESS);
    expect(mag.mag.stats).toMatchObject({ braUnmatched: 1, briCancelled: 1 });
    mag.receive(acknowledgement(came as BindingUpdate));
    mag.advance(400);
    expect(mag.mag.snapshot().map(({ state }) => state)).toContain('ACTIVE');
  });

  it.each([
    ['a key alone protects registrations', { authentication: association }, 'binding-revocation-indication'],
    [
      'a key alone does, and the LMA has a dialect',
      { authentication: association, interop: 'cisco' },
      'binding-update',
    ],
    ['IPsec protects all', { authentication: association, ipsec: true }, 'binding-revocation-indication'],
  ] as const)('[RFC 5846 §13] asks in a way that the LMA can believe where %s', (_, protection, kind) => {
    const mag = new Served({ lmas: [{ ...lma, ...protection }] });
    mag.handle({ kind: 'clear-bindings' });
    expect(new Set(mag.sent().map((message) => message.kind))).toEqual(new Set([kind]));
  });

  it('does so when it stops only with an LMA that has done it before', () => {
    const first = new Served();
    first.handle({ kind: 'stopping' });
    expect(leavings(first.sent())).toEqual([true, true]);
    const mag = new Served();
    mag.clear();
    mag.answer(mag.revocation(), RevocationStatus.SUCCESS);
    for (const [i, mac] of [MN, MN2].entries()) {
      mag.attach('layer-2-update', undefined, mac);
      mag.receive(
        acknowledgement(mag.update(), { homeAddress: `192.0.2.${i + 1}`, prefixes: [`2001:db8:f00d:${i}::/64`] }),
      );
    }
    mag.sent();
    mag.handle({ kind: 'stopping' });
    expect(mag.revocation().flags).toBe(P | G);
  });

  it('[RFC 5846 §8.2(4)] is understood by our LMA, which lets the bindings go as by a de-registration', () => {
    const domain = new Domain({
      lma: { peers: [{ name: 'M1', ipv6: v6('2001:db8:cafe:1025::15'), globalRevocation: true }] },
    });
    for (const mac of [MN, MN2]) domain.hear(domain.mag1, layer2Update(mac));
    domain.advance(2000);
    expect(domain.lma.bindingCount).toBe(2);
    domain.arrivals.length = 0;
    domain.clear(domain.mag1);
    domain.advance(100);
    expect(domain.arrivals).toEqual([
      'binding-revocation-indication mag1>lma',
      'binding-revocation-acknowledgement lma>mag1',
    ]);
    expect([domain.mag1.mag.bindingCount, domain.lma.stats.bindingsRevokedByMag]).toEqual([0, 2]);
    domain.advance(11_000);
    expect(domain.lma.bindingCount).toBe(0);
  });
});
