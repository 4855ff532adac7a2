import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import type { AuthorizationChange } from '#proto/aaa/authorization-change.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { MagAaa, MagConfig } from '#proto/mag/events.ts';
import type { BindingUpdate } from '#wire/mobility/index.ts';
import { findOption, findOptions } from '#wire/mobility/index.ts';
import { acknowledgement, MagDialogue, MN, PREFIX, v6 } from './dialogue.ts';

const aaa: MagAaa = { overrides: new Map(), service: 'ipv4', unlistedLma: {} };
const ELSEWHERE = v6('2001:db8:cafe:9::1');

class Session extends MagDialogue {
  constructor(profile: Partial<AaaProfile> = {}, change: Partial<MagConfig> = {}) {
    super({ aaa, ...change });
    this.attach();
    const said = { nai: 'mn0@example.com', apn: 'internet', service: 'dual', ...profile } as const;
    this.handle({
      kind: 'profile',
      mac: MN,
      answer: { kind: 'found', profile: { prefixes: [], classes: [], ...said } },
    });
    this.receive(acknowledgement(this.update(), said.service === 'ipv4' ? { prefixes: [] } : {}));
    this.outputs = [];
  }

  change(change: AuthorizationChange): void {
    expect(this.mag.obstacleTo(MN, change)).toBeUndefined();
    this.handle({ kind: 'change', mac: MN, change });
  }

  /** The messages sent since the last look. */
  sent(): BindingUpdate[] {
    return this.outputs.flatMap((output) =>
      output.kind === 'send' && output.message.kind === 'binding-update' ? [output.message] : [],
    );
  }

  row() {
    return this.mag.snapshot()[0];
  }
}

const asksFor = (update: BindingUpdate | undefined) => ({
  lifetime: update?.lifetime,
  ipv4: findOption(update?.options ?? [], 'ipv4-home-address-request') !== undefined,
  ipv6: findOptions(update?.options ?? [], 'home-network-prefix').length,
  apn: findOption(update?.options ?? [], 'service-selection')?.identifier,
});

