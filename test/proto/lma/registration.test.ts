import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import { BindingAcknowledgementFlag, findOption, findOptions, HandoffIndicator } from '#wire/mobility/index.ts';
import { answerIn, baseConfig, Dialogue, ipv4, ipv6, kindsOf, LMA, MAG1, MAG2, revocationsIn } from './dialogue.ts';

const { BETWEEN_INTERFACES, BETWEEN_MAGS, NOT_CHANGED, UNKNOWN } = HandoffIndicator;

describe('a new binding', () => {
  it('[RFC 5213 §5, §5.1, §5.3.2(4), §5.3.2(7), §5.3.1(3), §5.3.1(13)] is stored, then forwarded, then acknowledged; no Home Address option is asked for', () => {
    expect(kindsOf(new Dialogue().update())).toEqual(['store', 'forward', 'binding-acknowledgement']);
  });

  it('[RFC 5213 §5.1(3), §5.1(8)] of a MAG that names no interface and no time has neither', () => {
    const dialogue = new Dialogue();
    const [store] = dialogue.update({ linkLayer: undefined, clockAhead: undefined });
    const record = store?.kind === 'store' && store.change.kind === 'put' ? store.change.record : undefined;
    expect(record).toMatchObject({ interface: { linkLayerIdentifier: '' } });
    expect(record?.timestamp).toBeUndefined();
    dialogue.pass(10);
    expect(dialogue.acknowledged({ linkLayer: '0000', clockAhead: undefined, handoff: BETWEEN_MAGS }).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ llid: '' }]);
  });

  it('[RFC 5213 §5.3.6(5), §5.3.6(10), RFC 5844 §3.1.2.6(1), §3.1.2.6(2), §3.1.2.6(3)] that is refused is told of every option as it asked', () => {
    const more = [{ kind: 'link-local-address', address: ipv6('fe80::77') } as const];
    const asked = { prefixes: ['2001:db8:bad::/64', '::/0'], home: ['198.51.100.7'], more };
    const { status, options } = new Dialogue().acknowledged(asked);
    expect(status).toBe(155);
    expect(findOptions(options, 'home-network-prefix').map(({ prefix }) => `${prefix}`)).toEqual(asked.prefixes);
    const reply = findOption(options, 'ipv4-home-address-reply');
    expect([`${reply?.address}`, reply?.prefixLength]).toEqual(['198.51.100.7', 24]);
    expect(`${findOption(options, 'link-local-address')?.address}`).toBe('fe80::77');
    expect(findOption(options, 'ipv4-default-router')).toBeUndefined();
    const none = new Dialogue().acknowledged({ prefixes: [], home: [] });
    expect(findOptions(none.options, 'home-network-prefix').map(({ prefix }) => `${prefix}`)).toEqual(['::/0']);
    const ipv4Only = new Dialogue({ profiles: [] }).acknowledged({ prefixes: [] });
    expect(findOption(ipv4Only.options, 'home-network-prefix')).toBeUndefined();
  });

  it('waits for the disk before its reply', () => {
    const [store] = new Dialogue().update();
    expect(store).toMatchObject({ kind: 'store', change: { kind: 'put', urgency: 'before-reply' } });
  });

  it('[RFC 5213 §5.3.6(1), §5.3.6(2), §5.3.6(3), §5.3.6(4), §5.3.6(5), §5.3.6(6), §5.3.6(7), §5.3.6(12), §5.3.1(14), §5.3.1(4), §5.3.2(7), §5.3.6(8), §5.3.6(9)] is acknowledged with every mandatory option, from the address asked to the address asking', () => {
    const dialogue = new Dialogue();
    const outputs = dialogue.update({ handoff: UNKNOWN, accessTechnology: 4 });
    const send = outputs.find((output) => output.kind === 'send');
    expect(send?.to).toEqual({ transport: 'ipv6', local: LMA, remote: MAG1 });
    const answer = answerIn(outputs);
    expect(answer).toMatchObject({
      status: 0,
      sequence: 1,
      lifetime: seconds(3600),
      flags: BindingAcknowledgementFlag.P,
    });
    expect(answer?.options.map((option) => option.kind)).toEqual([
      'mobile-node-identifier',
      'home-network-prefix',
      'handoff-indicator',
      'access-technology-type',
      'timestamp',
      'mobile-node-link-layer-identifier',
      'ipv4-home-address-reply',
      'ipv4-default-router',
    ]);
    const options = answer?.options ?? [];
    expect(new TextDecoder().decode(findOption(options, 'mobile-node-identifier')?.identifier)).toBe('mn1@example.com');
    expect(findOption(options, 'handoff-indicator')?.indicator).toBe(UNKNOWN);
    expect(findOption(options, 'access-technology-type')?.accessTechnology).toBe(4);
  });

  it('[RFC 5844 §3.1.2.6, §3.1.2.6(2), §3.1.2.6(3), §3.1.2.2(1), §3.1.2.2(4), §3.1.2.2(7), §3.1.2.1(6), §3.1.2.6(1)] carries the home address, its prefix length and the default router', () => {
    const { options } = new Dialogue().acknowledged();
    const reply = findOption(options, 'ipv4-home-address-reply');
    expect([reply?.status, `${reply?.address}/${reply?.prefixLength}`]).toEqual([0, '192.0.2.1/24']);
    expect(findOption(options, 'ipv4-default-router')?.address).toEqual(ipv4('192.0.2.254'));
  });

  it('[RFC 5213 §5.3.6(8), §5.3.6(9), §5.3.6(10)] has no timestamp, link-layer identifier or link-local address that was not in the request', () => {
    const { options } = new Dialogue().acknowledged({ clockAhead: undefined, linkLayer: undefined, home: [] });
    expect(options.map((option) => option.kind)).toEqual([
      'mobile-node-identifier',
      'home-network-prefix',
      'handoff-indicator',
      'access-technology-type',
    ]);
  });

  it('[RFC 5213 §5.3.6(10)] generates a link-local address when asked, and keeps it over a handover', () => {
    const dialogue = new Dialogue();
    const more = [{ kind: 'link-local-address', address: ipv6('::') } as const];
    const linkLocal = (update: object) =>
      `${findOption(dialogue.acknowledged({ more, ...update }).options, 'link-local-address')?.address}`;
    expect(linkLocal({})).toBe('fe80::200:5eff:fe00:5213');
    dialogue.pass(10);
    const own = [{ kind: 'link-local-address', address: ipv6('fe80::77') } as const];
    expect(linkLocal({ more: own })).toBe('fe80::77');
    dialogue.pass(10);
    expect(linkLocal({ from: MAG2 })).toBe('fe80::77');
  });

  it('[RFC 5213 §5.3.2(5), §5.3.2(6), RFC 5844 §3.1.2.2(5), §3.1.2.2(6), §4.1.1(1)] is forwarded through the tunnel to its MAG', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    expect([...dialogue.forwarding.values()]).toEqual([
      {
        kind: 'anchor',
        id: 'lma1/1',
        customer: 0,
        homeAddress: ipv4('192.0.2.1'),
        prefixes: [expect.objectContaining({ length: 64 })],
        paths: [{ encapsulation: { kind: 'ip' }, local: LMA, remote: MAG1 }],
      },
    ]);
  });

  it('[RFC 5213 §5.3.1(13)] uses the Alternate Care-of Address where there is one, and replies to the source', () => {
    const dialogue = new Dialogue();
    const more = [{ kind: 'alternate-care-of-address', address: MAG2 } as const];
    const outputs = dialogue.update({ more });
    expect(outputs.find((output) => output.kind === 'send')?.to.remote).toEqual(MAG1);
    expect(dialogue.lma.snapshot()).toMatchObject([{ careOfAddresses: [{ address: `${MAG2}`, peer: 'mag2' }] }]);
  });

  it('grants the requested lifetime, the maximum if that is less, in units of four seconds', () => {
    const granted = (lifetimeSeconds: number, maximumLifetime: number) =>
      new Dialogue({ maximumLifetime: seconds(maximumLifetime) }).acknowledged({ lifetimeSeconds }).lifetime / 1000;
    expect(granted(600, 3600)).toBe(600);
    expect(granted(7200, 3600)).toBe(3600);
    expect(granted(7200, 3603)).toBe(3600);
    expect(granted(4, 1)).toBe(4);
  });

  it('is refused with 130 once the maximum of bindings is reached, while those that exist are still served', () => {
    const dialogue = new Dialogue({ bindingMaximum: 1 });
    dialogue.update();
    const other = { nai: 'mn2@example.com', linkLayer: '0200000000aa' };
    expect(dialogue.acknowledged(other).status).toBe(130);
    expect(dialogue.lma.stats.bindingMaximumReached).toBe(1);
    dialogue.pass(10);
    expect(dialogue.acknowledged({ from: MAG2, handoff: BETWEEN_MAGS }).status).toBe(0);
  });

  it('[RFC 6275 §6.2.4] advises to refresh it within the configured time, unless that is not less than its lifetime', () => {
    const advice = (refreshTime: number, lifetimeSeconds: number) =>
      findOption(
        new Dialogue({ refreshTime: seconds(refreshTime) }).acknowledged({ lifetimeSeconds }).options,
        'binding-refresh-advice',
      )?.refreshInterval;
    expect([advice(300, 3600), advice(300, 300), advice(300, 40)]).toEqual([300_000, undefined, undefined]);
  });

  it('has the fields that an operator asks for', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(60_400);
    dialogue.tell({ kind: 'timeout' });
    const rows = dialogue.lma.snapshot();
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
    expect(rows).toEqual([
      {
        id: 'lma1/1',
        domain: 'D1',
        customer: 0,
        nai: 'mn1@example.com',
        state: 'active',
        llid: '0024.d78e.21a4',
        att: 4,
        apn: 'internet',
        peer: 'mag1',
        hoa: '192.0.2.1',
        hoaPrefixLength: 24,
        defaultRouter: '192.0.2.254',
        hnps: ['2001:db8:f00d::/64'],
        lifetime: 3600,
        lifetimeRemaining: 3540,
        registeredAt: Date.UTC(2026, 0, 15, 12),
        careOfAddresses: [
          {
            peer: 'mag1',
            address: `${MAG1}`,
            local: `${LMA}`,
            transport: 'ipv6',
            encapsulation: 'IPV6_IN_IPV6',
            greKeyUpstream: 0,
            greKeyDownstream: 0,
            path: null,
          },
        ],
      },
    ]);
  });
});

