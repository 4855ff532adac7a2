import { describe, expect, it } from 'vitest';
import type { LmaConfig, NaiProfile } from '#proto/lma/events.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import { BindingStatus, findOption, findOptions, HandoffIndicator, type MobilityOption } from '#wire/mobility/index.ts';
import { Dialogue, ipv4, ipv6Prefix, MAG2 } from './dialogue.ts';

const { UNKNOWN, NOT_CHANGED } = HandoffIndicator;

const pools: LmaConfig['pools'] = {
  ipv4: [
    { network: 'home', ...range('192.0.2.1', '192.0.2.9') },
    { network: 'office', ...range('198.51.100.1', '198.51.100.2') },
    { network: 'lab', ...range('198.51.100.1', '198.51.100.2') },
  ],
  ipv6: [
    { network: 'home', prefix: ipv6Prefix('2001:db8:1::/48'), assignedLength: 64 },
    { network: 'office', prefix: ipv6Prefix('2001:db8:2::/48'), assignedLength: 64 },
  ],
};

function range(low: string, high: string): LmaConfig['pools']['ipv4'][number] {
  return { low: ipv4(low), high: ipv4(high), prefixLength: 24, gateway: ipv4(low.replace(/\d+$/, '254')) };
}

const office = (nai: string): NaiProfile => ({ nai, service: 'dual', network: 'office' });
const node = (n: number) => ({ nai: `mn${n}@example.com`, linkLayer: `02000000000${n}` });
const select = (identifier: string): MobilityOption => ({ kind: 'service-selection', identifier });

function addresses(answer: { options: readonly MobilityOption[] }): string[] {
  return [
    `${findOption(answer.options, 'ipv4-home-address-reply')?.address}`,
    ...findOptions(answer.options, 'home-network-prefix').map(({ prefix }) => `${prefix}`),
  ];
}

describe('the network of a profile', () => {
  it('gives the addresses; without one the first network does', () => {
    const dialogue = new Dialogue({ pools, profiles: [office('mn1@example.com')] });
    expect(addresses(dialogue.acknowledged(node(1)))).toEqual(['198.51.100.1', '2001:db8:2::/64']);
    expect(addresses(dialogue.acknowledged(node(2)))).toEqual(['192.0.2.1', '2001:db8:1::/64']);
  });

  it('that is exhausted does not take from another one, and a network that shares its pool gets nothing twice', () => {
    const lab: NaiProfile = { nai: 'mn3@example.com', service: 'ipv4', network: 'lab' };
    const profiles = [office('mn1@example.com'), office('mn2@example.com'), lab];
    const dialogue = new Dialogue({ pools, profiles });
    dialogue.update(node(1));
    dialogue.update(node(2));
    const answer = dialogue.acknowledged({ ...node(3), prefixes: [] });
    expect(answer.status).toBe(BindingStatus.INSUFFICIENT_RESOURCES);
    expect(dialogue.lma.stats.ipv4PoolExhausted).toBe(1);
    expect(dialogue.lma.poolUse().ipv4).toMatchObject([
      { held: 0, available: 9 },
      { held: 2, available: 0 },
    ]);
  });

  it('that is none of this LMA has no addresses', () => {
    const profiles = [{ nai: 'mn1@example.com', service: 'dual', network: 'nowhere' }] as const;
    expect(new Dialogue({ pools, profiles }).acknowledged(node(1)).status).toBe(130);
  });

  it('[RFC 5213 §5.3.2(3)] authorizes for its own prefixes and addresses, not for those of others', () => {
    const dialogue = new Dialogue({ pools, profiles: [office('mn1@example.com')] });
    expect(dialogue.acknowledged({ ...node(1), prefixes: ['2001:db8:1:5::/64'] }).status).toBe(155);
    expect(dialogue.acknowledged({ ...node(1), home: ['192.0.2.5'] }).status).toBe(171);
    const own = { ...node(1), prefixes: ['2001:db8:2:5::/64'], home: ['198.51.100.2'] };
    expect(addresses(dialogue.acknowledged(own))).toEqual(['198.51.100.2', '2001:db8:2:5::/64']);
  });
});

