import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import {
  BindingUpdateFlag,
  encodeMobilityHeader,
  findOption,
  type MobilityOption,
  timestampToUtc,
} from '#wire/mobility/index.ts';
import {
  ACC0,
  acknowledgement,
  handoff,
  LMA,
  MagDialogue,
  MN,
  MN2,
  magConfig,
  PREFIX,
  prefixesOf,
  requestedHomeAddress,
  v6,
} from './dialogue.ts';

/** The identifier of an acknowledgement becomes this one. */
function named(nai: string) {
  return (option: MobilityOption): MobilityOption =>
    option.kind === 'mobile-node-identifier' ? { ...option, identifier: new TextEncoder().encode(nai) } : option;
}

describe('attachment', () => {
  it('[RFC 5213 §6.9.1.1(1), §6.9.1.1(2), §6.9.1.1(3), §6.9.1.1(7), §6.9.1.1(8), §6.9.1.1(10), §6.9.1.5(1), §6.9.1.5(4), §6.9.1.5(5), §6.9.1.5(6), §6.9.1.5(7), §6.9.1.1(4), RFC 5844 §3.2.3.1(2)] sends a Proxy Binding Update with every mandatory option', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const update = dialogue.update();
    expect(update.flags).toBe(BindingUpdateFlag.A | BindingUpdateFlag.P);
    expect(update.lifetime).toBe(seconds(3600));
    expect(new TextDecoder().decode(findOption(update.options, 'mobile-node-identifier')?.identifier)).toBe(
      '0024.d78e.21a4',
    );
    expect(prefixesOf(update)).toEqual(['::/0']);
    expect(handoff(update)).toBe(4);
    expect(findOption(update.options, 'access-technology-type')?.accessTechnology).toBe(4);
    expect(findOption(update.options, 'mobile-node-link-layer-identifier')?.identifier).toEqual(MN.toBytes());
    expect(findOption(update.options, 'timestamp')).toBeDefined();
    expect(findOption(update.options, 'service-selection')?.identifier).toBe('example.com');
  });

  it('[RFC 5213 §6.9.1.1(9)] leaves the Link-local Address option out, as the address is fixed on all access links', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    expect(findOption(dialogue.update().options, 'link-local-address')).toBeUndefined();
  });

  it('[RFC 5844 §3.2.3.1(1)] asks for an IPv4 home address with ALL_ZERO address and prefix length', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const update = dialogue.update();
    expect(requestedHomeAddress(update)).toBe('0.0.0.0/0');
    const octets = Buffer.from(encodeMobilityHeader(update)).toString('hex');
    expect(octets).toContain('2406000000000000');
  });

  it('[RFC 5844 §3.3.3] sends no IPv4 Default-Router Address option, which is one of acknowledgements', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    expect(findOption(dialogue.update().options, 'ipv4-default-router')).toBeUndefined();
  });

  it.each([
    ['ipv4', [], '0.0.0.0/0'],
    ['ipv6', ['::/0'], undefined],
  ] as const)(
    '[RFC 5844 §3.2.3.1(2), §3.2.2, §3.2.3.3(4)] asks a profile of service %s for that family only',
    (service, prefixes, address) => {
      const profile = { nai: 'p', service };
      const interfaces = magConfig().interfaces.map((at) => ({ ...at, defaultProfile: profile }));
      const dialogue = new MagDialogue({ interfaces });
      dialogue.attach();
      const update = dialogue.update();
      expect(prefixesOf(update)).toEqual(prefixes);
      expect(requestedHomeAddress(update)).toBe(address);
      expect(findOption(update.options, 'service-selection')).toBeUndefined();
    },
  );

  it('[RFC 5213 §6.6, §6.6(2), §6.6(3), §6.6(4), §6.2] names a mobile node by its local profile where there is one', () => {
    const dialogue = new MagDialogue({
      localProfiles: [{ mac: MN, nai: 'mn0@example.com' }],
      profiles: [{ nai: 'mn0@example.com', apn: 'local.example', service: 'ipv6' }],
    });
    dialogue.attach();
    const update = dialogue.update();
    expect(new TextDecoder().decode(findOption(update.options, 'mobile-node-identifier')?.identifier)).toBe(
      'mn0@example.com',
    );
    expect(findOption(update.options, 'service-selection')?.identifier).toBe('local.example');
  });

  it('registers with the LMA that the profile names', () => {
    const profile = { nai: 'p', service: 'dual', lma: 'lma2' } as const;
    const dialogue = new MagDialogue({
      lmas: [...magConfig().lmas, { name: 'lma2', ipv6: v6('2001:db8:cafe:1024::102') }],
      interfaces: magConfig().interfaces.map((at) => ({ ...at, defaultProfile: profile })),
    });
    dialogue.attach();
    const sent = dialogue.outputs.find((output) => output.kind === 'send');
    expect(sent?.to.remote.toString()).toBe('2001:db8:cafe:1024::102');
  });

  it('[RFC 5213 §6.14] refuses a station without a profile, counts it each time and logs it once', () => {
    const interfaces = magConfig().interfaces.map(({ defaultProfile: _, ...at }) => at);
    const dialogue = new MagDialogue({ interfaces });
    dialogue.attach('dhcp');
    dialogue.attach('dhcp');
    expect(dialogue.story()).toEqual(['log no-profile', 'session-refused no profile', 'session-refused no profile']);
    expect(dialogue.mag.stats.attachedWithoutProfile).toBe(2);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('[RFC 5213 §6.9.1.1(5), §6.9.1.1(4)] is an attachment over a new interface (1) when a host of several is served by another one', () => {
    const profile = { nai: 'mn0@example.com', service: 'dual', multihomed: true } as const;
    const localProfiles = [MN, MN2].map((mac) => ({ mac, nai: profile.nai }));
    for (const [multihomed, second] of [
      [true, 1],
      [false, 4],
    ] as const) {
      const dialogue = new MagDialogue({ localProfiles, profiles: [{ ...profile, multihomed }] });
      expect(handoff(dialogue.becomeActive())).toBe(4);
      dialogue.attach('dhcp', ACC0, MN2);
      const update = dialogue.update();
      expect(handoff(update)).toBe(second);
      expect(prefixesOf(update)).toEqual(['::/0']);
    }
  });

  it('refuses a mobile node without access point name where the role needs one, with that reason', () => {
    const profile = { nai: 'p', service: 'dual' } as const;
    const interfaces = magConfig().interfaces.map((at) => ({ ...at, defaultProfile: profile }));
    const dialogue = new MagDialogue({ needsApn: true, interfaces });
    dialogue.attach();
    expect(dialogue.story()).toEqual([
      'session-refused role 3gpp needs an access point name, and 0024.d78e.21a4 has none',
    ]);
    expect(dialogue.mag.stats.attachedWithoutApn).toBe(1);
    const named = new MagDialogue({ needsApn: true });
    named.attach();
    expect(named.updates()).toHaveLength(1);
  });

  it('refuses what exceeds the binding maximum', () => {
    const dialogue = new MagDialogue({ bindingMaximum: 1 });
    dialogue.attach();
    dialogue.outputs = [];
    dialogue.attach('dhcp', ACC0, MN2);
    expect(dialogue.story()).toEqual(['session-refused binding maximum reached']);
    expect(dialogue.mag.stats.attachedOverMaximum).toBe(1);
  });

  it('ignores an interface that is not its own', () => {
    const dialogue = new MagDialogue();
    dialogue.attach('dhcp', 'FastEthernet0/0');
    expect(dialogue.outputs).toEqual([]);
    expect(dialogue.mag.stats.attachedUnknownInterface).toBe(1);
  });

  it('sends one Proxy Binding Update, however many triggers come before the answer', () => {
    const dialogue = new MagDialogue();
    for (const trigger of ['layer-2-update', 'dhcp', 'arp', 'data', 'layer-2-update'] as const)
      dialogue.attach(trigger);
    expect(dialogue.updates()).toHaveLength(1);
  });
});