describe('a session whose authorization an AAA server changes', () => {
  it('keeps what it has, and asks for the family that it lacks', () => {
    const mag = new Session({ service: 'ipv4' });
    mag.change({ service: 'dual' });
    expect(mag.sent().map(asksFor)).toEqual([{ lifetime: seconds(3600), ipv4: true, ipv6: 1, apn: 'internet' }]);
    expect(mag.row()).toMatchObject({ state: 'REFRESH_PENDING', hoa: '192.0.2.1' });
    mag.receive(acknowledgement(mag.update()));
    expect(mag.row()).toMatchObject({ state: 'ACTIVE', hnps: [PREFIX.toString()] });
  });

  it('releases the IPv4 home address that it may have no longer, and keeps the prefixes', () => {
    const mag = new Session();
    mag.change({ service: 'ipv6' });
    expect(mag.sent().map(asksFor)).toEqual([{ lifetime: 0, ipv4: true, ipv6: 0, apn: 'internet' }]);
    expect(mag.row()).toMatchObject({ hoa: null, hnps: [PREFIX.toString()] });
  });

  it('[RFC 2865 §5.27] asks for no more than what is left of it, and ends then', () => {
    const mag = new Session();
    mag.change({ sessionTimeout: seconds(60) });
    expect(mag.sent().map(asksFor)).toMatchObject([{ lifetime: seconds(60), ipv6: 1 }]);
    mag.receive(acknowledgement(mag.update(), { lifetimeSeconds: 60 }));
    expect(mag.row()).toMatchObject({ sessionRemaining: 60, lifetime: 60 });
    expect(mag.kept()[0]?.sessionEnds).toBe(mag.utc + 60_000);
    mag.outputs = [];
    mag.advance(59_999);
    for (const update of mag.sent()) expect(update.lifetime).toBeLessThanOrEqual(seconds(32));
    mag.outputs = [];
    mag.advance(1);
    expect(mag.sent().map(asksFor)).toMatchObject([{ lifetime: 0 }]);
    expect(mag.row()?.state).toBe('DISCONNECTING');
    expect(mag.mag.stats.sessionsTimedOut).toBe(1);
  });

  it('[RFC 2865 §5.27] has the time that its profile says from the beginning', () => {
    const mag = new Session({ sessionTimeout: seconds(600) });
    expect(mag.row()?.sessionRemaining).toBe(600);
  });

  it.each<[string, AuthorizationChange, string | undefined]>([
    ['another service', { apn: 'other.example' }, 'other.example'],
    ['no prefixes', { service: 'ipv4' }, 'internet'],
    ['another LMA', { lma: 'lma9', lmaIpv6: ELSEWHERE }, 'internet'],
  ])('ends with %s, and its node is registered anew when that is done', (_, change, apn) => {
    const mag = new Session();
    mag.change(change);
    expect(mag.sent().map(asksFor)).toMatchObject([{ lifetime: 0, apn: 'internet' }]);
    expect(mag.row()?.state).toBe('DISCONNECTING');
    const farewell = mag.update();
    mag.outputs = [];
    mag.receive(acknowledgement(farewell, { lifetimeSeconds: 0 }));
    expect(mag.sent().map(asksFor)).toMatchObject([{ lifetime: seconds(3600), apn }]);
    const to = mag.outputs.find((output) => output.kind === 'send')?.to.remote;
    expect(String(to) === ELSEWHERE.toString()).toBe(change.lma !== undefined);
    expect(mag.row()).toMatchObject({ nai: 'mn0@example.com', state: 'INIT' });
  });

  it('is registered anew when the LMA says nothing to the end of it, or the node shows itself meanwhile', () => {
    const silent = new Session();
    silent.change({ apn: 'other.example' });
    silent.advance(300_000);
    expect(asksFor(silent.sent().at(-1))).toMatchObject({ apn: 'other.example' });
    const eager = new Session();
    eager.change({ apn: 'other.example' });
    eager.outputs = [];
    eager.attach('dhcp');
    expect(eager.sent().map(asksFor)).toMatchObject([{ apn: 'other.example' }]);
    expect(eager.outputs.some(({ kind }) => kind === 'profile-request')).toBe(false);
  });

  it('is not registered anew once its node has left', () => {
    const mag = new Session();
    mag.change({ apn: 'other.example' });
    mag.detach();
    mag.receive(acknowledgement(mag.update(), { lifetimeSeconds: 0 }));
    expect(mag.mag.snapshot()).toEqual([]);
  });

  it('says nothing to the LMA where only the network of the parameters or its interfaces change', () => {
    const mag = new Session();
    mag.change({ network: 'n2', multihomed: true });
    expect(mag.sent()).toEqual([]);
    expect(mag.kept()[0]?.profile).toMatchObject({ network: 'n2', multihomed: true });
  });

  it('is not changed against what is typed, to an LMA that cannot be reached, nor where there is none', () => {
    const overrides = new Map([['mn0@example.com', { apn: 'internet' }]]);
    const mag = new Session({}, { aaa: { ...aaa, overrides } });
    expect(mag.mag.obstacleTo(MN, { apn: 'other.example' })).toBe('configured');
    expect(mag.mag.obstacleTo(MN, { service: 'ipv4' })).toBeUndefined();
    expect(mag.mag.obstacleTo(MN, { lma: 'nobody' })).toBe('no-lma');
    const local = new MagDialogue({ localProfiles: [{ mac: MN, nai: 'default_subscriber_profile' }] });
    expect(local.mag.obstacleTo(MN, { apn: 'x' })).toBe('no-session');
    local.attach();
    expect(local.mag.obstacleTo(MN, { apn: 'x' })).toBe('configured');
    expect(local.mag.obstacleTo(MN, { sessionTimeout: seconds(60) })).toBeUndefined();
  });

  it('ends in time after a restart too', () => {
    const before = new Session({ sessionTimeout: seconds(600) });
    const after = new MagDialogue({ aaa });
    after.handle({ kind: 'restored', records: before.kept() });
    expect(after.mag.snapshot()[0]?.sessionRemaining).toBe(600);
    after.advance(600_000);
    expect(after.mag.stats.sessionsTimedOut).toBe(1);
  });
});
