import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { BindingStatus, type MobilityOption } from '#wire/mobility/index.ts';
import {
  ACC0,
  type Answer,
  acknowledgement,
  handoff,
  MagDialogue,
  MN,
  MN2,
  magConfig,
  PREFIX,
  prefixesOf,
  requestedHomeAddress,
} from './dialogue.ts';

describe('refresh', () => {
  it('[RFC 5213 §6.9.1.3(1), §6.9.1.3(2), §6.9.1.3(3), RFC 5844 §3.2.3.3(1), §4.2.2(2)] asks at the refresh time with HI 5 and the assigned addresses', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.advance(299_999);
    expect(dialogue.updates()).toEqual([]);
    dialogue.advance(1);
    const update = dialogue.update();
    expect(handoff(update)).toBe(5);
    expect(prefixesOf(update)).toEqual([PREFIX.toString()]);
    expect(requestedHomeAddress(update)).toBe('192.0.2.1/24');
    expect(dialogue.mag.snapshot()[0]?.state).toBe('REFRESH_PENDING');
  });

  it('changes nothing on the access link when it is accepted', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.advance(300_000);
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(dialogue.story()).toEqual([]);
    expect(dialogue.mag.snapshot()).toMatchObject([
      { state: 'ACTIVE', lifetimeRemaining: 3600, refreshRemaining: 300 },
    ]);
  });

  it('[RFC 5844 §3.2.3.3(4)] names only the families that the session has', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive({ homeAddress: null });
    dialogue.advance(300_000);
    expect(requestedHomeAddress(dialogue.update())).toBeUndefined();
  });

  it('is due at half of a lifetime shorter than twice the refresh time', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive({ lifetimeSeconds: 40 });
    dialogue.advance(20_000);
    expect(handoff(dialogue.update())).toBe(5);
  });

  it('[RFC 6275 §6.2.4] is due when the Binding Refresh Advice option says, if that is before the lifetime is over', () => {
    for (const [advised, expected] of [
      [60, 60_000],
      [3600, 300_000],
    ] as const) {
      const dialogue = new MagDialogue();
      dialogue.becomeActive({ more: [{ kind: 'binding-refresh-advice', refreshInterval: seconds(advised) }] });
      dialogue.advance(expected - 1);
      expect(dialogue.updates()).toEqual([]);
      dialogue.advance(1);
      expect(handoff(dialogue.update())).toBe(5);
    }
  });

  it('keeps the session while it is repeated, every 32 s in the end, until the lifetime is over', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.advance(3_599_999);
    expect(dialogue.updates().length).toBeGreaterThan(100);
    dialogue.advance(1);
    expect(dialogue.story()).toEqual(['log binding-expired', 'forward clear', `session-ended withdrawn on ${ACC0}`]);
    expect(dialogue.mag.snapshot()).toEqual([]);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });

  it('[RFC 5213 §6.9.1.2(11)] ends the session when the LMA rejects it, and sends nothing more', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.advance(300_000);
    dialogue.receive(acknowledgement(dialogue.update(), { status: BindingStatus.ADMINISTRATIVELY_PROHIBITED }));
    expect(dialogue.story()).toEqual([
      'log pbu-rejected',
      'forward clear',
      `session-ended withdrawn on ${ACC0}`,
      'session-refused ADMINISTRATIVELY_PROHIBITED',
    ]);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });

  it('[RFC 5213 §6.12] withdraws the old addresses before it offers others that the LMA assigns', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('hostapd');
    dialogue.receive(acknowledgement(dialogue.update(), { prefixes: ['2001:db8:f00d:2::/64'] }));
    expect(dialogue.story()).toEqual([
      'forward clear',
      `session-ended withdrawn on ${ACC0}`,
      `forward set 192.0.2.1 2001:db8:f00d:2::/64 on ${ACC0} via 2001:db8:cafe:1024::101`,
      `session-active 192.0.2.1 2001:db8:f00d:2::/64 on ${ACC0}`,
    ]);
  });
});

describe('a mobile node that is seen again', () => {
  it.each(['hostapd', 'control'] as const)(
    'is registered anew when %s says that it came, as it may have been elsewhere',
    (trigger) => {
      const dialogue = new MagDialogue();
      dialogue.becomeActive();
      dialogue.attach(trigger);
      const update = dialogue.update();
      expect(handoff(update)).toBe(4);
      expect(prefixesOf(update)).toEqual(['::/0']);
      expect(dialogue.mag.snapshot()[0]?.state).toBe('REFRESH_PENDING');
      dialogue.receive(acknowledgement(update));
      expect(dialogue.story()).toEqual([`session-active 192.0.2.1 ${PREFIX} on ${ACC0}`]);
    },
  );

  it.each(['layer-2-update', 'dhcp', 'router-solicitation', 'neighbor-solicitation', 'arp', 'data'] as const)(
    'is told its session again on %s, and nothing is sent',
    (trigger) => {
      const dialogue = new MagDialogue();
      dialogue.becomeActive();
      dialogue.attach(trigger);
      expect(dialogue.story()).toEqual([`session-active 192.0.2.1 ${PREFIX} on ${ACC0}`]);
      dialogue.advance(59_000);
      expect(dialogue.story()).toEqual([]);
    },
  );

  it('is extended within a minute of a layer-2 update, which the LMA rejects if it has the node elsewhere', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('layer-2-update');
    dialogue.outputs = [];
    dialogue.advance(60_000);
    const update = dialogue.update();
    expect(handoff(update)).toBe(5);
    dialogue.receive(acknowledgement(update));
    dialogue.outputs = [];
    dialogue.advance(299_999);
    expect(dialogue.updates()).toEqual([]);
  });
});

