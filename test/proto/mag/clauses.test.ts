/** Clauses about a gateway's messages and its list of bindings that no longer dialogue is about. */
import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { seconds, utcTime } from '#base/time.ts';
import {
  BindingRevocationFlag,
  BindingStatus,
  decodeMobilityHeader,
  encodeMobilityHeader,
  findOption,
  findOptions,
  HandoffIndicator,
  RevocationStatus,
  RevocationTrigger,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import {
  ACC0,
  acknowledgement,
  handoff,
  LMA,
  LMA_ADDRESS,
  LMA_IPV4,
  LMA_UDP,
  MAG_ADDRESS,
  MAG_IPV4,
  MagDialogue,
  MN,
  MN2,
  naiOption,
  PREFIX,
  prefixesOf,
  requestedHomeAddress,
  revocation,
} from './dialogue.ts';

const { P, G, V } = BindingRevocationFlag;

function overIpv4(): MagDialogue {
  return new MagDialogue({ addresses: { ipv4: MAG_IPV4 }, lmas: [{ name: 'lma1', ipv4: LMA_IPV4 }] });
}

function peersOf(dialogue: MagDialogue): string[] {
  return dialogue.outputs.flatMap((output) =>
    output.kind === 'send' ? [`${output.to.transport} ${output.to.local}>${output.to.remote}`] : [],
  );
}

describe('a Proxy Binding Update', () => {
  it('[RFC 5213 §6.9.1.5(2), §6.9.1.5(3)] goes from the Proxy-CoA to the address of the LMA', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    expect(peersOf(dialogue)).toEqual([`ipv6 ${MAG_ADDRESS}>${LMA_ADDRESS}`]);
  });

  it('[RFC 5844 §4.2.2.1(2), §4.2.2] goes from the IPv4-Proxy-CoA to the IPv4-LMAA over IPv4', () => {
    const dialogue = overIpv4();
    dialogue.attach();
    expect(peersOf(dialogue)).toEqual([`ipv4-udp ${MAG_IPV4}>${LMA_IPV4}`]);
  });

  it('[RFC 5213 §6.9.1.5(12)] says who the node is in its options alone: it has no Home Address option', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const octets = encodeMobilityHeader(dialogue.update());
    expect(octets[0]).toBe(59); // no header but the Mobility Header follows, or precedes it
    expect(decodeMobilityHeader(octets)).toMatchObject({ ok: true });
  });

  it('[RFC 5213 §6.9.1.1(7), §6.1(2)] leaves the link-layer identifier out when it is ALL_ZERO', () => {
    const dialogue = new MagDialogue();
    dialogue.attach('control', ACC0, new MacAddress(0, 0));
    expect(findOption(dialogue.update().options, 'mobile-node-link-layer-identifier')).toBeUndefined();
  });

  it('[RFC 5213 §6.9.1.1(11), §6.1(2)] is sent when the node is on the list, under its link-layer address', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT', llid: MN.toCiscoString(), lma: 'lma1' }]);
  });

  it('[RFC 5213 §5.5(4)] has a timestamp that counts from the epoch of the option', () => {
    expect(timestampFromUtc(utcTime(Date.UTC(1970, 0, 2)))).toEqual({
      kind: 'timestamp',
      seconds: 86_400,
      fraction: 0,
    });
    const dialogue = new MagDialogue();
    dialogue.attach();
    const sent = findOption(dialogue.update().options, 'timestamp')?.seconds;
    expect(sent).toBe((Date.UTC(2026, 0, 1) + 1000) / 1000);
  });

  it('[RFC 5844 §3.2.3.1, §3.2.3.3] asks for both families of a dual-stack node, and §3.2.3.3 names both when it is refreshed', () => {
    const dialogue = new MagDialogue();
    const first = dialogue.becomeActive();
    expect([prefixesOf(first), requestedHomeAddress(first)]).toEqual([['::/0'], '0.0.0.0/0']);
    dialogue.advance(300_000);
    const refresh = dialogue.update();
    expect([prefixesOf(refresh), requestedHomeAddress(refresh)]).toEqual([[PREFIX.toString()], '192.0.2.1/24']);
  });

  it('[RFC 5844 §3.2.3.3, §3.2.3.3(3)] that gives the home address back names it alone, once', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.detach('dhcp-release');
    const update = dialogue.update();
    expect(update.lifetime).toBe(0);
    expect(prefixesOf(update)).toEqual([]);
    expect(findOptions(update.options, 'ipv4-home-address-request')).toHaveLength(1);
    expect(requestedHomeAddress(update)).toBe('192.0.2.1/24');
  });

  it('[RFC 5213 §6.9.4] is repeated as long as the node is there, and no more once it has left', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.advance(1000);
    expect(dialogue.updates()).toHaveLength(2);
    dialogue.detach();
    expect(dialogue.update().lifetime).toBe(0);
    dialogue.advance(1000);
    expect(dialogue.update().lifetime).toBe(0);
  });
});

