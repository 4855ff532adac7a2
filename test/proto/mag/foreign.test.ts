/** Acknowledgements octet by octet as anchors of other makers send them, to a gateway that takes them at their word and to one that tolerates them. */
import { describe, expect, it } from 'vitest';
import { writeU16 } from '#base/bytes.ts';
import type { MagConfig } from '#proto/mag/index.ts';
import type { Interop } from '#proto/peer.ts';
import { type BindingUpdate, decodeMobilityHeader, encodeMobilityHeader, findOption } from '#wire/mobility/index.ts';
import { octets } from '../../wire/vector.ts';
import { LMA, LMA_ADDRESS, LMA_IPV4, LMA_UDP, MAG_IPV4, MagDialogue, MN, magConfig } from './dialogue.ts';

const SEQUENCE_AT = 8;
const NAI = 'mn@example.net';

/** OPMIP 0.3: access technology 0, no timestamp, no link-layer identifier; its padding is all at the end. */
const OPMIP = `3b070600 78ff 00 20 4ee7 000f
  080f016d6e406578616d706c652e6e6574 | mn@example.net
  1612004020010db800aa00000000000000000000
  17020004 18020000 00000000000000`;

/** OAI 0.4: flags 0, the node by two octets of zero and its address, a prefix of 128 bits, an EUI-64; four octets longer than its length says. */
const OAI = `3b080600 0000 00 00 4ee7 000a
  0809 01 0000 0024d78e21a4 | Mobile Node Identifier
  01 00
  1612 0080 20010db800aa00000000000000000000
  01 03 000000
  190a 0000 0224d7fffe8e21a4 | Mobile Node Link-layer Identifier
  00
  1b08 016b0000b0e3c344 | Timestamp, words in the order of the sender's processor
  00000000`;

/** As OAI with flow mobility: 63 octets of Mobile Node Identifier, copied from ours on. */
const OAI_FM = `3b0b0600 0000 00 00 4ee7 000a
  083f 01 6d6e406578616d706c652e6e6574 ${'00'.repeat(48)} | Mobile Node Identifier
  00
  1612 0080 20010db800aa00000000000000000000`;

/** An anchor of Cisco's, over UDP: everything as text, an IPv4 home address and its router. */
const CISCO = `3b0b0600 0604 00 20 4ee7 1c20
  01 02 0000
  080f 01 303032342e643738652e32316134 | 0024.d78e.21a4
  1702 0001 1802 0004 00
  1b08 00005d08721000 00
  01 02 0000
  1910 0000 303032342e643738652e32316134
  01 00
  2506 00 60 c0a8052c | 192.168.5.44/24
  2606 0000 c0a80501 | 192.168.5.1
  01 02 0000`;

function gateway(interop: Interop | undefined, change: Partial<MagConfig> = {}): MagDialogue {
  const profile = { nai: NAI, service: 'ipv6' } as const;
  return new MagDialogue({
    lmas: [{ name: 'lma1', ipv6: LMA_ADDRESS, ...(interop && { interop }) }],
    localProfiles: [{ mac: MN, nai: NAI }],
    profiles: [profile],
    ...change,
  });
}

/** Attaches, and gets that answer with the sequence number of the request. */
function answer(dialogue: MagDialogue, text: string, from = LMA): BindingUpdate {
  dialogue.attach();
  const update = dialogue.update();
  const bytes = octets(text);
  writeU16(bytes, SEQUENCE_AT, update.sequence);
  const decoded = decodeMobilityHeader(bytes, { readTrailing: true });
  if (!decoded.ok) throw new Error(decoded.error.rule);
  dialogue.receive(decoded.value, from);
  return update;
}

function reasons(dialogue: MagDialogue): string[] {
  return dialogue.outputs.flatMap((output) =>
    output.kind === 'log' && output.level === 'warn' ? [output.text.replace(/^.*?: /, '')] : [],
  );
}

