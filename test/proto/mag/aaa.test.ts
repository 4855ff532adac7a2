import { describe, expect, it } from 'vitest';
import type { AccessForwarding } from '#dataplane/desired.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { MagAaa, MagConfig, ProfileAnswer } from '#proto/mag/events.ts';
import { findOption } from '#wire/mobility/index.ts';
import { ACC0, ACC1, acknowledgement, LMA, MagDialogue, MN, MN2, magConfig, v6 } from './dialogue.ts';

const aaa: MagAaa = { overrides: new Map(), service: 'ipv4', unlistedLma: {} };
const ASKED = `ask for the profile of ${MN} on ${ACC0}`;

class AaaDialogue extends MagDialogue {
  constructor(change: Partial<MagConfig> = {}) {
    super({ aaa, ...change });
  }

  found(profile: Partial<AaaProfile>): void {
    this.answer({ kind: 'found', profile: { prefixes: [], classes: [], ...profile } });
  }

  answer(answer: ProfileAnswer['answer'], mac = MN): void {
    this.handle({ kind: 'profile', mac, answer });
  }

  nai(): string {
    return new TextDecoder().decode(findOption(this.update().options, 'mobile-node-identifier')?.identifier);
  }
}

const withoutDefault = { interfaces: magConfig().interfaces.map(({ defaultProfile: _, ...rest }) => rest) };