describe('a session that is registered anew', () => {
  it('[RFC 5844 §3.4.3] is announced with what the LMA has now, and not before', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('hostapd');
    const update = dialogue.update();
    for (const trigger of ['dhcp', 'router-solicitation', 'data'] as const) dialogue.attach(trigger);
    expect(dialogue.story()).toEqual([]);
    dialogue.receive(acknowledgement(update, { homeAddress: '192.0.2.9' }));
    expect(dialogue.story()).toEqual([
      `forward set 192.0.2.9 ${PREFIX} on ${ACC0} via 2001:db8:cafe:1024::101`,
      `session-active 192.0.2.9 ${PREFIX} on ${ACC0}`,
    ]);
  });

  it('ends when the LMA does not answer', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('hostapd');
    dialogue.advance(62_999);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'REFRESH_PENDING' }]);
    dialogue.outputs = [];
    dialogue.advance(1);
    expect(dialogue.story()).toEqual([
      'log registration-unanswered',
      'forward clear',
      `session-ended withdrawn on ${ACC0}`,
      'session-refused the LMA does not answer',
    ]);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('ends when the LMA answers with other options than those sent', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('hostapd');
    const other = { kind: 'handoff-indicator', indicator: 1 } as const;
    const option = (one: MobilityOption) => (one.kind === 'handoff-indicator' ? other : one);
    dialogue.receive(acknowledgement(dialogue.update(), { option }));
    expect(dialogue.story()).toContain(`session-ended withdrawn on ${ACC0}`);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });
});

describe('addresses that the LMA has given to another mobile node', () => {
  const activate = (dialogue: MagDialogue, answer: Answer) => {
    dialogue.attach('dhcp', ACC0, MN2);
    dialogue.receive(acknowledgement(dialogue.update(), answer));
    return dialogue.story();
  };

  it.each([
    ['both', {}, `192.0.2.1 ${PREFIX}`],
    ['the home address', { prefixes: ['2001:db8:f00d:9::/64'] }, '192.0.2.1 2001:db8:f00d:9::/64'],
    ['the prefix', { homeAddress: '192.0.2.9' }, `192.0.2.9 ${PREFIX}`],
  ])('end the stale session that has %s, before they are set up for the new one', (_, answer, addresses) => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    expect(activate(dialogue, answer)).toEqual([
      'log binding-displaced',
      'forward clear',
      `session-ended withdrawn on ${ACC0}`,
      `forward set ${addresses} on ${ACC0} via 2001:db8:cafe:1024::101`,
      `session-active ${addresses} on ${ACC0}`,
      'log binding-active',
    ]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ llid: MN2.toCiscoString() }]);
    dialogue.outputs = [];
    dialogue.advance(299_999);
    expect(dialogue.outputs).toEqual([]);
  });

  it('are not withdrawn a second time from a node that de-registers', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach();
    dialogue.outputs = [];
    const story = activate(dialogue, {});
    expect(story.filter((line) => line.startsWith('session-ended') || line === 'forward clear')).toEqual([]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ llid: MN2.toCiscoString() }]);
  });

  it('leave sessions alone that have others, or no longer have them', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach('dhcp-release');
    dialogue.receive(acknowledgement(dialogue.update()));
    dialogue.outputs = [];
    expect(activate(dialogue, { prefixes: ['2001:db8:f00d:9::/64'] })).not.toContain('log binding-displaced');
    expect(dialogue.mag.snapshot()).toHaveLength(2);
  });
});