describe('what a gateway does not know', () => {
  const triggers = [
    'layer-2-update',
    'hostapd',
    'dhcp',
    'router-solicitation',
    'neighbor-solicitation',
    'arp',
    'data',
    'control',
  ] as const;

  it.each(triggers)(
    '[RFC 5213 §6.9.1.1(4), §6.9.1.1(5)] it does not say: an arrival by %s is neither a handoff between interfaces nor between gateways',
    (trigger) => {
      const dialogue = new MagDialogue();
      dialogue.attach(trigger);
      expect(handoff(dialogue.update())).toBe(HandoffIndicator.UNKNOWN);
    },
  );

  it('[RFC 5213 §6.9.1.2(9)] is the time of the LMA, which it does not take over from a TIMESTAMP_MISMATCH', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const status = BindingStatus.TIMESTAMP_MISMATCH;
    const late = { kind: 'timestamp', seconds: 1, fraction: 0 } as const;
    dialogue.receive(
      acknowledgement(dialogue.update(), { status, option: (each) => (each.kind === 'timestamp' ? late : each) }),
    );
    dialogue.advance(100_000);
    expect(dialogue.updates()).toEqual([]);
    dialogue.attach();
    expect(findOption(dialogue.update().options, 'timestamp')).toEqual(timestampFromUtc(utcTime(dialogue.utc)));
  });
});

describe('the sequence numbers of a gateway', () => {
  it('[RFC 5213 §6.9.1.1(6)] are one counter for all mobile nodes beside timestamps', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.attach('dhcp', ACC0, MN2);
    dialogue.advance(1000);
    const sent = dialogue.updates().map(({ sequence }) => sequence);
    const [first = 0] = sent;
    expect(sent).toEqual([0, 1, 2, 3].map((more) => (first + more) & 0xffff));
  });
});

describe('a binding whose time for a refresh has come', () => {
  const due = () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.present = false;
    dialogue.advance(310_000);
    expect(dialogue.story()).toEqual([`ask-presence on ${ACC0}`]);
    return dialogue;
  };

  it('[RFC 5213 §6.13] is extended when the mobile node was heard, and not before', () => {
    const dialogue = due();
    dialogue.handle({ kind: 'heard', interface: ACC0, mac: MN });
    expect(handoff(dialogue.update())).toBe(HandoffIndicator.NOT_CHANGED);
  });

  it('[RFC 5213 §6.13] is given up when nobody answers: de-registered, and off the list', () => {
    const dialogue = due();
    dialogue.detach('no-answer');
    const update = dialogue.update();
    expect(update.lifetime).toBe(0);
    dialogue.receive(acknowledgement(update));
    expect(dialogue.mag.snapshot()).toEqual([]);
  });
});

describe('a Proxy Binding Acknowledgement', () => {
  it('[RFC 5213 §6.9.1.2(11)] of any status from 128 on advertises and forwards nothing, and its repetition neither', () => {
    for (let status = 128; status < 256; status++) {
      const dialogue = new MagDialogue();
      dialogue.attach();
      for (let answers = 0; answers < 5; answers++)
        for (const update of dialogue.updates()) {
          dialogue.receive(acknowledgement(update, { status }));
          const served = dialogue.outputs.filter(
            (output) =>
              (output.kind === 'forward' && output.change.kind === 'set') ||
              (output.kind === 'session' && output.change.kind === 'session-active'),
          );
          expect([status, served]).toEqual([status, []]);
        }
      expect([status, dialogue.mag.snapshot()]).toEqual([status, []]);
    }
  });

  it('[RFC 5213 §6.9.1.2, §6.9.1.2(3)] is found by its sequence number; its timestamp may be any', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const update = dialogue.update();
    const late = { kind: 'timestamp', seconds: 1, fraction: 0 } as const;
    dialogue.receive(acknowledgement(update, { option: (each) => (each.kind === 'timestamp' ? late : each) }));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE' }]);
  });

  it('[RFC 5213 §6.9.1.2(4)] needs no Type 2 routing header: the machine knows of none', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const octets = encodeMobilityHeader(acknowledgement(dialogue.update()));
    const message = decodeMobilityHeader(octets);
    if (!message.ok) throw new Error('not decoded');
    dialogue.receive(message.value);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE' }]);
  });

  it('[RFC 5844 §4.2.2(4), §4.2.2(3)] is looked at over IPv4 as over IPv6: without P flag it is ignored', () => {
    const dialogue = overIpv4();
    dialogue.attach();
    const update = dialogue.update();
    dialogue.receive(acknowledgement(update, { flags: 0 }), LMA_UDP);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT' }]);
    dialogue.receive(acknowledgement(update), LMA_UDP);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', transport: 'ipv4-udp' }]);
  });

  it('[RFC 5844 §3.2.3.2(2), §3.2.3.2] that refuses the home address has the LMA asked for any, and not for that one again', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.advance(300_000);
    const status = BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS;
    dialogue.receive(acknowledgement(dialogue.update(), { status }));
    expect(requestedHomeAddress(dialogue.update())).toBe('0.0.0.0/0');
  });

  it('[RFC 5844 §3.2.3.3(5)] that extends the prefixes alone ends the forwarding of the home address', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.advance(300_000);
    dialogue.receive(acknowledgement(dialogue.update(), { homeAddress: null }));
    expect(dialogue.story()).toEqual([
      `forward set - ${PREFIX} on ${ACC0} via ${LMA_ADDRESS}`,
      `session-active - ${PREFIX} on ${ACC0}`,
    ]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ hoa: null, hnps: [PREFIX.toString()] }]);
  });
});