describe('acceptance', () => {
  it('[RFC 5213 §6.9.1.2(12), §6.9.1.2(13), RFC 5844 §3.2.3.2(7), §3.2.3.2(8)] sets forwarding up before the access link offers the addresses', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(dialogue.story()).toEqual([
      `forward set 192.0.2.1 ${PREFIX} on ${ACC0} via 2001:db8:cafe:1024::101`,
      `session-active 192.0.2.1 ${PREFIX} on ${ACC0}`,
      'log binding-active',
    ]);
  });

  it('[RFC 5213 §6.1, §6.9.1.2(14), RFC 5844 §3.2.3.2(6)] shows the binding as ACTIVE with what was granted', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    expect(dialogue.mag.snapshot()[0]?.state).toBe('INIT');
    dialogue.receive(acknowledgement(dialogue.update(), { lifetimeSeconds: 1800 }));
    expect(dialogue.mag.snapshot()).toEqual([
      {
        domain: 'D1',
        nai: '0024.d78e.21a4',
        state: 'ACTIVE',
        interface: ACC0,
        hoa: '192.0.2.1',
        hoaPrefixLength: 24,
        defaultRouter: '192.0.2.254',
        att: 4,
        llid: '0024.d78e.21a4',
        hnps: [PREFIX.toString()],
        apn: 'example.com',
        lma: 'lma1',
        lmaAddress: '2001:db8:cafe:1024::101',
        path: null,
        lifetime: 1800,
        lifetimeRemaining: 1800,
        refreshRemaining: 300,
        encapsulation: 'IPV6_IN_IPV6',
        transport: 'ipv6',
        greKeyUpstream: 0,
        greKeyDownstream: 0,
      },
    ]);
  });

  it('takes the late answer to an earlier transmission', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const first = dialogue.update();
    dialogue.advance(1000);
    dialogue.receive(acknowledgement(first));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('ACTIVE');
  });

  it('[RFC 5844 §3.2.3.2(4)] does not enable IPv4 without an IPv4 Home Address Reply option', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { homeAddress: null }));
    expect(dialogue.story()).toContain(`session-active - ${PREFIX} on ${ACC0}`);
  });

  it('[RFC 5844 §3.2.3.2(5)] does not enable IPv4 when the reply option rejects', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const answer = acknowledgement(dialogue.update(), {
      option: (option) => (option.kind === 'ipv4-home-address-reply' ? { ...option, status: 132 } : option),
    });
    dialogue.receive(answer);
    expect(dialogue.story()).toContain(`session-active - ${PREFIX} on ${ACC0}`);
  });

  it('[RFC 5844 §3.2.3.2(9)] does not enable IPv4 without a default router', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { defaultRouter: null }));
    expect(dialogue.story()).toContain(`session-active - ${PREFIX} on ${ACC0}`);
  });

  it('refuses the node when the LMA accepts and assigns nothing', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { homeAddress: null, prefixes: [] }));
    expect(dialogue.story()).toEqual([
      'log pba-without-service',
      'session-refused the LMA accepted, but assigned no address',
    ]);
    expect(dialogue.mag.stats.pbaWithoutGrant).toBe(1);
  });
});