describe('detachment', () => {
  it('[RFC 5213 §6.9.1.4(1), §6.9.1.4(2), §6.9.1.4(3), §6.13] de-registers with lifetime 0, HI 4 and the assigned addresses; the session ends at once', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach();
    const story = [...dialogue.outputs];
    const update = dialogue.update();
    expect(update.lifetime).toBe(0);
    expect(handoff(update)).toBe(4);
    expect(prefixesOf(update)).toEqual([PREFIX.toString()]);
    expect(requestedHomeAddress(update)).toBe('192.0.2.1/24');
    expect(story.map((output) => output.kind)).toEqual(['store', 'forward', 'session', 'send']);
    expect(dialogue.mag.snapshot()[0]?.state).toBe('DISCONNECTING');
    dialogue.receive(acknowledgement(update));
    expect(dialogue.mag.snapshot()).toEqual([]);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });

  it('repeats the de-registration after 1, 2 and 4 s, then forgets the binding with a log line', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach();
    dialogue.advance(14_999);
    expect(dialogue.updates()).toHaveLength(4);
    dialogue.advance(1);
    expect(dialogue.story()).toEqual(['log deregistration-unanswered']);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('forgets the binding also when the LMA rejects the de-registration', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach();
    dialogue.receive(acknowledgement(dialogue.update(), { status: 129 }));
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('registers a node that comes back while it de-registers, and takes no late answer for it', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach();
    const leaving = dialogue.update();
    dialogue.attach('dhcp');
    const coming = dialogue.update();
    expect(coming.lifetime).toBeGreaterThan(0);
    dialogue.receive(acknowledgement(leaving));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('INIT');
    dialogue.receive(acknowledgement(coming));
    expect(dialogue.story()).toContain(`session-active 192.0.2.1 ${PREFIX} on ${ACC0}`);
  });

  it('de-registers every mobile node of a link that goes down', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('dhcp', ACC0, MN2);
    dialogue.outputs = [];
    dialogue.handle({ kind: 'link-down', interface: ACC0 });
    expect(dialogue.updates().map((update) => update.lifetime)).toEqual([0, 0]);
  });

  it('de-registers when the gateway stops, tells the nodes nothing, and serves nobody any more', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.handle({ kind: 'stopping' });
    expect(dialogue.story()).toEqual(['forward clear', `session-ended departed on ${ACC0}`, 'send binding-update']);
    dialogue.attach('data');
    expect(dialogue.story()).toEqual([]);
    expect(dialogue.mag.stats.attachedWhileStopping).toBe(1);
  });

  it("[RFC 5213 §6.9.1.4(4)] de-registers on the operator's clear and withdraws the addresses from the node, which is still there", () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.handle({ kind: 'clear-bindings' });
    expect(dialogue.story()).toEqual(['forward clear', `session-ended withdrawn on ${ACC0}`, 'send binding-update']);
  });

  it("takes the operator's clear for one node only when it is named by its link-layer address or NAI", () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    for (const other of [{ mac: MN2 }, { nai: MN2.toCiscoString() }, { mac: MN, nai: MN2.toCiscoString() }])
      dialogue.handle({ kind: 'clear-bindings', ...other });
    expect(dialogue.story()).toEqual([]);
    dialogue.handle({ kind: 'clear-bindings', mac: MN });
    expect(dialogue.story()).toContain(`session-ended withdrawn on ${ACC0}`);
  });

  it('[RFC 5844 §3.4.3(10), §3.2.3.3(3)] de-registers the home address alone on a DHCP release; the IPv6 prefixes stay', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach('dhcp-release');
    const outputs = [...dialogue.outputs];
    const update = dialogue.update();
    expect(update.lifetime).toBe(0);
    expect(prefixesOf(update)).toEqual([]);
    expect(requestedHomeAddress(update)).toBe('192.0.2.1/24');
    dialogue.outputs = outputs;
    expect(dialogue.story()).toEqual([
      `forward set - ${PREFIX} on ${ACC0} via 2001:db8:cafe:1024::101`,
      `session-active - ${PREFIX} on ${ACC0}`,
      'send binding-update',
    ]);
    dialogue.receive(acknowledgement(update));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', hoa: null, hnps: [PREFIX.toString()] }]);
    dialogue.advance(300_000);
    expect(requestedHomeAddress(dialogue.update())).toBeUndefined();
  });

  it.each([
    ['is rejected', 129],
    ['is never answered', undefined],
  ])('[RFC 5844 §3.4.3] keeps the session when the release of its home address %s', (_, status) => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach('dhcp-release');
    const update = dialogue.update();
    if (status !== undefined) dialogue.receive(acknowledgement(update, { status }));
    dialogue.advance(20_000);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', hoa: null }]);
  });

  it('[RFC 5844 §3.2.3.3(2)] asks for a home address again when the node does so by DHCP', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach('dhcp-release');
    dialogue.receive(acknowledgement(dialogue.update()));
    dialogue.attach('dhcp');
    const update = dialogue.update();
    expect(requestedHomeAddress(update)).toBe('0.0.0.0/0');
    dialogue.receive(acknowledgement(update));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', hoa: '192.0.2.1', hnps: [PREFIX.toString()] }]);
  });

  it('[RFC 5844 §3.4.3] de-registers an IPv4 session on a DHCP release', () => {
    const interfaces = magConfig().interfaces.map((at) => ({
      ...at,
      defaultProfile: { nai: 'p', service: 'ipv4' } as const,
    }));
    const dialogue = new MagDialogue({ interfaces });
    dialogue.becomeActive();
    dialogue.detach('dhcp-release');
    expect(dialogue.update().lifetime).toBe(0);
  });

  it('de-registers the nodes of an interface that the configuration no longer has', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.handle({ kind: 'configure', config: magConfig({ interfaces: [] }) });
    expect(dialogue.update().lifetime).toBe(0);
  });
});