describe('an anchor of another make is told apart, with the reason, by a gateway that takes it at its word', () => {
  it('[RFC 5213 §6.9.1.2(6)] OPMIP, whose access technology is 0', () => {
    const dialogue = gateway(undefined);
    answer(dialogue, OPMIP);
    expect(reasons(dialogue)).toEqual([
      'Access Technology Type 0 where 4 was sent; "interop tolerant" for this LMA accepts that; the mobile node is not asked for again until its binding is cleared here',
    ]);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('[RFC 5213 §6.9.1.2(6)] OAI, which has another name for the node', () => {
    const dialogue = gateway(undefined);
    answer(dialogue, OAI);
    expect(reasons(dialogue)).toEqual([
      'its Mobile Node Identifier is 00000024d78e21a4; "interop tolerant" accepts octets after the name, or the link-layer address; the mobile node is not asked for again until its binding is cleared here',
    ]);
    expect(dialogue.mag.snapshot()).toEqual([]);
  });

  it('[RFC 5213 §6.9.1.2(1)] one without the P flag', () => {
    const dialogue = gateway(undefined);
    answer(dialogue, OPMIP.replace('78ff 00 20', '78ff 00 00'));
    expect(reasons(dialogue)).toEqual(['it has no P flag; "interop tolerant" for this LMA accepts that']);
  });

  it('OAI in its octets: the message is longer than it says', () => {
    expect(decodeMobilityHeader(octets(OAI))).toMatchObject({ ok: false });
  });
});

describe('an anchor of another make is understood by a gateway that tolerates it', () => {
  it.each([
    ['OPMIP', OPMIP],
    ['OAI', OAI],
    ['OAI with flow mobility', OAI_FM],
  ])('%s', (_, text) => {
    const dialogue = gateway('tolerant');
    answer(dialogue, text);
    expect(reasons(dialogue)).toEqual([]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE', hnps: ['2001:db8:aa::/64'] }]);
  });

  it('but not for another node', () => {
    const dialogue = gateway('tolerant');
    answer(dialogue, OAI.replace('0024d78e21a4', '0024d78e21a5'));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT' }]);
  });
});

describe("an anchor of Cisco's", () => {
  const profile = { nai: '0024.d78e.21a4@ciscotacbangalore.com', service: 'ipv4' } as const;
  const cisco = () =>
    new MagDialogue({
      addresses: { ipv4: MAG_IPV4 },
      lmas: [{ name: 'lma1', ipv4: LMA_IPV4, interop: 'cisco', tunnel: { transport: 'ipv4-udp', mode: 'gre' } }],
      localProfiles: [{ mac: MN, nai: profile.nai }],
      profiles: [profile],
      interfaces: magConfig().interfaces,
    });

  it('is understood: the home address in GRE by configuration, for eight hours', () => {
    const dialogue = cisco();
    answer(dialogue, CISCO, LMA_UDP);
    expect(reasons(dialogue)).toEqual([]);
    expect(dialogue.mag.snapshot()).toMatchObject([
      {
        state: 'ACTIVE',
        hoa: '192.168.5.44',
        defaultRouter: '192.168.5.1',
        lifetime: 28_800,
        encapsulation: 'GRE in IPV4',
      },
    ]);
  });

  it('is asked as by a controller of that maker, option by option', () => {
    const dialogue = cisco();
    dialogue.attach();
    const update = dialogue.update();
    const sent = encodeMobilityHeader(update);
    expect(optionTypes(sent)).toEqual([8, 20, 23, 24, 27, 25, 36, 38]);
    expect(sent.subarray(4, 6)).toEqual(Uint8Array.of(0, 0));
    expect(findOption(update.options, 'service-selection')?.identifier).toBe('@ciscotacbangalore.com');
  });
});

/** Without the padding between them. */
function optionTypes(message: Uint8Array): number[] {
  const types: number[] = [];
  for (let at = 12; at < message.length; ) {
    const type = message[at] as number;
    if (type > 1) types.push(type);
    at += type === 0 ? 1 : 2 + (message[at + 1] as number);
  }
  return types;
}
