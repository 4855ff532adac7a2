/** Clauses about an anchor's lookup, answers and order of messages that no other dialogue is about. */
import { describe, expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { BindingStatus, findOption, findOptions, HandoffIndicator } from '#wire/mobility/index.ts';
import {
  answerIn,
  baseConfig,
  Dialogue,
  ipv6,
  ipv6Prefix,
  kindsOf,
  MAG1,
  MAG2,
  revocationsIn,
  type Update,
} from './dialogue.ts';

const { BETWEEN_INTERFACES, BETWEEN_MAGS, NEW_INTERFACE, NOT_CHANGED, UNKNOWN } = HandoffIndicator;
const OTHER_INTERFACE = { linkLayer: '0200000000bb', accessTechnology: 3 };

/** A session, and the update that names its prefix some time after. */
function named(first: Update, then: Update) {
  const dialogue = new Dialogue();
  const prefixes = prefixesIn(dialogue.acknowledged({ home: [], ...first }));
  dialogue.pass(10);
  const answer = dialogue.acknowledged({ home: [], prefixes, ...then });
  return { dialogue, prefixes, answer };
}

function prefixesIn(answer: { options: Parameters<typeof findOptions>[0] }): string[] {
  return findOptions(answer.options, 'home-network-prefix').map((option) => `${option.prefix}`);
}

describe('a request that names the prefix of a session of its mobile node', () => {
  it.each<[string, Update, Update]>([
    ['of the same interface', {}, { from: MAG2, handoff: UNKNOWN }],
    ['handed over between interfaces', {}, { ...OTHER_INTERFACE, from: MAG2, handoff: BETWEEN_INTERFACES }],
    [
      'handed over between MAGs, where no interface has a name',
      { linkLayer: undefined },
      { linkLayer: undefined, from: MAG2, handoff: BETWEEN_MAGS },
    ],
    ['from its MAG, over the same access technology', {}, { linkLayer: '0200000000bb', handoff: NOT_CHANGED }],
  ])('[RFC 5213 §5.4.1.1(5), §5.4(3)] updates it when it is %s', (_, first, then) => {
    const { dialogue, prefixes, answer } = named(first, then);
    expect([answer.status, prefixesIn(answer)]).toEqual([BindingStatus.ACCEPTED, prefixes]);
    expect(dialogue.lma.snapshot()).toHaveLength(1);
    expect(dialogue.lma.snapshot()[0]?.peer).toBe(then.from === MAG2 ? 'mag2' : 'mag1');
  });

  it.each<[string, Update, Update]>([
    ['another interface, attached anew', {}, { ...OTHER_INTERFACE, from: MAG2, handoff: NEW_INTERFACE }],
    ['another interface, by itself', {}, { ...OTHER_INTERFACE, from: MAG2, handoff: BETWEEN_MAGS }],
    ['no interface, where the session has one', {}, { linkLayer: undefined, from: MAG2, handoff: BETWEEN_MAGS }],
    ['another access technology of its MAG', {}, { ...OTHER_INTERFACE, handoff: NOT_CHANGED }],
    ['the same interface over another technology', {}, { accessTechnology: 3, from: MAG2, handoff: BETWEEN_MAGS }],
    [
      'no interface, where the session has none, and no handoff',
      { linkLayer: undefined },
      { linkLayer: undefined, from: MAG2, handoff: NEW_INTERFACE },
    ],
  ])('[RFC 5213 §5.4.1.1(6)] asks for a new one with %s, and cannot have a prefix that is in use', (_, first, then) => {
    const { dialogue, prefixes, answer } = named(first, then);
    expect(answer.status).toBe(BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag1', hnps: prefixes }]);
  });
});

describe('a de-registration', () => {
  const leave = { lifetimeSeconds: 0, handoff: UNKNOWN };

  it('[RFC 5213 §5.3.5(1)] is of the gateway that its Alternate Care-of Address option names', () => {
    const dialogue = new Dialogue();
    const alternate = (address: string) => [{ kind: 'alternate-care-of-address', address: ipv6(address) } as const];
    dialogue.update();
    dialogue.pass(10);
    expect(kindsOf(dialogue.update({ ...leave, more: alternate(`${MAG2}`) }))).toEqual([]);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active' }]);
    dialogue.pass(10);
    expect(dialogue.acknowledged({ ...leave, from: MAG2, more: alternate(`${MAG1}`) }).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'deleting' }]);
  });

  it('[RFC 5213 §5.4.1.2(5), §5.4.1.3(4)] is ignored when it is about no session, with an interface and without', () => {
    for (const linkLayer of ['0200000000bb', undefined]) {
      const dialogue = new Dialogue();
      dialogue.update();
      dialogue.pass(10);
      expect(kindsOf(dialogue.update({ ...leave, from: MAG2, linkLayer }))).toEqual([]);
      expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active', peer: 'mag1' }]);
    }
  });

  it('[RFC 5213 §5.3.5(2)] that is followed by a refused registration is carried out all the same', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    dialogue.update(leave);
    dialogue.pass(10);
    expect(dialogue.acknowledged({ accessTechnology: undefined }).status).toBe(162);
    dialogue.pass(10_000);
    expect(dialogue.lma.snapshot()).toEqual([]);
  });
});

