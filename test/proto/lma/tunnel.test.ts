import { describe, expect, it } from 'vitest';
import type { AnchorForwarding, Path } from '#dataplane/desired.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import {
  type BindingAcknowledgement,
  BindingAcknowledgementFlag,
  BindingStatus,
  BindingUpdateFlag,
  findOption,
  HandoffIndicator,
  type MobilityOption,
} from '#wire/mobility/index.ts';
import {
  baseConfig,
  Dialogue,
  ipv4,
  kept,
  kindsOf,
  LMA,
  LMA_IPV4,
  MAG1,
  MAG1_IPV4,
  MAG2,
  MAG2_IPV4,
  revocationsIn,
  udpPeer,
} from './dialogue.ts';

const { A, P, F, T } = BindingUpdateFlag;
const { UNKNOWN, NOT_CHANGED } = HandoffIndicator;
const plain = { kind: 'ip' } as const;

function pathOf(dialogue: Dialogue): Path | undefined {
  const [forwarding] = dialogue.forwarding.values();
  return (forwarding as AnchorForwarding | undefined)?.paths[0];
}

const gre = (key: number | undefined): MobilityOption => ({ kind: 'gre-key', key });
const natOf = (answer: BindingAcknowledgement) => findOption(answer.options, 'nat-detection');
const greOf = (answer: BindingAcknowledgement) => findOption(answer.options, 'gre-key');

describe('a MAG over IPv4', () => {
  it('[RFC 5844 §4.1.3.1(2), §4.1.3.1(3), §4.1.3.1(4), §3.1.2.4(4), §4.1.3.2] is served through a tunnel from IPv4-LMAA to IPv4-Proxy-CoA', () => {
    const dialogue = new Dialogue();
    expect(dialogue.acknowledged({ from: udpPeer(MAG1_IPV4) }).status).toBe(0);
    expect(pathOf(dialogue)).toEqual({ encapsulation: plain, local: LMA_IPV4, remote: MAG1_IPV4 });
    expect(dialogue.lma.snapshot()).toMatchObject([
      { peer: 'mag1', careOfAddresses: [{ transport: 'ipv4-udp', encapsulation: 'IP in IPV4' }] },
    ]);
  });

  it('[RFC 5844 §4.1.3.2, §4.1.3.2(2), §4.1.3.1(4)] is answered at the port that it sent from, from the address that it sent to', () => {
    const from = udpPeer(MAG1_IPV4, 61_000);
    const send = new Dialogue().update({ from }).find((output) => output.kind === 'send');
    expect(send?.to).toEqual(from);
  });

  it('[RFC 5846 §8.1, §8.1(6)] is sent a revocation to its care-of address, at the port of its registration', () => {
    const dialogue = new Dialogue();
    dialogue.update({ from: udpPeer(MAG1_IPV4, 61_000) });
    dialogue.pass(10);
    const outputs = dialogue.update({ from: udpPeer(MAG2_IPV4), handoff: UNKNOWN });
    const [revocation] = outputs.filter(
      (output) => output.kind === 'send' && output.message.kind === 'binding-revocation-indication',
    );
    expect(revocation).toMatchObject({ to: udpPeer(MAG1_IPV4, 61_000) });
  });

  it('[RFC 5844 §4.1.1, §4.1.1(1)] has the source of its packets as care-of address, whatever its options say', () => {
    const dialogue = new Dialogue();
    dialogue.update({
      from: udpPeer(MAG1_IPV4),
      more: [
        { kind: 'alternate-care-of-address', address: MAG2 },
        { kind: 'ipv4-care-of-address', address: MAG2_IPV4 },
      ],
    });
    expect(pathOf(dialogue)?.remote).toEqual(MAG1_IPV4);
  });

  it('[RFC 5213 §5.3.1(6)] is refused with 154 when no peer has its address', () => {
    expect(new Dialogue().acknowledged({ from: udpPeer(ipv4('198.51.100.9')) }).status).toBe(154);
  });

  it('moves a session from a MAG over IPv6, which is told so over IPv6', () => {
    const dialogue = new Dialogue();
    const first = dialogue.acknowledged();
    dialogue.pass(10);
    const outputs = dialogue.update({ from: udpPeer(MAG2_IPV4), handoff: UNKNOWN });
    expect(revocationsIn(outputs).map(({ to }) => to)).toEqual([`${MAG1}`]);
    expect(pathOf(dialogue)?.remote).toEqual(MAG2_IPV4);
    expect(findOption(first.options, 'home-network-prefix')).toBeDefined();
  });

  it('is counted and left unanswered when address families are mixed', () => {
    const dialogue = new Dialogue();
    const from = { transport: 'ipv4-udp', local: LMA, remote: MAG1 } as const;
    expect(dialogue.update({ from })).toEqual([]);
    expect(dialogue.lma.stats.unservedSource).toBe(1);
  });

  it('[RFC 6275 §6.1.8] cannot have a care-of address that no tunnel leads to', () => {
    const dialogue = new Dialogue({ dynamicMagLearning: true });
    for (const address of ['127.0.0.1', `${LMA_IPV4}`]) {
      const answer = dialogue.acknowledged({ from: udpPeer(ipv4(address)) });
      expect([address, answer.status]).toEqual([address, BindingStatus.INVALID_CARE_OF_ADDRESS]);
    }
    expect(dialogue.update({ from: udpPeer(ipv4('255.255.255.255')) })).toEqual([]);
  });
});

