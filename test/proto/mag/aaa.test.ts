import { describe, expect, it } from 'vitest';
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { renderMagBindings } from '#cli/show/mag-binding.ts';
import type { AccessForwarding } from '#dataplane/desired.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { MagAaa, MagConfig, ProfileAnswer } from '#proto/mag/events.ts';
import { decodeSessionRecord, encodeSessionRecord } from '#proto/mag/record-codec.ts';
import { BindingStatus, type BindingUpdate, findOption, findOptions } from '#wire/mobility/index.ts';
import { ACC0, ACC1, acknowledgement, LMA, MagDialogue, MN, MN2, magConfig, p6, v4, v6 } from './dialogue.ts';

const aaa: MagAaa = { overrides: new Map(), service: 'ipv4', unlistedLma: {} };
const ip4 = (text: string) => Ipv4Prefix.parse(text) as Ipv4Prefix;
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
  it('[RFC 5213 §6.9.1.1(1), §6.2, §6.6(2)] asks first, once, and registers with the answer', () => {
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

  describe('[RFC 6572 §5] addresses that the server has for a node', () => {
    const wanted = {
      service: 'dual',
      prefixes: [p6('2001:db8:f00d:9::/64')],
      homeAddress: ip4('192.0.2.9/24'),
    } as const;
    const asked = (update: BindingUpdate) => [
      ...findOptions(update.options, 'home-network-prefix').map(({ prefix }) => String(prefix)),
      String(findOption(update.options, 'ipv4-home-address-request')?.address),
    ];
    const NOTHING = ['::/0', '0.0.0.0'];
    const WANTED = ['2001:db8:f00d:9::/64', '192.0.2.9'];

    it('[RFC 5213 §6.9.1.1(3)] [RFC 5844 §3.2.3.1] are asked for at the LMA, at every attachment', () => {
      const mag = new AaaDialogue();
      mag.attach();
      mag.found(wanted);
      const update = mag.update();
      expect(asked(update)).toEqual(WANTED);
      expect(findOption(update.options, 'ipv4-home-address-request')?.prefixLength).toBe(24);
      mag.receive(acknowledgement(update));
      mag.outputs = [];
      mag.advance(5000);
      mag.attach('hostapd');
      expect(asked(mag.update())).toEqual(WANTED);
    });

    it.each([
      [BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX],
      [BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS],
      [BindingStatus.BCE_PBU_PREFIX_SET_DO_NOT_MATCH],
    ])('[RFC 5213 §6.9.1.2(10)] are not asked for again when the LMA refuses them with %d', (status) => {
      const mag = new AaaDialogue();
      mag.attach();
      mag.found(wanted);
      mag.receive(acknowledgement(mag.update(), { status }));
      const second = mag.update();
      expect(asked(second)).toEqual(NOTHING);
      mag.receive(acknowledgement(second));
      expect(mag.mag.snapshot()[0]).toMatchObject({ state: 'ACTIVE', hoa: '192.0.2.1' });
      expect(mag.mag.stats.addressesRefused).toBe(1);
      mag.outputs = [];
      mag.advance(5000);
      mag.attach('hostapd');
      expect(asked(mag.update())).toEqual(NOTHING);
    });

    it('are no reason to go on when the LMA refuses what names none', () => {
      const mag = new AaaDialogue();
      mag.attach();
      mag.found(wanted);
      const status = BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX;
      for (let i = 0; i < 2; i++) mag.receive(acknowledgement(mag.update(), { status }));
      expect(mag.updates()).toEqual([]);
      expect(mag.mag.snapshot()).toEqual([]);
    });

    it('are those of the first session of a node with several interfaces alone', () => {
      const mag = new AaaDialogue();
      const profile = { ...wanted, nai: 'mn0@example.com', multihomed: true };
      mag.attach();
      mag.found(profile);
      mag.receive(acknowledgement(mag.update()));
      mag.attach('layer-2-update', ACC1, MN2);
      mag.answer({ kind: 'found', profile: { classes: [], ...profile } }, MN2);
      expect(asked(mag.update())).toEqual(NOTHING);
    });

    it('are kept over a restart, with the DHCP server and what has no effect', () => {
      const mag = new AaaDialogue();
      mag.attach();
      const naming = { ipv4: [v4('192.0.2.53')], ipv6: [v6('2001:db8::53')], domainName: 'example.net' };
      const more = { dhcpServer: v4('10.0.0.67'), naming, withoutEffect: ['PMIP6-Home-Interface-ID'] };
      mag.found({ ...wanted, ...more });
      mag.receive(acknowledgement(mag.update()));
      const records = mag.kept();
      expect(records[0]?.profile).toMatchObject({
        addresses: { homeAddress: wanted.homeAddress, prefixes: wanted.prefixes },
        ...more,
      });
      expect(records.map((record) => decodeSessionRecord(record.id, encodeSessionRecord(record)))).toEqual(records);
    });
  });

  it('[RFC 6572 §4.14] has the access link know the DHCP server of a node', () => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.found({ service: 'ipv4', dhcpServer: v4('10.0.0.67') });
    mag.receive(acknowledgement(mag.update()));
    const sessions = mag.outputs.flatMap((output) => (output.kind === 'session' ? [output.change] : []));
    expect(sessions).toMatchObject([{ kind: 'session-active', session: { dhcpServer: v4('10.0.0.67') } }]);
  });

  it('tells, shows and counts what of a profile has no effect', () => {
    const mag = new AaaDialogue();
    mag.attach();
    mag.found({ withoutEffect: ['PMIP6-Home-Interface-ID'] });
    expect(mag.mag.snapshot()[0]?.profileWithoutEffect).toEqual(['PMIP6-Home-Interface-ID']);
    expect(mag.mag.stats.profilesPartlyWithoutEffect).toBe(1);
    expect(mag.story()).toContain('log profile-without-effect');
    expect(renderMagBindings(mag.mag.snapshot())).toContain(
      '  [Binding][MN]: AAA attribute without effect: PMIP6-Home-Interface-ID\n',
    );
  });

  it('[RFC 6572 §4.3] asks with the service that the configuration has for the name of the node, or for all', () => {
    const overrides = new Map([['mn0@example.com', { apn: 'stated' }]]);
    const asked = (change: Partial<MagAaa>, clientNai?: string) => {
      const mag = new AaaDialogue({ aaa: { ...aaa, ...change } });
      const name = clientNai === undefined ? {} : { clientNai };
      mag.handle({ kind: 'attached', interface: ACC0, mac: MN, trigger: 'dhcp', ...name });
      return mag.outputs.find((output) => output.kind === 'profile-request')?.service;
    };
    expect(asked({ overrides, apn: 'of all' }, 'mn0@example.com')).toBe('stated');
    expect(asked({ overrides, apn: 'of all' })).toBe('of all');
    expect(asked({ overrides })).toBeUndefined();
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