describe('a Binding Revocation Acknowledgement', () => {
  const answered = (change: Parameters<typeof revocation>[0], dialogue = new MagDialogue()) => {
    dialogue.becomeActive();
    dialogue.receive(revocation(change));
    return dialogue.revocationAnswer();
  };

  it('[RFC 5846 §6.1.2(3), §6.1.2(5)] of a rejected indication says why', () => {
    expect(answered({ trigger: 77 })).toMatchObject({ status: RevocationStatus.TRIGGER_NOT_SUPPORTED, flags: P });
  });

  it('[RFC 5846 §6.1.2(7), §6.1.2(8)] has the bits G and V of its indication', () => {
    const everything = { flags: P | G, trigger: RevocationTrigger.PER_PEER_POLICY, options: [] };
    expect(answered(everything).flags).toBe(P | G);
    expect(answered({ flags: P | V }).flags).toBe(P | V);
  });

  it('[RFC 5846 §4] goes over IPv4 to where the indication came from, as registrations do', () => {
    const dialogue = overIpv4();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update()), LMA_UDP);
    dialogue.outputs = [];
    dialogue.receive(revocation(), LMA_UDP);
    expect(peersOf(dialogue)).toEqual([`ipv4-udp ${MAG_IPV4}>${LMA_IPV4}`]);
  });

  it('[RFC 5846 §9.1(6)] accepts an indication of several sessions of which one is gone already', () => {
    const nai = 'mn0@example.com';
    const profiles = [{ nai, service: 'dual', multihomed: true } as const];
    const dialogue = new MagDialogue({ localProfiles: [MN, MN2].map((mac) => ({ mac, nai })), profiles });
    dialogue.becomeActive();
    dialogue.attach('dhcp', ACC0, MN2);
    const second = { prefixes: ['2001:db8:f00d:2::/64'], homeAddress: '192.0.2.2' };
    dialogue.receive(acknowledgement(dialogue.update(), second));
    dialogue.detach('station-left', ACC0, MN2);
    dialogue.receive(acknowledgement(dialogue.update()));
    dialogue.outputs = [];
    dialogue.receive(revocation({ options: [naiOption(nai)] }));
    expect(dialogue.revocationAnswer().status).toBe(RevocationStatus.SUCCESS);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('[RFC 5846 §6.2.1(1)] is not sent for octets that are no indication', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    const octets = encodeMobilityHeader(revocation());
    const cut = decodeMobilityHeader(octets.subarray(0, 12));
    if (cut.ok) throw new Error('decoded');
    dialogue.handle({ kind: 'malformed', from: LMA, error: cut.error });
    expect(dialogue.story()).toEqual(['log malformed-message']);
    expect(dialogue.mag.snapshot()).toHaveLength(1);
  });
});

describe('a lifetime', () => {
  it('[RFC 5213 §6.9.1.4(1), RFC 5844 §4.2.2(2)] is ended with the options that it was asked for with', () => {
    const dialogue = new MagDialogue({ linkLocalFromLma: true });
    const first = dialogue.becomeActive();
    dialogue.detach();
    const last = dialogue.update();
    expect(last.options.map(({ kind }) => kind)).toEqual(first.options.map(({ kind }) => kind));
    expect([last.flags, last.lifetime]).toEqual([first.flags, 0]);
  });

  it('[RFC 5213 §6.9.1.3(1)] is asked for as at first when it is extended', () => {
    const dialogue = new MagDialogue();
    const first = dialogue.becomeActive({ lifetimeSeconds: 1200 });
    dialogue.advance(300_000);
    const refresh = dialogue.update();
    expect(refresh.lifetime).toBe(first.lifetime);
    expect(refresh.lifetime).toBe(seconds(3600));
    expect(refresh.options.map(({ kind }) => kind)).toEqual(first.options.map(({ kind }) => kind));
  });
});