describe('an acknowledgement that is ignored', () => {
  it('[RFC 5213 §6.9.1.2(1)] has no P flag', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { flags: 0 }));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('INIT');
    expect(dialogue.mag.stats.pbaWithoutProxyFlag).toBe(1);
  });

  it('[RFC 5213 §6.9.1.2(5)] has a sequence number that was not sent', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const update = dialogue.update();
    dialogue.receive({ ...acknowledgement(update), sequence: (update.sequence + 1) & 0xffff });
    expect(dialogue.mag.snapshot()[0]?.state).toBe('INIT');
    expect(dialogue.mag.stats.pbaUnmatched).toBe(1);
  });

  it('names another mobile node, where two may have the same sequence number, and is waited on for', () => {
    const dialogue = new MagDialogue({ timestamps: false });
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { option: named('someone@else') }));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('INIT');
    dialogue.advance(1000);
    expect(dialogue.updates()).toHaveLength(1);
  });

  it('comes from an address that is no LMA', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update()), { ...LMA, remote: v6('2001:db8:bad::1') });
    expect(dialogue.mag.snapshot()[0]?.state).toBe('INIT');
    expect(dialogue.mag.stats.messagesFromUnknownPeer).toBe(1);
  });

  it('comes from another LMA of the configuration than the one asked', () => {
    const other = v6('2001:db8:cafe:1024::102');
    const dialogue = new MagDialogue({ lmas: [...magConfig().lmas, { name: 'lma2', ipv6: other }] });
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update()), { ...LMA, remote: other });
    expect(dialogue.mag.snapshot()[0]?.state).toBe('INIT');
    expect(dialogue.mag.stats.pbaUnmatched).toBe(1);
  });

  it('comes a second time', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const answer = acknowledgement(dialogue.update());
    dialogue.receive(answer);
    dialogue.outputs = [];
    dialogue.receive(answer);
    expect(dialogue.outputs).toEqual([]);
    expect(dialogue.mag.stats.pbaUnmatched).toBe(1);
  });

  it.each([
    'handoff-indicator',
    'access-technology-type',
    'mobile-node-link-layer-identifier',
    'mobile-node-identifier',
  ] as const)('[RFC 5213 §6.9.1.2(6)] has another %s, and ends the attempts until the operator acts', (kind) => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const answer = acknowledgement(dialogue.update(), {
      option: (option) => {
        if (option.kind !== kind) return option;
        if (option.kind === 'handoff-indicator') return { ...option, indicator: 3 };
        if (option.kind === 'access-technology-type') return { ...option, accessTechnology: 3 };
        if (option.kind === 'mobile-node-identifier') return named('someone@else')(option);
        return { ...option, identifier: MN2.toBytes() } as typeof option;
      },
    });
    dialogue.receive(answer);
    dialogue.advance(200_000);
    dialogue.attach();
    expect(dialogue.updates()).toEqual([]);
    expect(dialogue.mag.stats.pbaEchoMismatch).toBe(1);
    dialogue.handle({ kind: 'clear-bindings' });
    dialogue.attach();
    expect(dialogue.updates()).toHaveLength(1);
  });
});