describe('a refresh', () => {
  it('[RFC 5213 §5.3.3(1), §5.3.3(2), §5.3.1(13), RFC 5844 §3.1.2.3] extends the lifetime, changes no forwarding, and need not wait for the disk', () => {
    const dialogue = new Dialogue();
    const answer = dialogue.acknowledged({ lifetimeSeconds: 40 });
    dialogue.pass(30_000);
    const prefixes = findOptions(answer.options, 'home-network-prefix').map((option) => `${option.prefix}`);
    const outputs = dialogue.update({ handoff: NOT_CHANGED, prefixes, home: ['192.0.2.1'], lifetimeSeconds: 40 });
    expect(kindsOf(outputs)).toEqual(['store', 'binding-acknowledgement']);
    expect(outputs[0]).toMatchObject({ kind: 'store', change: { urgency: 'within-window' } });
    expect(answerIn(outputs)).toMatchObject({ status: 0, lifetime: seconds(40) });
    dialogue.pass(39_000);
    expect(dialogue.lma.snapshot()).toHaveLength(1);
    expect(dialogue.lma.stats).toMatchObject({ bindingsRefreshed: 1, bindingsHandedOver: 0 });
  });

  it('[RFC 5844 §3.1.2.1(7), §3.1.2.1(8)] adds an IPv4 home address to an IPv6-only session', () => {
    const dialogue = new Dialogue();
    dialogue.update({ home: [] });
    dialogue.pass(10);
    const outputs = dialogue.update({});
    expect(kindsOf(outputs)).toEqual(['store', 'forward', 'binding-acknowledgement']);
    expect(dialogue.lma.snapshot()).toMatchObject([{ hoa: '192.0.2.1', hnps: ['2001:db8:f00d::/64'] }]);
  });

  it('rejects another IPv4 address than the session has', () => {
    const dialogue = new Dialogue();
    const answer = dialogue.acknowledged();
    const prefixes = findOptions(answer.options, 'home-network-prefix').map((option) => `${option.prefix}`);
    dialogue.pass(10);
    expect(dialogue.acknowledged({ prefixes, home: ['192.0.2.9'] }).status).toBe(171);
    expect(dialogue.lma.snapshot()).toMatchObject([{ hoa: '192.0.2.1' }]);
  });

  it('that stays away lets the binding expire: forwarding and record end, the address is free', () => {
    const dialogue = new Dialogue();
    dialogue.update({ lifetimeSeconds: 40 });
    expect(kindsOf(dialogue.pass(39_999))).toEqual([]);
    expect(kindsOf(dialogue.pass(2))).toEqual(['store', 'forward']);
    expect(dialogue.forwarding.size).toBe(0);
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.lma.poolUse().ipv4).toMatchObject([{ held: 0 }]);
    dialogue.pass(599_000);
    expect(kindsOf(dialogue.pass(1000))).toEqual(['store']);
    expect(dialogue.lma.nextTimeout()).toBeUndefined();
  });
});

