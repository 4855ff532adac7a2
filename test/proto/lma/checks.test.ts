import { describe, expect, it } from 'vitest';
import { utcTime } from '#base/time.ts';
import {
  BindingStatus,
  BindingUpdateFlag,
  findOption,
  findOptions,
  HandoffIndicator,
  timestampToUtc,
} from '#wire/mobility/index.ts';
import {
  answerIn,
  baseConfig,
  Dialogue,
  ipv4,
  ipv6,
  ipv6Prefix,
  kindsOf,
  LMA,
  MAG1,
  MAG2,
  STRANGER,
} from './dialogue.ts';

const { NOT_CHANGED, UNKNOWN } = HandoffIndicator;

describe('what an LMA refuses, in the order of RFC 5213 §5.3.1', () => {
  it('[RFC 5213 §5.3.1(4), §5.3.6(4)] rejects a PBU without a Mobile Node Identifier option, with a zero-length one in the reply', () => {
    const answer = new Dialogue().acknowledged({ nai: undefined });
    expect(answer.status).toBe(BindingStatus.MISSING_MN_IDENTIFIER_OPTION);
    expect(findOption(answer.options, 'mobile-node-identifier')?.identifier).toHaveLength(0);
  });

  it('[RFC 5213 §5.3.1(5), §5.3.1(6)] rejects a MAG that is not authorized', () => {
    expect(new Dialogue().acknowledged({ from: STRANGER }).status).toBe(154);
  });

  it('[RFC 5213 §5.3.1(6)] serves an unknown MAG where MAGs are learnt', () => {
    expect(new Dialogue({ dynamicMagLearning: true }).acknowledged({ from: STRANGER }).status).toBe(0);
  });

  it('[RFC 5213 §5.3.1(6)] says little of a flood from strangers in its logs, but answers and counts it', () => {
    const dialogue = new Dialogue();
    for (let i = 0; i < 500; i++) dialogue.update({ from: STRANGER });
    expect(dialogue.outputs.filter((output) => output.kind === 'log').length).toBeLessThan(50);
    expect(dialogue.lma.stats.pbaByStatus.MAG_NOT_AUTHORIZED_FOR_PROXY_REG).toBe(500);
  });

  it('[RFC 5213 §5.3.1(7)] rejects a mobile node that has no profile', () => {
    const { defaultProfile: _, ...config } = baseConfig;
    const dialogue = new Dialogue();
    dialogue.tell({ kind: 'configure', config });
    expect(dialogue.acknowledged({ nai: 'nobody@example.com' }).status).toBe(153);
    expect(dialogue.acknowledged({ nai: 'six@example.com', home: [] }).status).toBe(0);
  });

  it('[RFC 5213 §5.3.1(7)] rejects a mobile node whose profile names another LMA', () => {
    const profiles = [
      { nai: 'away@example.com', service: 'dual', lma: 'lma2' },
      { nai: 'home@example.com', service: 'dual', lma: 'lma1' },
    ] as const;
    expect(new Dialogue({ profiles }).acknowledged({ nai: 'away@example.com' }).status).toBe(153);
    expect(new Dialogue({ profiles }).acknowledged({ nai: 'home@example.com' }).status).toBe(0);
  });

  it('[RFC 5213 §5.3.1(8)] rejects a mobile node that is not authorized for network-based mobility management', () => {
    const profiles = [{ nai: 'fixed@example.com', service: 'dual', proxyRegistration: false }] as const;
    const answer = new Dialogue({ profiles }).acknowledged({ nai: 'fixed@example.com', clockAhead: 1e6 });
    expect(answer.status).toBe(BindingStatus.PROXY_REG_NOT_ENABLED);
  });

  it('[RFC 5213 §5.5(9), §5.3.1(9), §5.5(6)] rejects a timestamp out of the window, with its own time of day in the reply', () => {
    const dialogue = new Dialogue();
    for (const clockAhead of [-7100, 7100]) {
      const answer = dialogue.acknowledged({ clockAhead });
      expect(answer.status).toBe(BindingStatus.TIMESTAMP_MISMATCH);
      expect(timeIn(answer)).toBeCloseTo(dialogue.now.utc, -1);
    }
    expect(dialogue.acknowledged({ clockAhead: 6900 }).status).toBe(0);
  });

  it('[RFC 5213 §5.5(8)] rejects a timestamp lower than the last accepted one, with its own time of day in the reply', () => {
    const dialogue = new Dialogue();
    dialogue.update({ clockAhead: 2000 });
    dialogue.pass(1000);
    const answer = dialogue.acknowledged({ clockAhead: 0 });
    expect(answer.status).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
    expect(timeIn(answer)).toBeCloseTo(dialogue.now.utc, -1);
    dialogue.pass(1001);
    expect(dialogue.acknowledged({ clockAhead: 0 }).status).toBe(0);
  });

  it('[RFC 5213 §5.5(8)] forgets what it accepted by a clock that has been set back since, beyond the window', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.setClockBack(5000);
    expect(dialogue.acknowledged().status).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
    dialogue.setClockBack(3_600_000);
    expect(dialogue.acknowledged().status).toBe(0);
    expect(dialogue.acknowledged({ clockAhead: -1 }).status).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
  });

  it('[RFC 5213 §5.5(6)] does not accept the same message twice', () => {
    const dialogue = new Dialogue();
    const message = dialogue.build({});
    expect(answerIn(dialogue.receive(MAG1, message))?.status).toBe(0);
    expect(answerIn(dialogue.receive(MAG1, message))?.status).toBe(157);
  });

  it('[RFC 5213 §5.5(5)] ignores the sequence number beside a timestamp, but copies it into the reply', () => {
    const dialogue = new Dialogue();
    dialogue.update({ sequence: 500 });
    dialogue.pass(10);
    const answer = dialogue.acknowledged({ sequence: 3 });
    expect([answer.status, answer.sequence]).toEqual([0, 3]);
  });

  it('[RFC 5213 §5.5(7), §5.5(1)] returns the timestamp of an accepted request', () => {
    const dialogue = new Dialogue();
    const request = dialogue.build({ clockAhead: 1234.5 });
    const answer = answerIn(dialogue.receive(MAG1, request));
    expect(findOption(answer?.options ?? [], 'timestamp')).toEqual(findOption(request.options, 'timestamp'));
  });

  it('does not judge timestamps when the check is off', () => {
    const dialogue = new Dialogue({ timestampCheck: false });
    expect(dialogue.acknowledged({ clockAhead: 1e9 }).status).toBe(0);
    expect(dialogue.acknowledged({ clockAhead: -1e9 }).status).toBe(0);
  });

  it('[RFC 6275 §9.5.1, RFC 5213 §5.5(1), §5.5(2)] without timestamps rejects a sequence number that is not greater, and tells the last accepted one', () => {
    const dialogue = new Dialogue();
    const send = (sequence: number) => dialogue.acknowledged({ sequence, clockAhead: undefined });
    expect(send(15).status).toBe(0);
    for (const stale of [15, 0, 65535, 32783]) {
      const answer = send(stale);
      expect([stale, answer.status, answer.sequence]).toEqual([stale, 135, 15]);
    }
    expect(send(32782).status).toBe(0);
    expect(send(32783).status).toBe(0);
    expect(send(0).status).toBe(0);
  });

  it('[RFC 5213 §5.3.1(10), RFC 5844 §3.1.2.1(1)] rejects a PBU with neither Home Network Prefix nor IPv4 Home Address Request option', () => {
    const answer = new Dialogue().acknowledged({ prefixes: [], home: [] });
    expect(answer.status).toBe(BindingStatus.MISSING_HOME_NETWORK_PREFIX_OPTION);
    const prefixes = findOptions(answer.options, 'home-network-prefix');
    expect(prefixes.map((option) => option.prefix.isAllZero)).toEqual([true]);
  });

  it('[RFC 5844 §3.1.2.1, §3.1.2.1(1), §3.1.2.1(6)] takes an IPv4 Home Address Request option instead of a Home Network Prefix option', () => {
    const answer = new Dialogue().acknowledged({ prefixes: [] });
    expect(answer.status).toBe(0);
    expect(findOptions(answer.options, 'home-network-prefix')).toEqual([]);
  });

  it('[RFC 5844 §3.1.2.1(2)] rejects IPv6 for an IPv4-only profile', () => {
    expect(new Dialogue().acknowledged({ nai: 'four@example.com' }).status).toBe(172);
    expect(new Dialogue().acknowledged({ nai: 'four@example.com', prefixes: [] }).status).toBe(0);
  });

  it('[RFC 5844 §3.1.2.1(3)] rejects IPv4 for an IPv6-only profile, and [RFC 5844 §3.1.2.6] says so of the address', () => {
    const answer = new Dialogue().acknowledged({ nai: 'six@example.com' });
    expect(answer.status).toBe(170);
    expect(findOption(answer.options, 'ipv4-home-address-reply')?.status).toBe(129);
    expect(new Dialogue().acknowledged({ nai: 'six@example.com', home: [] }).status).toBe(0);
  });

  it('[RFC 5844 §3.1.2.1(4)] rejects two IPv4 Home Address Request options', () => {
    expect(new Dialogue().acknowledged({ home: ['0.0.0.0', '0.0.0.0'] }).status).toBe(173);
  });

  it('[RFC 5213 §5.3.1(11), §5.3.6(6)] rejects a PBU without a Handoff Indicator option', () => {
    const answer = new Dialogue().acknowledged({ handoff: undefined });
    expect(answer.status).toBe(BindingStatus.MISSING_HANDOFF_INDICATOR_OPTION);
    expect(findOption(answer.options, 'handoff-indicator')?.indicator).toBe(0);
  });

  it('[RFC 5213 §5.3.1(12), §5.3.6(7)] rejects a PBU without an Access Technology Type option', () => {
    const answer = new Dialogue().acknowledged({ accessTechnology: undefined });
    expect(answer.status).toBe(BindingStatus.MISSING_ACCESS_TECH_TYPE_OPTION);
    expect(findOption(answer.options, 'access-technology-type')?.accessTechnology).toBe(0);
  });

  it('[RFC 6275 §6.1.8] rejects a care-of address that no tunnel can lead to, and forwards nothing there', () => {
    const dialogue = new Dialogue({ dynamicMagLearning: true });
    const alternate = (address: string) => [{ kind: 'alternate-care-of-address', address: ipv6(address) } as const];
    for (const address of ['ff02::1', '::', '::1', '::ffff:192.0.2.1', 'fe80::1', `${LMA}`]) {
      const answer = dialogue.acknowledged({ more: alternate(address) });
      expect([address, answer.status]).toEqual([address, BindingStatus.INVALID_CARE_OF_ADDRESS]);
    }
    expect(dialogue.acknowledged({ from: ipv6('fe80::1') }).status).toBe(BindingStatus.INVALID_CARE_OF_ADDRESS);
    expect(dialogue.forwarding.size).toBe(0);
    expect(dialogue.acknowledged({ more: alternate(`${MAG2}`) }).status).toBe(0);
  });

  it('[RFC 5213 §5.3] keeps the specified order when several things are wrong', () => {
    const nothing = { nai: undefined, handoff: undefined, accessTechnology: undefined, prefixes: [], home: [] };
    const wrong = { ...nothing, clockAhead: 1e6 };
    const status = (update: object) => new Dialogue().acknowledged({ ...wrong, ...update }).status;
    expect(status({ from: STRANGER })).toBe(160);
    expect(status({ from: STRANGER, nai: 'a@b' })).toBe(154);
    expect(status({ nai: 'a@b' })).toBe(156);
    expect(status({ nai: 'a@b', clockAhead: 0 })).toBe(158);
    expect(status({ nai: 'a@b', clockAhead: 0, home: ['0.0.0.0'] })).toBe(161);
    expect(status({ nai: 'a@b', clockAhead: 0, home: ['0.0.0.0'], handoff: 1 })).toBe(162);
  });

  it('[RFC 6275 §10.3.1] is no home agent: rejects a home registration, and leaves a correspondent registration unanswered', () => {
    const dialogue = new Dialogue();
    const home = dialogue.update({ flags: BindingUpdateFlag.A | BindingUpdateFlag.H });
    expect(answerIn(home)?.status).toBe(BindingStatus.HOME_REGISTRATION_NOT_SUPPORTED);
    expect(kindsOf(dialogue.update({ flags: BindingUpdateFlag.A }))).toEqual([]);
    expect(dialogue.lma.snapshot()).toEqual([]);
  });
});