describe('addresses that a profile states', () => {
  const homeAddress = { address: ipv4('10.1.2.3'), prefixLength: 16, defaultRouter: ipv4('10.1.0.1') };
  const fixed = { homeAddress, prefixes: [ipv6Prefix('2001:db8:beef::/64'), ipv6Prefix('2001:db8:beef:1::/64')] };
  const profile: NaiProfile = { nai: 'mn1@example.com', service: 'dual', fixed };

  it('are given, with their prefix length and default router', () => {
    const answer = new Dialogue({ pools, profiles: [profile] }).acknowledged(node(1));
    expect(addresses(answer)).toEqual(['10.1.2.3', '2001:db8:beef::/64', '2001:db8:beef:1::/64']);
    expect(findOption(answer.options, 'ipv4-home-address-reply')?.prefixLength).toBe(16);
    expect(findOption(answer.options, 'ipv4-default-router')?.address).toEqual(ipv4('10.1.0.1'));
  });

  it('may be named, and no others', () => {
    const dialogue = new Dialogue({ pools, profiles: [profile] });
    expect(dialogue.acknowledged({ ...node(1), prefixes: ['2001:db8:1::/64'] }).status).toBe(155);
    expect(dialogue.acknowledged({ ...node(1), home: ['192.0.2.1'] }).status).toBe(171);
    const named = { ...node(1), prefixes: ['2001:db8:beef:1::/64'], home: ['10.1.2.3'] };
    expect(dialogue.acknowledged(named).status).toBe(0);
  });

  it('out of a pool are not given to anybody else', () => {
    const inPool = { ...homeAddress, address: ipv4('192.0.2.1') };
    const profiles: NaiProfile[] = [{ nai: 'mn1@example.com', service: 'ipv4', fixed: { homeAddress: inPool } }];
    const dialogue = new Dialogue({ pools, profiles });
    expect(addresses(dialogue.acknowledged({ ...node(1), prefixes: [] }))).toEqual(['192.0.2.1']);
    expect(addresses(dialogue.acknowledged({ ...node(2), prefixes: [] }))).toEqual(['192.0.2.2']);
  });

  it('that somebody else has are refused with 130 and counted, and nothing is taken', () => {
    const second: NaiProfile = { ...profile, nai: 'mn2@example.com' };
    const dialogue = new Dialogue({ pools, profiles: [profile, second] });
    dialogue.update(node(1));
    expect(dialogue.acknowledged(node(2)).status).toBe(BindingStatus.INSUFFICIENT_RESOURCES);
    expect(dialogue.lma.stats.fixedAddressTaken).toBe(1);
    dialogue.pass(10);
    dialogue.update({ ...node(1), lifetimeSeconds: 0, handoff: UNKNOWN });
    dialogue.pass(11_000);
    expect(dialogue.acknowledged(node(2)).status).toBe(0);
  });

  it('are had by another interface of the node as soon as the first has given them back, in quarantine too', () => {
    const inPools = {
      homeAddress: { address: ipv4('192.0.2.9'), prefixLength: 24, defaultRouter: ipv4('192.0.2.254') },
    };
    const own: NaiProfile = { nai: 'mn1@example.com', service: 'ipv4', fixed: inPools };
    const dialogue = new Dialogue({ profiles: [own] });
    dialogue.update({ prefixes: [], lifetimeSeconds: 40 });
    dialogue.pass(41_000);
    const answer = dialogue.acknowledged({ prefixes: [], linkLayer: '0200000000bb' });
    expect(findOption(answer.options, 'ipv4-home-address-reply')?.address).toEqual(ipv4('192.0.2.9'));
  });

  it('stay over a handover and a restart', () => {
    const dialogue = new Dialogue({ pools, profiles: [profile] });
    const first = addresses(dialogue.acknowledged(node(1)));
    dialogue.pass(10);
    expect(addresses(dialogue.acknowledged({ ...node(1), from: MAG2, handoff: UNKNOWN }))).toEqual(first);
    const records = dialogue.outputs.flatMap((output): BindingRecord[] =>
      output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : [],
    );
    const again = new Dialogue({ pools, profiles: [profile, { ...profile, nai: 'mn2@example.com' }] });
    again.pass(20);
    again.tell({ kind: 'restored', records: records.slice(-1) });
    expect(again.acknowledged(node(2)).status).toBe(130);
    expect(addresses(again.acknowledged({ ...node(1), from: MAG2, handoff: UNKNOWN }))).toEqual(first);
  });
});

describe('the Service Selection option', () => {
  const profiles: NaiProfile[] = [
    { nai: 'mn1@example.com', service: 'dual', apn: 'internet' },
    { nai: 'mn2@example.com', service: 'dual' },
    { nai: 'office', service: 'dual', apn: 'office.example', network: 'office' },
  ];
  const status = (n: number, service: string) =>
    new Dialogue({ pools, profiles }).acknowledged({ ...node(n), more: [select(service)] }).status;

  it('[RFC 5149 §4.2] is refused with 151 for a service that the profile does not name', () => {
    expect(status(1, 'ims')).toBe(BindingStatus.SERVICE_AUTHORIZATION_FAILED);
    expect(status(1, 'Internet')).toBe(0);
  });

  it('[RFC 5149 §4.2] may name any service where the profile names none', () => {
    expect(status(2, 'ims')).toBe(0);
  });

  it('[RFC 5149 §4.2] chooses the profile, and so the network, of a mobile node that has none of its own', () => {
    const dialogue = new Dialogue({ pools, profiles });
    const answer = dialogue.acknowledged({ ...node(9), more: [select('office.example')] });
    expect(addresses(answer)).toEqual(['198.51.100.1', '2001:db8:2::/64']);
    expect(dialogue.lma.snapshot()).toMatchObject([{ apn: 'office.example' }]);
    expect(status(9, 'nothing.example')).toBe(151);
  });

  it('chooses nothing for a mobile node that is not served at all', () => {
    const dialogue = new Dialogue({ pools, profiles });
    const { defaultProfile: _, ...config } = dialogue.config;
    dialogue.tell({ kind: 'configure', config });
    expect(dialogue.acknowledged({ ...node(9), more: [select('office.example')] }).status).toBe(153);
  });

  it('[RFC 5149 §4.2] ends the session when its MAG asks for a service that is not allowed', () => {
    const dialogue = new Dialogue({ pools, profiles });
    dialogue.update(node(1));
    dialogue.pass(10);
    expect(dialogue.acknowledged({ ...node(1), from: MAG2, handoff: UNKNOWN, more: [select('ims')] }).status).toBe(151);
    expect(dialogue.lma.snapshot()).toHaveLength(1);
    expect(dialogue.acknowledged({ ...node(1), handoff: NOT_CHANGED, more: [select('ims')] }).status).toBe(151);
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.forwarding.size).toBe(0);
  });

  it('is no obstacle to a de-registration', () => {
    const dialogue = new Dialogue({ pools, profiles });
    dialogue.update(node(1));
    dialogue.pass(10);
    const leave = { lifetimeSeconds: 0, handoff: UNKNOWN, more: [select('ims')] };
    expect(dialogue.acknowledged({ ...node(1), ...leave }).status).toBe(0);
  });
});