describe('a MAG whose profiles come from an AAA server', () => {
  it('[RFC 5213 §6.9.1.1(1)] asks first, once, and registers with the answer', () => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.attach('dhcp');
    mag.attach('arp');
    expect(mag.story()).toEqual([ASKED]);
    mag.found({ nai: 'mn0@example.com', apn: 'corporate', service: 'dual' });
    expect(mag.nai()).toBe('mn0@example.com');
    expect(mag.mag.snapshot()[0]).toMatchObject({ nai: 'mn0@example.com', apn: 'corporate', state: 'INIT' });
  });

  it('[RFC 5779 §5.5] has the data plane know what the server says of local routing, unless the configuration states it', () => {
    const policy = (said: Partial<AaaProfile>, stated = {}) => {
      const mag = new AaaDialogue({ aaa: { ...aaa, overrides: new Map([['mn0@example.com', stated]]) } });
      mag.attach();
      mag.found({ nai: 'mn0@example.com', service: 'dual', ...said });
      mag.receive(acknowledgement(mag.update()));
      const changes = mag.outputs.flatMap((output) => (output.kind === 'forward' ? [output.change] : []));
      return changes.map((change) => change.kind === 'set' && (change.forwarding as AccessForwarding).localRouting);
    };
    expect(policy({})).toEqual([undefined]);
    expect(policy({ localRouting: false })).toEqual([false]);
    expect(policy({ localRouting: false }, { localRouting: true })).toEqual([true]);
  });

  it('asks nobody about a node with a local profile', () => {
    const mag = new AaaDialogue({ localProfiles: [{ mac: MN, nai: 'default_subscriber_profile' }] });
    mag.attach();
    expect(mag.nai()).toBe('default_subscriber_profile');
  });

  it('has what the configuration states of the name hold before what the server says', () => {
    const overrides = new Map([['mn0@example.com', { apn: 'local', service: 'ipv6' as const }]]);
    const mag = new AaaDialogue({ aaa: { ...aaa, overrides } });
    mag.attach();
    mag.found({ nai: 'mn0@example.com', apn: 'remote', service: 'dual', network: 'n1' });
    const update = mag.update();
    expect(mag.mag.snapshot()[0]?.apn).toBe('local');
    expect(findOption(update.options, 'ipv4-home-address-request')).toBeUndefined();
  });

  it('falls back to the default profile when the server knows nothing or does not answer', () => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.answer({ kind: 'none', reason: 'no AAA server answered in time' });
    expect(mag.nai()).toBe(MN.toCiscoString());
  });

  it('refuses without a default profile, with the reason, counted and logged once', () => {
    const mag = new AaaDialogue(withoutDefault);
    for (let i = 0; i < 2; i++) {
      mag.attach();
      mag.answer({ kind: 'none', reason: 'the AAA server has no profile for it' });
    }
    const story = mag.story().filter((line) => line !== ASKED);
    expect(story.filter((line) => line.startsWith('log'))).toEqual(['log no-profile']);
    expect(story.filter((line) => line.includes('the AAA server has no profile'))).toHaveLength(2);
    expect(mag.mag.stats.attachedWithoutProfile).toBe(2);
  });

  it('does not serve a node whose answer cannot be served, default profile or not', () => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.story();
    mag.answer({ kind: 'refused', reason: 'mn-service=ipv5 cannot be read' });
    expect(mag.story()).toContainEqual(expect.stringContaining('ipv5'));
    expect(mag.mag.snapshot()).toEqual([]);
  });

  it('follows a node that moves between its interfaces meanwhile', () => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.attach('layer-2-update', ACC1);
    expect(mag.story()).toEqual([ASKED]);
    mag.found({});
    expect(mag.mag.snapshot()[0]?.interface).toBe(ACC1);
  });

  it.each([
    ['it leaves', (mag: AaaDialogue) => mag.detach()],
    ['its link fails', (mag: AaaDialogue) => mag.handle({ kind: 'link-down', interface: ACC0 })],
    ['the gateway stops', (mag: AaaDialogue) => mag.handle({ kind: 'stopping' })],
    ['profiles are local from now on', (mag: AaaDialogue) => mag.handle({ kind: 'configure', config: magConfig() })],
  ])('no longer waits for the profile when %s', (_, event) => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.story();
    event(mag);
    expect(mag.story()).toContain(`no longer ask for the profile of ${MN}`);
    mag.found({});
    expect(mag.mag.snapshot()).toEqual([]);
    expect(mag.mag.stats.profilesUnexpected).toBe(1);
  });

  it('counts nodes that wait for a profile among those that it may serve', () => {
    const mag = new AaaDialogue({ bindingMaximum: 1 });
    mag.attach();
    mag.attach('layer-2-update', ACC0, MN2);
    expect(mag.mag.stats).toMatchObject({ attachedOverMaximum: 1, profilesAsked: 1 });
  });

  it('speaks to an LMA that only the server names, and listens to it', () => {
    const mag = new AaaDialogue();
    const elsewhere = v6('2001:db8:cafe:9::1');
    mag.attach();
    mag.found({ nai: 'mn0@example.com', lma: 'lma9', lmaIpv6: elsewhere });
    const sent = mag.outputs.find((output) => output.kind === 'send');
    expect(sent?.to.remote).toEqual(elsewhere);
    mag.receive(acknowledgement(mag.update()), { ...LMA, remote: elsewhere });
    expect(mag.mag.snapshot()[0]).toMatchObject({ state: 'ACTIVE', lma: 'lma9' });
  });

  it('takes the addresses of the configuration for an LMA that it knows by name', () => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.found({ lma: 'lma1', lmaIpv6: v6('2001:db8:dead::1') });
    expect(mag.mag.snapshot()[0]?.lmaAddress).toBe(LMA.remote.toString());
  });

  it('believes in 256 such LMAs, and refuses the node of a further one', () => {
    const mag = new AaaDialogue();
    for (let i = 0; i <= 256; i++) {
      mag.attach();
      mag.found({ nai: `mn${i}@example.com`, lma: `lma-${i}`, lmaIpv6: v6(`2001:db8:cafe::${(i + 1).toString(16)}`) });
      if (i < 256) expect(mag.mag.snapshot()).toHaveLength(1);
      mag.detach();
      mag.advance(600_000);
    }
    expect(mag.mag.stats.attachedWithoutLma).toBe(1);
  });
});