describe('UDP encapsulation', () => {
  const accepting = { tunnel: { gre: 'asked', udp: true } } as const;
  const forced = { from: udpPeer(MAG1_IPV4), flags: A | P | F };

  it('[RFC 5844 §4.1.3.1(3), §5.1] is refused with 129 where AcceptForcedIPv4UDPEncapsulationRequest is 0', () => {
    const dialogue = new Dialogue();
    expect(dialogue.acknowledged(forced).status).toBe(BindingStatus.ADMINISTRATIVELY_PROHIBITED);
    expect(dialogue.forwarding.size).toBe(0);
  });

  it('[RFC 5844 §4.1.3.1, §4.1.3.1(3)] is what the F flag asks for, and [RFC 5844 §4.2.2] the NAT Detection option says so', () => {
    const dialogue = new Dialogue(accepting);
    const answer = dialogue.acknowledged(forced);
    expect([answer.status, natOf(answer)?.forceUdpEncapsulation]).toEqual([0, true]);
    expect(pathOf(dialogue)?.encapsulation).toEqual({
      kind: 'udp',
      localPort: 5437,
      remotePort: 5437,
      tlvHeader: false,
      translated: true,
    });
  });

  it('[RFC 5555 §4.2] has the port of a NAT followed unless the IPv4 Care-of Address option excludes one', () => {
    const translated = (address: string | undefined) => {
      const more = address ? [{ kind: 'ipv4-care-of-address', address: ipv4(address) } as const] : [];
      const dialogue = new Dialogue(accepting);
      dialogue.acknowledged({ ...forced, more });
      const encapsulation = pathOf(dialogue)?.encapsulation;
      return encapsulation?.kind === 'udp' && encapsulation.translated;
    };
    expect([translated('10.0.0.5'), translated(undefined)]).toEqual([true, true]);
    expect(translated(`${MAG1_IPV4}`)).toBeUndefined();
  });

  it('[RFC 5844 §4.1.3.1, §4.1.3.1(3)] is not used without the F flag', () => {
    const dialogue = new Dialogue(accepting);
    const answer = dialogue.acknowledged({ from: udpPeer(MAG1_IPV4) });
    expect(natOf(answer)).toBeUndefined();
    expect(pathOf(dialogue)?.encapsulation).toEqual(plain);
  });

  it('is used, where allowed, when the IPv4 Care-of Address option tells of a NAT, with advice to keep it alive', () => {
    const dialogue = new Dialogue(accepting);
    const more = [{ kind: 'ipv4-care-of-address', address: ipv4('10.0.0.5') } as const];
    expect(natOf(dialogue.acknowledged({ from: udpPeer(MAG1_IPV4, 4500), more }))).toMatchObject({
      forceUdpEncapsulation: true,
      refreshTime: 110_000,
    });
    const same = [{ kind: 'ipv4-care-of-address', address: MAG1_IPV4 } as const];
    expect(natOf(new Dialogue(accepting).acknowledged({ from: udpPeer(MAG1_IPV4), more: same }))).toBeUndefined();
  });

  it('is no matter over IPv6', () => {
    const answer = new Dialogue(accepting).acknowledged({ flags: A | P | F });
    expect([answer.status, natOf(answer)]).toEqual([0, undefined]);
  });

  it('of one peer is its own affair', () => {
    const [mag1, mag2] = baseConfig.peers;
    if (!mag1 || !mag2) throw new Error('two peers');
    const dialogue = new Dialogue({ peers: [{ ...mag1, ...accepting }, mag2] });
    expect(dialogue.acknowledged(forced).status).toBe(0);
    dialogue.pass(10);
    expect(dialogue.acknowledged({ ...forced, from: udpPeer(MAG2_IPV4), handoff: UNKNOWN }).status).toBe(129);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag1' }]);
  });

  it('[RFC 5213 §5.3.5] does not stand in the way of a de-registration', () => {
    const dialogue = new Dialogue();
    dialogue.update({ from: udpPeer(MAG1_IPV4) });
    dialogue.pass(10);
    expect(dialogue.acknowledged({ ...forced, lifetimeSeconds: 0, handoff: UNKNOWN }).status).toBe(0);
  });
});