describe('a de-registration', () => {
  const leave = { lifetimeSeconds: 0, handoff: UNKNOWN };

  it('[RFC 5213 §5.3.5(2)] is followed by a registration that has what it asks for, and no more of what the session had', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(1);
    dialogue.update({ lifetimeSeconds: 0 });
    dialogue.pass(1);
    dialogue.acknowledged({ prefixes: [] });
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active', hoa: '192.0.2.1', hnps: [] }]);
  });

  it('[RFC 5213 §5.3.5(2), §5.3.1(13), §9.1, RFC 5844 §3.1.2.5] is accepted, ends the traffic at once and the binding after MinDelayBeforeBCEDelete', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    const outputs = dialogue.update(leave);
    expect(kindsOf(outputs)).toEqual(['store', 'forward', 'binding-acknowledgement']);
    expect(answerIn(outputs)).toMatchObject({ status: 0, lifetime: 0 });
    expect(dialogue.forwarding.size).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'deleting' }]);
    dialogue.pass(9999);
    expect(dialogue.lma.snapshot()).toHaveLength(1);
    dialogue.pass(2);
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.lma.poolUse().ipv4).toMatchObject([{ held: 0 }]);
  });

  it('[RFC 5213 §5.3.5(2)] is undone by a registration within the wait, at any MAG, without a revocation', () => {
    for (const from of [MAG1, MAG2]) {
      const dialogue = new Dialogue();
      dialogue.update();
      dialogue.pass(10);
      dialogue.update(leave);
      dialogue.pass(5000);
      const outputs = dialogue.update({ from, handoff: UNKNOWN });
      expect(kindsOf(outputs)).toEqual(['store', 'forward', 'binding-acknowledgement']);
      dialogue.pass(60_000);
      expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active', hoa: '192.0.2.1' }]);
    }
  });

  it('sent again is answered again and does not prolong the wait', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    dialogue.update(leave);
    dialogue.pass(8000);
    expect(dialogue.acknowledged(leave).status).toBe(0);
    dialogue.pass(2001);
    expect(dialogue.lma.snapshot()).toEqual([]);
  });

  it('[RFC 5844 §3.1.2.5, §3.1.2.1(7), §3.2.3.3(3)] of one family leaves the other', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    expect(dialogue.acknowledged({ ...leave, prefixes: [] }).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active', hoa: null, hnps: ['2001:db8:f00d::/64'] }]);
    expect([...dialogue.forwarding.values()]).toMatchObject([{ prefixes: [{ length: 64 }] }]);
    expect([...dialogue.forwarding.values()][0]).not.toHaveProperty('homeAddress');
    dialogue.pass(10);
    dialogue.update({ ...leave, home: [] });
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'deleting' }]);
  });

  it('[RFC 5213 §5.3.5(1)] from the old MAG after a handover is ignored and tears nothing down', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    dialogue.update({ from: MAG2, handoff: UNKNOWN });
    dialogue.pass(10);
    expect(kindsOf(dialogue.update(leave))).toEqual([]);
    dialogue.pass(60_000);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active', peer: 'mag2' }]);
    expect(dialogue.forwarding.size).toBe(1);
    expect(dialogue.lma.stats.deRegistrationsIgnored).toBe(1);
  });
});