describe('addresses that a mobile node may not have', () => {
  it('[RFC 5213 §5.4.1.1(3)] rejects the prefix of another mobile node', () => {
    const dialogue = new Dialogue();
    const [prefix] = prefixesIn(dialogue.acknowledged());
    const other = { nai: 'mn2@example.com', linkLayer: '0200000000aa', prefixes: [`${prefix}`] };
    expect(dialogue.acknowledged(other).status).toBe(BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
  });

  it('[RFC 5213 §5.4.1.1(4)] rejects a prefix set that is not the one of the binding', () => {
    const dialogue = new Dialogue();
    const [prefix] = prefixesIn(dialogue.acknowledged());
    dialogue.pass(10);
    const answer = dialogue.acknowledged({ prefixes: [`${prefix}`, '2001:db8:f00d:99::/64'], handoff: NOT_CHANGED });
    expect(answer.status).toBe(BindingStatus.BCE_PBU_PREFIX_SET_DO_NOT_MATCH);
  });

  it('[RFC 5213 §5.3.2(3)] rejects a prefix that is not of its pools', () => {
    const answer = new Dialogue().acknowledged({ prefixes: ['2001:db8:aaaa::/64'] });
    expect(answer.status).toBe(BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
    expect(prefixesIn(answer)).toEqual(['2001:db8:aaaa::/64']);
  });

  it('[RFC 5213 §5.3.2(3), §5.4.1.1(2)] gives a named prefix of its pools that is free', () => {
    const answer = new Dialogue().acknowledged({ prefixes: ['2001:db8:f00d:1234::/64'] });
    expect(prefixesIn(answer)).toEqual(['2001:db8:f00d:1234::/64']);
  });

  it('[RFC 5844 §3.1.2.2(2)] rejects an IPv4 address that is not of its pools, is the router, or is somebody else’s', () => {
    const dialogue = new Dialogue();
    dialogue.update({ nai: 'mn2@example.com', linkLayer: '0200000000aa', home: ['192.0.2.77'] });
    for (const home of ['10.0.0.1', '192.0.2.254', '192.0.2.0', '192.0.2.255', '192.0.2.77']) {
      const answer = dialogue.acknowledged({ home: [home] });
      expect([home, answer.status]).toEqual([home, BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS]);
      const reply = findOption(answer.options, 'ipv4-home-address-reply');
      expect([reply?.status, reply?.prefixLength, reply?.address]).toEqual([129, 24, ipv4(home)]);
      dialogue.pass(1);
    }
    expect(dialogue.acknowledged({ home: ['192.0.2.78'] }).status).toBe(0);
  });

  it('[RFC 5213 §5.2] gives an interface that has a session no second one with other addresses', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    expect(dialogue.acknowledged({ prefixes: ['2001:db8:f00d:77::/64'] }).status).toBe(155);
    expect(dialogue.acknowledged({ prefixes: [], home: ['192.0.2.99'] }).status).toBe(171);
    expect(dialogue.lma.snapshot()).toHaveLength(1);
  });
});

describe('several home network prefixes for one interface', () => {
  const three = ['::/0', '::/0', '::/0'];

  it('[RFC 5213 §5.3.2(1), §5.3.6(5), RFC 5844 §3.1.2.1(6)] are allocated as asked for, up to the maximum', () => {
    expect(prefixesIn(new Dialogue().acknowledged({ prefixes: three }))).toHaveLength(1);
    const dialogue = new Dialogue({ prefixMaximum: 2 });
    const prefixes = prefixesIn(dialogue.acknowledged({ prefixes: three }));
    expect(prefixes).toEqual(['2001:db8:f00d::/64', '2001:db8:f00d:1::/64']);
    expect(dialogue.lma.snapshot()).toMatchObject([{ hnps: prefixes }]);
  });

  it('[RFC 5213 §5.4.1.1(4), §5.4(2)] stay together: a refresh names them all', () => {
    const dialogue = new Dialogue({ prefixMaximum: 2 });
    const prefixes = prefixesIn(dialogue.acknowledged({ prefixes: three }));
    dialogue.pass(10);
    expect(dialogue.acknowledged({ prefixes: prefixes.slice(1), handoff: NOT_CHANGED }).status).toBe(159);
    dialogue.pass(10);
    const refreshed = dialogue.acknowledged({ prefixes: [...prefixes].reverse(), handoff: NOT_CHANGED });
    expect([refreshed.status, prefixesIn(refreshed)]).toEqual([0, prefixes]);
  });

  it('[RFC 5213 §5.3.2(3)] of which one is named are that one and another', () => {
    const prefixes = ['2001:db8:f00d:77::/64', '::/0'];
    const answer = new Dialogue({ prefixMaximum: 3 }).acknowledged({ prefixes });
    expect(prefixesIn(answer)).toEqual(['2001:db8:f00d:77::/64', '2001:db8:f00d::/64']);
  });

  it('[RFC 5213 §5.3.2(3)] are refused with 155 when more are named than the maximum, and nothing is taken', () => {
    const dialogue = new Dialogue();
    const prefixes = ['2001:db8:f00d:77::/64', '2001:db8:f00d:78::/64'];
    expect(dialogue.acknowledged({ prefixes }).status).toBe(155);
    expect(dialogue.lma.poolUse().ipv6).toMatchObject([{ held: 0 }]);
  });

  it('[RFC 5213 §5.3.2(2)] are fewer when the pool ends, and refused with 130 when there is none', () => {
    const pools = { ipv4: [], ipv6: [{ prefix: ipv6Prefix('2001:db8:f00d::/63'), assignedLength: 64 }] };
    const dialogue = new Dialogue({ prefixMaximum: 3, pools });
    expect(prefixesIn(dialogue.acknowledged({ prefixes: three, home: [] }))).toHaveLength(2);
    const other = { nai: 'mn2@example.com', linkLayer: '0200000000aa', prefixes: three, home: [] };
    expect(dialogue.acknowledged(other).status).toBe(130);
    expect(dialogue.lma.stats.ipv6PoolExhausted).toBe(2);
  });
});

describe('whose session a request is about, RFC 5213 §5.4.1', () => {
  it('[RFC 5213 §5.4.1.2(1), §5.4.1.2(2), §5.4.1, §5.3.1(13)] finds it by identifier, access technology and link-layer identifier whatever the handoff indicator', () => {
    for (const handoff of [0, 1, 2, 3, UNKNOWN, 6, 255]) {
      const dialogue = new Dialogue();
      const first = prefixesIn(dialogue.acknowledged());
      dialogue.pass(10);
      expect([handoff, prefixesIn(dialogue.acknowledged({ from: MAG2, handoff }))]).toEqual([handoff, first]);
      expect(dialogue.lma.snapshot()).toHaveLength(1);
    }
  });

  it('[RFC 5213 §5.4.1.2(5), §5.4(1), §5.2] opens another session for another interface', () => {
    const dialogue = new Dialogue();
    const first = prefixesIn(dialogue.acknowledged());
    dialogue.pass(10);
    const second = prefixesIn(dialogue.acknowledged({ linkLayer: '0200000000bb', accessTechnology: 3 }));
    expect(second).not.toEqual(first);
    expect(dialogue.lma.snapshot()).toHaveLength(2);
  });

  it('[RFC 5213 §5.4.1.2(3), §5.4(3)] moves the only session on a handoff between two interfaces', () => {
    const dialogue = new Dialogue();
    const first = prefixesIn(dialogue.acknowledged());
    dialogue.pass(10);
    const moved = { linkLayer: '0200000000bb', accessTechnology: 3, handoff: HandoffIndicator.BETWEEN_INTERFACES };
    expect(prefixesIn(dialogue.acknowledged({ ...moved, from: MAG2 }))).toEqual(first);
    expect(dialogue.lma.snapshot()).toMatchObject([{ att: 3, llid: '0200.0000.00bb', peer: 'mag2' }]);
  });

  it('[RFC 5213 §5.4.1.3(1), §5.4.1.3(2), §5.4.1.3] finds the only session without a link-layer identifier on a handoff', () => {
    for (const handoff of [HandoffIndicator.BETWEEN_INTERFACES, HandoffIndicator.BETWEEN_MAGS]) {
      const dialogue = new Dialogue();
      const first = prefixesIn(dialogue.acknowledged({ linkLayer: undefined }));
      dialogue.pass(10);
      expect(prefixesIn(dialogue.acknowledged({ linkLayer: undefined, handoff, from: MAG2 }))).toEqual(first);
    }
  });

  it('[RFC 5213 §5.4.1.3(4)] opens a new session without a link-layer identifier for a new interface', () => {
    const dialogue = new Dialogue();
    dialogue.update({ linkLayer: undefined });
    dialogue.pass(10);
    dialogue.update({ linkLayer: undefined, from: MAG2 });
    expect(dialogue.lma.snapshot()).toHaveLength(2);
  });

  it('[RFC 5213 §5.4.1.1, §5.4.1.1(1), §5.4.1.1(5), RFC 5844 §3.1.2.1(5)] finds it by its prefix', () => {
    const dialogue = new Dialogue();
    const prefixes = prefixesIn(dialogue.acknowledged());
    dialogue.pass(10);
    const answer = dialogue.acknowledged({ prefixes, linkLayer: undefined, handoff: NOT_CHANGED });
    expect([answer.status, prefixesIn(answer)]).toEqual([0, prefixes]);
  });

  it('[RFC 5844 §3.1.2.7, §3.1.2.7(1), §3.1.2.7(2), §3.1.2.1(5)] finds an IPv4-only session by its home address', () => {
    const dialogue = new Dialogue();
    const address = findOption(dialogue.acknowledged({ prefixes: [] }).options, 'ipv4-home-address-reply')?.address;
    dialogue.pass(10);
    const again = { prefixes: [], home: [`${address}`], from: MAG2, handoff: HandoffIndicator.BETWEEN_MAGS };
    expect(dialogue.acknowledged(again).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2', hoa: `${address}` }]);
  });

  it('[RFC 5213 §5.4.1.1(6)] ignores a de-registration that is about no session', () => {
    const dialogue = new Dialogue();
    expect(kindsOf(dialogue.update({ lifetimeSeconds: 0, handoff: UNKNOWN }))).toEqual([]);
    expect(dialogue.lma.stats.deRegistrationsUnmatched).toBe(1);
  });
});

function timeIn(answer: { options: Parameters<typeof findOption>[0] }): number {
  const option = findOption(answer.options, 'timestamp');
  return option ? timestampToUtc(option) : utcTime(0);
}

function prefixesIn(answer: { options: Parameters<typeof findOptions>[0] }): string[] {
  return findOptions(answer.options, 'home-network-prefix').map((option) => `${option.prefix}`);
}