describe('GRE encapsulation', () => {
  it('[RFC 5845 §5.2(2), §5.2(3), §3.3.1, §5.1] with a downlink key is answered with an uplink key, and both are used', () => {
    const dialogue = new Dialogue();
    const answer = dialogue.acknowledged({ more: [gre(77)] });
    const key = greOf(answer)?.key;
    expect([answer.status, typeof key]).toEqual([0, 'number']);
    expect(pathOf(dialogue)).toEqual({
      encapsulation: { kind: 'gre', keys: { send: 77, receive: key } },
      local: LMA,
      remote: MAG1,
    });
    expect(dialogue.lma.snapshot()).toMatchObject([
      { careOfAddresses: [{ encapsulation: 'GRE in IPV6', greKeyUpstream: key, greKeyDownstream: 77 }] },
    ]);
  });

  it('[RFC 5845 §5.2(1)] without a key is answered without a key', () => {
    const dialogue = new Dialogue();
    const answer = dialogue.acknowledged({ from: udpPeer(MAG1_IPV4), more: [gre(undefined)] });
    expect(greOf(answer)).toEqual({ kind: 'gre-key', key: undefined });
    expect(pathOf(dialogue)?.encapsulation).toEqual({ kind: 'gre' });
  });

  it('[RFC 5845 §5.1] gives each session an uplink key of its own', () => {
    const dialogue = new Dialogue();
    const keys = new Set<number | undefined>();
    for (let i = 0; i < 50; i++) {
      const node = { nai: `mn${i}@example.com`, linkLayer: `0200000000${i.toString(16).padStart(2, '0')}` };
      keys.add(greOf(dialogue.acknowledged({ ...node, more: [gre(77)] }))?.key);
    }
    expect([keys.size, keys.has(undefined), keys.has(0)]).toEqual([50, false, false]);
  });

  it('[RFC 5845 §3.3.2] keeps the uplink key over re-registrations and handovers, and takes the new downlink key', () => {
    const dialogue = new Dialogue();
    const key = greOf(dialogue.acknowledged({ more: [gre(77)] }))?.key;
    dialogue.pass(10);
    const refreshed = dialogue.update({ more: [gre(77)] });
    expect(kindsOf(refreshed)).toEqual(['store', 'binding-acknowledgement']);
    dialogue.pass(10);
    const changed = dialogue.acknowledged({ more: [gre(78)] });
    expect(greOf(changed)?.key).toBe(key);
    expect(pathOf(dialogue)?.encapsulation).toEqual({ kind: 'gre', keys: { send: 78, receive: key } });
    dialogue.pass(10);
    const moved = dialogue.acknowledged({ from: MAG2, handoff: UNKNOWN, more: [gre(9)] });
    expect(greOf(moved)?.key).toBe(key);
    expect(pathOf(dialogue)?.encapsulation).toEqual({ kind: 'gre', keys: { send: 9, receive: key } });
  });

  it('[RFC 5845 §3.3.2] ends on a handover to a MAG that does not ask for it, where it is not required', () => {
    const dialogue = new Dialogue();
    dialogue.update({ more: [gre(77)] });
    dialogue.pass(10);
    const moved = dialogue.acknowledged({ from: MAG2, handoff: UNKNOWN });
    expect([moved.status, greOf(moved)]).toEqual([0, undefined]);
    expect(pathOf(dialogue)?.encapsulation).toEqual(plain);
  });

  it('[RFC 5845 §5.2(4)] is refused with GRE_KEY_OPTION_REQUIRED where it is required and not asked for', () => {
    const dialogue = new Dialogue({ tunnel: { gre: 'required', udp: false } });
    expect(dialogue.acknowledged().status).toBe(BindingStatus.GRE_KEY_OPTION_REQUIRED);
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.acknowledged({ more: [gre(undefined)] }).status).toBe(0);
  });

  it('[RFC 5845 §3.3.2] is refused on a handover likewise, and the binding stays where it was', () => {
    const dialogue = new Dialogue({ tunnel: { gre: 'required', udp: false } });
    dialogue.update({ more: [gre(77)] });
    dialogue.pass(10);
    expect(dialogue.acknowledged({ from: MAG2, handoff: UNKNOWN }).status).toBe(163);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag1' }]);
  });

  it('[RFC 5845 §5.2] must have keys where they are generated', () => {
    const dialogue = new Dialogue({ tunnel: { gre: 'required', udp: false }, generateGreKeys: true });
    expect(dialogue.acknowledged({ more: [gre(undefined)] }).status).toBe(163);
    expect(dialogue.acknowledged({ more: [gre(5)] }).status).toBe(0);
  });

  it('[RFC 5845 §5.2(5)] that is not wanted is declined with GRE_KEY_OPTION_NOT_REQUIRED and without the option', () => {
    const dialogue = new Dialogue({ tunnel: { gre: 'refused', udp: false } });
    const answer = dialogue.acknowledged({ more: [gre(77)] });
    expect([answer.status, greOf(answer)]).toEqual([BindingStatus.GRE_KEY_OPTION_NOT_REQUIRED, undefined]);
    expect(pathOf(dialogue)?.encapsulation).toEqual(plain);
    expect(dialogue.lma.stats.pbaByStatus).toEqual({ GRE_KEY_OPTION_NOT_REQUIRED: 1 });
  });

  it('has the uplink key of the profile where that states one, and gives it to nobody else', () => {
    const profile = { nai: 'mn1@example.com', service: 'dual', greKeys: { up: 4711, down: 4712 } } as const;
    const dialogue = new Dialogue({ profiles: [profile] });
    expect(greOf(dialogue.acknowledged({ more: [gre(77)] }))?.key).toBe(4711);
    const required = new Dialogue({ profiles: [profile], tunnel: { gre: 'required', udp: false } });
    const answer = required.acknowledged();
    expect([answer.status, greOf(answer)]).toEqual([0, undefined]);
    expect(pathOf(required)?.encapsulation).toEqual({ kind: 'gre', keys: { send: 4712, receive: 4711 } });
  });

  it('is set up without any negotiation for a peer of Cisco’s that is configured for it', () => {
    const peers = [
      { name: 'wlc', ipv4: MAG1_IPV4, interop: 'cisco', tunnel: { gre: 'required', udp: false } },
    ] as const;
    const dialogue = new Dialogue({ peers });
    const answer = dialogue.acknowledged({ from: udpPeer(MAG1_IPV4) });
    expect([answer.status, greOf(answer)]).toEqual([0, undefined]);
    expect(pathOf(dialogue)?.encapsulation).toEqual({ kind: 'gre' });
  });

  it('outlives a restart of the LMA with its keys, which no other session is given', () => {
    const dialogue = new Dialogue();
    const key = greOf(dialogue.acknowledged({ more: [gre(77)] }))?.key;
    const records = dialogue.outputs.flatMap((output): BindingRecord[] =>
      output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : [],
    );
    const again = new Dialogue();
    again.tell({ kind: 'restored', records: kept(records) });
    expect(pathOf(again)?.encapsulation).toEqual({ kind: 'gre', keys: { send: 77, receive: key } });
    const other = { nai: 'mn2@example.com', linkLayer: '0200000000aa', more: [gre(1)] };
    expect(greOf(again.acknowledged(other))?.key).not.toBe(key);
    again.pass(10);
    expect(greOf(again.acknowledged({ more: [gre(77)], handoff: NOT_CHANGED }))?.key).toBe(key);
  });
});