describe('addresses', () => {
  const node = (n: number) => ({ nai: `mn${n}@example.com`, linkLayer: `02000000${n.toString(16).padStart(4, '0')}` });
  const small = {
    deleteWait: seconds(1),
    pools: {
      ipv4: [{ low: ipv4('192.0.2.0'), high: ipv4('192.0.2.7'), prefixLength: 29, gateway: ipv4('192.0.2.6') }],
      ipv6: baseConfig.pools.ipv6,
    },
  };
  const homeOf = (dialogue: Dialogue, update: object) =>
    `${findOption(dialogue.acknowledged(update).options, 'ipv4-home-address-reply')?.address}`;

  it('are never the gateway, the network or the broadcast address', () => {
    const dialogue = new Dialogue(small);
    const given = [1, 2, 3, 4, 5].map((n) => homeOf(dialogue, node(n)));
    expect(given).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5']);
  });

  it('[RFC 5844 §3.1.2.2(3)] that have run out are refused with 130, reply status 128, and counted; no prefix is lost', () => {
    const dialogue = new Dialogue(small);
    for (let n = 1; n <= 5; n++) dialogue.update(node(n));
    const answer = dialogue.acknowledged(node(6));
    expect(answer.status).toBe(130);
    expect(findOption(answer.options, 'ipv4-home-address-reply')?.status).toBe(128);
    expect(dialogue.lma.stats.ipv4PoolExhausted).toBe(1);
    expect(dialogue.lma.poolUse()).toMatchObject({ ipv4: [{ held: 5, available: 0 }], ipv6: [{ held: 5 }] });
    const log = dialogue.outputs.findLast((output) => output.kind === 'log');
    expect(log).toMatchObject({
      code: 'pbu-rejected',
      text: expect.stringContaining('of the configured pools is free'),
    });
  });

  it('[RFC 5213 §5.3.2(2)] of IPv6 that have run out are refused with 130 too', () => {
    const ipv6Pool = { prefix: baseConfig.pools.ipv6[0]?.prefix as never, assignedLength: 48 };
    const dialogue = new Dialogue({ pools: { ipv4: [], ipv6: [ipv6Pool] } });
    expect(dialogue.acknowledged({ ...node(1), home: [] }).status).toBe(0);
    expect(dialogue.acknowledged({ ...node(2), home: [] }).status).toBe(130);
    expect(dialogue.lma.stats.ipv6PoolExhausted).toBe(1);
  });

  it('rest after use: in quarantine no other mobile node gets them, and then the one longest unused goes first', () => {
    const dialogue = new Dialogue(small);
    for (let n = 1; n <= 5; n++) dialogue.update(node(n));
    for (const n of [3, 1, 2]) {
      dialogue.pass(10);
      dialogue.update({ ...node(n), lifetimeSeconds: 0, handoff: UNKNOWN });
      dialogue.pass(2000);
    }
    expect(homeOf(dialogue, node(6))).toBe('0.0.0.0');
    dialogue.pass(60_000);
    expect([6, 7, 8].map((n) => homeOf(dialogue, node(n)))).toEqual(['192.0.2.3', '192.0.2.1', '192.0.2.2']);
  });

  it('go back to the mobile node that had them, if they are free', () => {
    const dialogue = new Dialogue(small);
    for (let n = 1; n <= 3; n++) dialogue.update(node(n));
    dialogue.pass(10);
    const leave = { lifetimeSeconds: 0, handoff: UNKNOWN };
    dialogue.update({ ...node(1), ...leave });
    dialogue.update({ ...node(2), ...leave });
    dialogue.pass(2000);
    expect(homeOf(dialogue, node(2))).toBe('192.0.2.2');
    expect(dialogue.lma.snapshot()).toMatchObject([{ nai: 'mn3@example.com' }, { hnps: ['2001:db8:f00d:1::/64'] }]);
    expect(homeOf(dialogue, node(4))).toBe('192.0.2.4');
  });

  it('[RFC 5213 §5.2, §5.3.2(1)] are never held twice, whatever comes and goes', () => {
    const dialogue = new Dialogue({ ...small, bindingMaximum: 20 });
    for (let round = 0; round < 200; round++) {
      const n = (round * 7) % 11;
      const lifetimeSeconds = round % 3 === 0 ? 0 : 3600;
      dialogue.update({ ...node(n), lifetimeSeconds, handoff: UNKNOWN });
      dialogue.pass(round % 5 === 0 ? 1500 : 20);
      const rows = dialogue.lma.snapshot();
      expect(new Set(rows.map(({ hoa }) => hoa)).size).toBe(rows.length);
      expect(new Set(rows.flatMap(({ hnps }) => hnps)).size).toBe(rows.length);
    }
  });

  it('are remembered over a restart, as long as a host may believe in them after what was granted has run out', () => {
    const medium = new Map<string, BindingRecord>();
    const keep = (dialogue: Dialogue) => {
      for (const output of dialogue.outputs) {
        if (output.kind !== 'store') continue;
        if (output.change.kind === 'put') medium.set(output.change.record.id, output.change.record);
        else medium.delete(output.change.id);
      }
    };
    const before = new Dialogue();
    before.update({ ...node(1), lifetimeSeconds: 600 });
    before.pass(10);
    before.update({ ...node(1), lifetimeSeconds: 0, handoff: UNKNOWN });
    before.pass(11_000);
    keep(before);
    expect(medium.size).toBe(1);
    const after = new Dialogue();
    after.pass(1_190_000);
    after.tell({ kind: 'restored', records: [...medium.values()] });
    expect(after.lma.snapshot()).toEqual([]);
    expect(homeOf(after, node(2))).toBe('192.0.2.2');
    expect(homeOf(after, node(1))).toBe('192.0.2.1');
    after.pass(2 * 3_600_000);
    keep(after);
    expect(medium.size).toBe(0);
  });

  it('go back to a node at the interface where it was last', () => {
    const dialogue = new Dialogue();
    dialogue.update({ linkLayer: '0200000000aa' });
    dialogue.pass(10);
    const last = { linkLayer: '0200000000bb', handoff: BETWEEN_INTERFACES };
    dialogue.update(last);
    dialogue.pass(10);
    dialogue.update({ ...last, lifetimeSeconds: 0 });
    dialogue.pass(30_000);
    dialogue.update({ nai: 'another@example.com', linkLayer: '0200000000cc' });
    dialogue.update(last);
    expect(dialogue.lma.snapshot()).toMatchObject([{}, { hoa: '192.0.2.1', hnps: ['2001:db8:f00d::/64'] }]);
  });

  it('of a changed pool stay with those that have them', () => {
    const dialogue = new Dialogue();
    dialogue.update(node(1));
    const wider = { low: ipv4('192.0.2.1'), high: ipv4('192.0.2.3'), prefixLength: 24, gateway: ipv4('192.0.2.254') };
    const pools = { ipv4: [wider], ipv6: baseConfig.pools.ipv6 };
    dialogue.tell({ kind: 'configure', config: { ...baseConfig, pools } });
    expect(homeOf(dialogue, node(2))).toBe('192.0.2.2');
  });
});