describe('retransmission', () => {
  it('[RFC 5213 §6.9.4(3), §6.9.4(2)] doubles the interval from 1 s and warns after 7 s, and gives up after 63 s', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const start = dialogue.now;
    const times: number[] = [];
    for (let elapsed = 0; elapsed < 70_000; elapsed += 100) {
      for (const output of dialogue.outputs) if (output.kind === 'send') times.push(dialogue.now - start);
      dialogue.outputs = dialogue.outputs.filter((output) => output.kind !== 'send');
      dialogue.advance(100);
    }
    expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
    const unanswered = 'log registration-unanswered';
    expect(dialogue.story()).toEqual([unanswered, unanswered, 'session-refused the LMA does not answer']);
    expect(dialogue.mag.snapshot()).toEqual([]);
    expect(dialogue.mag.stats.registrationsUnanswered).toBe(1);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });

  it('[RFC 5213 §6.9.4(4)] gives each transmission a later timestamp and the next sequence number', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.advance(8000);
    const updates = dialogue.updates();
    const stamps = updates.map((update) => timestampToUtc(findOption(update.options, 'timestamp')!));
    expect(updates).toHaveLength(4);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    expect(new Set(stamps).size).toBe(4);
    const first = updates[0]?.sequence ?? 0;
    expect(updates.map((update) => update.sequence)).toEqual([0, 1, 2, 3].map((i) => (first + i) & 0xffff));
  });

  it('[RFC 5213 §5.5(6)] never repeats a timestamp, also within one tick of the clock', () => {
    const dialogue = new MagDialogue();
    for (let i = 0; i < 100; i++) dialogue.attach('dhcp', ACC0, new MacAddress(0x0224, i));
    const stamps = dialogue.updates().map((update) => {
      const { seconds: whole, fraction } = findOption(update.options, 'timestamp')!;
      return whole * 65536 + fraction;
    });
    for (let i = 1; i < stamps.length; i++) expect(stamps[i]).toBeGreaterThan(stamps[i - 1] as number);
  });

  it('[RFC 6275 §11.8] sends three Proxy Binding Updates of a mobile node in a second, and the next when that is over', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    let sent = 1;
    for (let i = 0; i < 20; i++) {
      dialogue.advance(25);
      dialogue.attach('hostapd');
      for (const update of dialogue.updates()) {
        sent++;
        dialogue.receive(acknowledgement(update));
      }
    }
    expect(sent).toBe(3);
    dialogue.advance(500);
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('ACTIVE');
  });

  it('tries again at the next trigger after it gave up', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.advance(70_000);
    dialogue.outputs = [];
    dialogue.attach('dhcp');
    expect(dialogue.updates()).toHaveLength(1);
  });

  it('[RFC 5213 §6.9.4(2)] ends when the mobile node leaves', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.detach();
    dialogue.outputs = [];
    dialogue.advance(60_000);
    expect(dialogue.updates().every((update) => update.lifetime === 0)).toBe(true);
  });
});