describe('the TLV header', () => {
  const accepting = { tunnel: { gre: 'asked', udp: true } } as const;
  const both = { from: udpPeer(MAG1_IPV4), flags: A | P | F | T, more: [gre(77)] };

  it('[RFC 5845 §7.4, §7.2] goes with UDP and GRE, and the T flag says so', () => {
    const dialogue = new Dialogue(accepting);
    const answer = dialogue.acknowledged(both);
    expect([answer.status, answer.flags & BindingAcknowledgementFlag.T]).toEqual([0, BindingAcknowledgementFlag.T]);
    expect(pathOf(dialogue)?.encapsulation).toMatchObject({
      kind: 'udp',
      tlvHeader: true,
      gre: { keys: { send: 77, receive: greOf(answer)?.key } },
    });
    expect(dialogue.lma.snapshot()).toMatchObject([{ careOfAddresses: [{ encapsulation: 'GRE in UDP in IPV4' }] }]);
  });

  it('[RFC 5845 §7.2, §7.4] stays over re-registrations', () => {
    const dialogue = new Dialogue(accepting);
    dialogue.acknowledged(both);
    dialogue.pass(10);
    const outputs = dialogue.update({ ...both, handoff: NOT_CHANGED });
    expect(kindsOf(outputs)).toEqual(['store', 'binding-acknowledgement']);
    expect(pathOf(dialogue)?.encapsulation).toMatchObject({ kind: 'udp', tlvHeader: true });
  });

  it('[RFC 5845 §7.4] without UDP is declined with GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED, GRE is granted', () => {
    const dialogue = new Dialogue(accepting);
    const answer = dialogue.acknowledged({ flags: A | P | T, more: [gre(77)] });
    expect([answer.status, answer.flags & BindingAcknowledgementFlag.T]).toEqual([3, 0]);
    expect(pathOf(dialogue)?.encapsulation).toMatchObject({ kind: 'gre', keys: { send: 77 } });
  });

  it('[RFC 5845 §7.2] is never granted unasked: UDP then has no GRE in it', () => {
    const dialogue = new Dialogue(accepting);
    const answer = dialogue.acknowledged({ ...both, flags: A | P | F });
    expect([answer.status, answer.flags & BindingAcknowledgementFlag.T]).toEqual([2, 0]);
    expect(pathOf(dialogue)?.encapsulation).toMatchObject({ kind: 'udp', tlvHeader: false });
    const required = new Dialogue({ tunnel: { gre: 'required', udp: true } });
    expect(required.acknowledged({ ...both, flags: A | P | F }).status).toBe(129);
  });

  it('[RFC 5845 §5.1] is not used without GRE', () => {
    const dialogue = new Dialogue(accepting);
    const answer = dialogue.acknowledged({ from: udpPeer(MAG1_IPV4), flags: A | P | F | T });
    expect([answer.status, answer.flags & BindingAcknowledgementFlag.T]).toEqual([0, 0]);
    expect(pathOf(dialogue)?.encapsulation).toMatchObject({ kind: 'udp', tlvHeader: false });
  });
});