describe('a handover', () => {
  const roamed = (dialogue = new Dialogue(), update: object = {}) => {
    dialogue.update(update);
    dialogue.pass(10);
    return dialogue.update({ ...update, from: MAG2, handoff: UNKNOWN });
  };

  it('[RFC 5213 §5.3.4(1), §5.3.4(2), §5.3.4(3), §5.3.4(4), §5.3.4(5), §5.3.1(13), RFC 5844 §3.1.2.4(2), §3.1.2.4(3)] stores, forwards to the new MAG and acknowledges it, then revokes at the old one', () => {
    const dialogue = new Dialogue();
    const outputs = roamed(dialogue);
    expect(kindsOf(outputs)).toEqual(['store', 'forward', 'binding-acknowledgement', 'binding-revocation-indication']);
    expect([...dialogue.forwarding.values()]).toMatchObject([{ id: 'lma1/1', paths: [{ local: LMA, remote: MAG2 }] }]);
    const revocation = revocationsIn(outputs)[0];
    expect(revocation?.to).toBe(`${MAG1}`);
  });

  it('[RFC 5213 §6.11(3), §6.11(6), §5.3.2(1)] keeps every address', () => {
    const dialogue = new Dialogue();
    roamed(dialogue);
    expect(dialogue.lma.snapshot()).toMatchObject([
      { peer: 'mag2', hoa: '192.0.2.1', defaultRouter: '192.0.2.254', hnps: ['2001:db8:f00d::/64'] },
    ]);
  });

  it('[RFC 5844 §3.1.2.4(1)] releases the family that the new MAG does not ask for', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    dialogue.update({ from: MAG2, handoff: UNKNOWN, prefixes: [] });
    expect(dialogue.lma.snapshot()).toMatchObject([{ hoa: '192.0.2.1', hnps: [] }]);
    expect(dialogue.lma.poolUse().ipv6).toMatchObject([{ held: 0 }]);
  });

  it('[RFC 5844 §3.1.2.4(1), RFC 5213 §6.9.1.3(3)] releases what its MAG does not ask for when that begins the session anew, and nothing on a refresh', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    dialogue.update({ handoff: NOT_CHANGED, prefixes: [] });
    expect(dialogue.lma.snapshot()).toMatchObject([{ hoa: '192.0.2.1', hnps: ['2001:db8:f00d::/64'] }]);
    dialogue.pass(10);
    dialogue.update({ handoff: UNKNOWN, prefixes: [] });
    expect(dialogue.lma.snapshot()).toMatchObject([{ hoa: '192.0.2.1', hnps: [] }]);
    expect(dialogue.lma.poolUse().ipv6).toMatchObject([{ held: 0 }]);
  });
});