describe('an acknowledgement', () => {
  it('[RFC 5213 §5.3.6(4), §5.3.6(6), §5.3.6(7), §5.3.6(9), §5.3.3(2), §5.3.4(5)] repeats who the node is and how it came, accepted or not', () => {
    for (const clockAhead of [0, 1e6]) {
      const dialogue = new Dialogue();
      const request = dialogue.build({
        handoff: BETWEEN_MAGS,
        accessTechnology: 5,
        linkLayer: '0011223344556677',
        clockAhead,
      });
      const { options } = answerIn(dialogue.receive(MAG1, request)) ?? { options: [] };
      for (const kind of [
        'mobile-node-identifier',
        'handoff-indicator',
        'access-technology-type',
        'mobile-node-link-layer-identifier',
      ] as const)
        expect(findOption(options, kind)).toEqual(findOption(request.options, kind));
    }
  });

  it('[RFC 5213 §5.3.6(10)] has the link-local address that the binding is kept with', () => {
    const asking = { more: [{ kind: 'link-local-address', address: ipv6('::') } as const] };
    const told = (outputs: ReturnType<Dialogue['update']>) =>
      `${findOption(answerIn(outputs)?.options ?? [], 'link-local-address')?.address}`;
    const keptIn = (outputs: ReturnType<Dialogue['update']>) =>
      outputs.flatMap((output) =>
        output.kind === 'store' && output.change.kind === 'put' ? [`${output.change.record.linkLocalAddress}`] : [],
      );
    const dialogue = new Dialogue();
    const first = dialogue.update(asking);
    expect(keptIn(first)).toEqual([told(first)]);
    dialogue.pass(10);
    const own = dialogue.update({ more: [{ kind: 'link-local-address', address: ipv6('fe80::77') }] });
    expect([told(own), ...keptIn(own)]).toEqual(['fe80::77', 'fe80::77']);
  });

  it('[RFC 5213 §5.5(1)] of a request without Timestamp option has none, and goes by its sequence number', () => {
    const dialogue = new Dialogue();
    const first = dialogue.acknowledged({ sequence: 40_000, clockAhead: undefined });
    const second = dialogue.acknowledged({ sequence: 39_999, clockAhead: undefined });
    expect([first.status, second.status]).toEqual([0, BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW]);
    for (const { options } of [first, second]) expect(findOption(options, 'timestamp')).toBeUndefined();
  });
});

describe('a request that the network kept back', () => {
  it('[RFC 5213 §5.5(6)] begins no other session when that of its mobile node is over', () => {
    const dialogue = new Dialogue({ deleteWait: milliseconds(100) });
    const copy = dialogue.build({});
    dialogue.receive(MAG1, copy);
    dialogue.pass(10);
    dialogue.update({ lifetimeSeconds: 0, handoff: UNKNOWN });
    dialogue.pass(1000);
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(answerIn(dialogue.receive(MAG1, copy))?.status).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.acknowledged().status).toBe(0);
  });

  it('[RFC 5213 §5.5(6)] nor when an operator ended it', () => {
    const dialogue = new Dialogue();
    const copy = dialogue.build({});
    dialogue.receive(MAG1, copy);
    dialogue.pass(10);
    const [revocation] = revocationsIn(dialogue.tell({ kind: 'clear-bindings' }));
    const { sequence = 0, flags = 0 } = revocation?.message ?? {};
    dialogue.receive(MAG1, { kind: 'binding-revocation-acknowledgement', status: 0, sequence, flags, options: [] });
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(answerIn(dialogue.receive(MAG1, copy))?.status).toBe(157);
  });
});

describe('a network that has addresses of one family alone', () => {
  const { ipv4, ipv6: prefixes } = baseConfig.pools;

  it('[RFC 5844 §3.1.2.1(2), §3.1.2.1(3)] serves no other, and says so by the status that has the MAG ask for the first', () => {
    const ipv4Only = new Dialogue({ pools: { ipv4, ipv6: [] } });
    expect(ipv4Only.acknowledged().status).toBe(BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE);
    expect(ipv4Only.acknowledged({ prefixes: [] }).status).toBe(0);
    const ipv6Only = new Dialogue({ pools: { ipv4: [], ipv6: prefixes } });
    const answer = ipv6Only.acknowledged();
    expect(answer.status).toBe(BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE);
    expect(findOption(answer.options, 'ipv4-home-address-reply')?.status).toBe(129);
    expect(ipv6Only.lma.poolUse().ipv6).toMatchObject([{ held: 0 }]);
    expect(ipv6Only.acknowledged({ home: [] }).status).toBe(0);
  });

  it('gives a mobile node what its profile states of the other', () => {
    const fixed = { prefixes: [ipv6Prefix('2001:db8:7::/64')] };
    const dialogue = new Dialogue({
      pools: { ipv4, ipv6: [] },
      profiles: [{ nai: 'mn1@example.com', service: 'dual', fixed }],
    });
    expect(prefixesIn(dialogue.acknowledged())).toEqual(['2001:db8:7::/64']);
  });
});
