import { describe, expect, it } from 'vitest';
import { fromHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import type { LmaConfig, LmaOutput } from '#proto/lma/events.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import type { Interop, PeerAddress } from '#proto/peer.ts';
import {
  type BindingUpdate,
  BindingUpdateFlag,
  decodeMobilityHeader,
  findOption,
  findOptions,
  HandoffIndicator,
  type MobilityOption,
} from '#wire/mobility/index.ts';
import {
  answerIn,
  baseConfig,
  Dialogue,
  ipv6Prefix,
  kept,
  MAG1,
  MAG1_IPV4,
  MAG2,
  peer,
  revocationsIn,
  udpPeer,
} from './dialogue.ts';

const { BETWEEN_MAGS, NEW_INTERFACE, UNKNOWN } = HandoffIndicator;
const octets = (hexadecimal: string) => fromHex(hexadecimal) as Uint8Array;
const text = (words: string) => new TextEncoder().encode(words);

/** Mobile Node Identifier, Home Network Prefix, Handoff Indicator and Access Technology Type of every captured message of OPMIP. */
const OPMIP_OPTIONS =
  '080f016d6e406578616d706c652e6e6574 1612004020010db800aa00000000000000000000 17020004 18020000 00000000000000';

function configured(interop: Interop): Partial<LmaConfig> {
  return { peers: baseConfig.peers.map((each) => ({ ...each, interop })) };
}

function update(options: readonly MobilityOption[], sequence: number, lifetimeSeconds = 40): BindingUpdate {
  const flags = BindingUpdateFlag.A | BindingUpdateFlag.P;
  return { kind: 'binding-update', sequence, flags, lifetime: seconds(lifetimeSeconds), options };
}

/** What OpenAirInterface's gateways send, first and later; the octets of the Timestamp are in the order of their processor. */
function openAir(sequence: number, prefix = '::/128', name = '00000024d78e21a4'): BindingUpdate {
  return update(
    [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: octets(name) },
      { kind: 'home-network-prefix', prefix: ipv6Prefix(prefix), offLink: false },
      { kind: 'handoff-indicator', indicator: BETWEEN_MAGS },
      { kind: 'access-technology-type', accessTechnology: 4 },
      { kind: 'timestamp', seconds: 0x016b_0000_b0e3, fraction: 0xc344 },
      { kind: 'mobile-node-link-layer-identifier', identifier: octets('0224d7fffe8e21a4') },
    ],
    sequence,
  );
}

/** The same of OPMIP: sequence numbers, no link-layer identifier, no access technology. */
function opmip(sequence: number, prefix = Ipv6Prefix.allZero): BindingUpdate {
  return update(
    [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: text('mn1@example.com') },
      { kind: 'home-network-prefix', prefix, offLink: false },
      { kind: 'handoff-indicator', indicator: UNKNOWN },
      { kind: 'access-technology-type', accessTechnology: 0 },
    ],
    sequence,
    60,
  );
}

/** What a wireless controller of Cisco's sends. */
function controller(dialogue: Dialogue, sequence: number, address = Ipv4Address.unspecified): BindingUpdate {
  const stamp = findOption(dialogue.build({}).options, 'timestamp') as MobilityOption;
  return update(
    [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: text('0023.c2db.292d') },
      { kind: 'service-selection', identifier: '@example.com' },
      { kind: 'handoff-indicator', indicator: NEW_INTERFACE },
      { kind: 'access-technology-type', accessTechnology: 4 },
      stamp,
      { kind: 'mobile-node-link-layer-identifier', identifier: text('0023.c2db.292d') },
      { kind: 'ipv4-home-address-request', prefixLength: 0, address },
      { kind: 'ipv4-default-router', address: Ipv4Address.unspecified },
    ],
    sequence,
  );
}

function acknowledged(dialogue: Dialogue, message: BindingUpdate, from: PeerAddress = peer(MAG1)) {
  const answer = answerIn(dialogue.receive(from, message));
  if (!answer) throw new Error('no acknowledgement');
  return answer;
}

const prefixesIn = (options: readonly MobilityOption[]) =>
  findOptions(options, 'home-network-prefix').map(({ prefix }) => `${prefix}`);
const logsIn = (outputs: readonly LmaOutput[]) =>
  outputs.flatMap((output) => (output.kind === 'log' ? [output.text] : []));

describe('a gateway of OpenAirInterface', () => {
  it('is refused by default, and the operator is told what is odd and what to do', () => {
    const dialogue = new Dialogue();
    const outputs = dialogue.receive(MAG1, openAir(0));
    expect(answerIn(outputs)?.status).toBe(156);
    const [said] = logsIn(outputs);
    for (const oddity of ['no text', 'length of 128', 'octets in another order', 'interop tolerant']) {
      expect(said).toContain(oddity);
    }
  });

  it('is served where it is tolerated: the node is known by its link-layer address, and prefixes are answered as asked', () => {
    const dialogue = new Dialogue(configured('tolerant'));
    const answer = acknowledged(dialogue, openAir(0));
    expect([answer.status, prefixesIn(answer.options)]).toEqual([0, ['2001:db8:f00d::/128']]);
    expect(findOption(answer.options, 'mobile-node-identifier')?.identifier).toEqual(octets('00000024d78e21a4'));
    expect(findOption(answer.options, 'timestamp')).toMatchObject({ seconds: 0x016b_0000_b0e3, fraction: 0xc344 });
    expect(dialogue.lma.snapshot()).toMatchObject([
      { nai: '0024.d78e.21a4', llid: '0024.d78e.21a4', hnps: ['2001:db8:f00d::/64'] },
    ]);
  });

  it('refreshes by the prefix with its length of 128', () => {
    const dialogue = new Dialogue(configured('tolerant'));
    acknowledged(dialogue, openAir(0));
    dialogue.pass(3000);
    const answer = acknowledged(dialogue, openAir(1, '2001:db8:f00d::/128'));
    expect([answer.status, prefixesIn(answer.options)]).toEqual([0, ['2001:db8:f00d::/128']]);
    expect(dialogue.lma.stats).toMatchObject({ bindingsCreated: 1, bindingsRefreshed: 1 });
  });

  it('takes a node over from another one, whose sequence numbers it does not know', () => {
    const dialogue = new Dialogue(configured('tolerant'));
    for (let i = 0; i < 5; i++) acknowledged(dialogue, openAir(i));
    const outputs = dialogue.receive(MAG2, openAir(0));
    expect(answerIn(outputs)?.status).toBe(0);
    expect(revocationsIn(outputs).map(({ to }) => to)).toEqual([`${MAG1}`]);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2', hnps: ['2001:db8:f00d::/64'] }]);
    expect(acknowledged(dialogue, openAir(0), peer(MAG2)).status).toBe(135);
  });

  it('that names nodes by octets of zero is asked for their link-layer identifier', () => {
    const dialogue = new Dialogue(configured('tolerant'));
    expect(acknowledged(dialogue, openAir(0, '::/128', '00'.repeat(63))).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ nai: '0024.d78e.21a4' }]);
  });

  it('and a gateway of ours serve the same node one after the other', () => {
    const [mag1, mag2] = baseConfig.peers as [LmaConfig['peers'][0], LmaConfig['peers'][0]];
    const dialogue = new Dialogue({ peers: [{ ...mag1, interop: 'tolerant' }, mag2] });
    acknowledged(dialogue, openAir(0));
    dialogue.pass(10);
    const ours = { nai: '0024.d78e.21a4', from: MAG2, handoff: UNKNOWN, home: [] };
    expect(prefixesIn(dialogue.acknowledged(ours).options)).toEqual(['2001:db8:f00d::/64']);
    dialogue.pass(10);
    expect(prefixesIn(acknowledged(dialogue, openAir(1)).options)).toEqual(['2001:db8:f00d::/128']);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag1' }]);
  });
});

describe('a gateway of OPMIP', () => {
  it.each(['strict', 'tolerant'] as const)(
    'is served from the octets that it sent, as its own anchor did (%s)',
    (interop) => {
      // Two registrations as they were captured, 8 s apart, and the acknowledgements that its own anchor gave them.
      const captured = [
        {
          update: `3b070500f81e 4ee7 8200 000f ${OPMIP_OPTIONS}`,
          acknowledgement: `3b07060078ff 00 20 4ee7 000f ${OPMIP_OPTIONS}`,
        },
        {
          update: `3b070500f815 4eef 8200 000f ${OPMIP_OPTIONS}`,
          acknowledgement: `3b07060078f6 00 20 4eef 000f ${OPMIP_OPTIONS}`,
        },
      ];
      const prefix = ipv6Prefix('2001:db8:aa::/48');
      const dialogue = new Dialogue({
        peers: baseConfig.peers.map((each) => ({ ...each, interop })),
        pools: { ipv4: [], ipv6: [{ prefix, assignedLength: 64 }] },
      });
      for (const { update, acknowledgement } of captured) {
        const message = decodeMobilityHeader(octets(update.replaceAll(' ', '')));
        const expected = decodeMobilityHeader(octets(acknowledgement.replaceAll(' ', '')));
        if (!message.ok || !expected.ok) throw new Error('the capture does not decode');
        expect(answerIn(dialogue.tell({ kind: 'message', from: peer(MAG1), message: message.value }))).toEqual(
          expected.value,
        );
        dialogue.pass(8000);
      }
      expect(dialogue.lma.snapshot()).toMatchObject([{ nai: 'mn@example.net', hnps: ['2001:db8:aa::/64'], att: 0 }]);
    },
  );

  it.each([
    ['tolerant', 0, 'mag2'],
    ['strict', 155, 'mag1'],
  ] as const)('%s: a roam, of which it says “handoff state unknown”, is answered with %i', (interop, status, at) => {
    const dialogue = new Dialogue(configured(interop));
    acknowledged(dialogue, opmip(4711));
    const outputs = dialogue.receive(MAG2, opmip(4712, ipv6Prefix('2001:db8:f00d::/64')));
    expect(answerIn(outputs)?.status).toBe(status);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: at, hnps: ['2001:db8:f00d::/64'] }]);
    if (interop === 'strict') expect(logsIn(outputs).join()).toContain('an Access Technology Type of 0');
  });

  it('is served without timestamps, link-layer identifiers and access technology', () => {
    const dialogue = new Dialogue(configured('tolerant'));
    const answer = acknowledged(dialogue, opmip(4711));
    expect([answer.status, prefixesIn(answer.options)]).toEqual([0, ['2001:db8:f00d::/64']]);
    expect(findOption(answer.options, 'timestamp')).toBeUndefined();
    expect(acknowledged(dialogue, opmip(4712)).status).toBe(0);
    expect(dialogue.lma.snapshot()).toHaveLength(1);
  });
});

describe('a controller of Cisco’s', () => {
  const wlc = udpPeer(MAG1_IPV4);

  it('has the node’s identifier and the realm in two options, and its link-layer identifier as text', () => {
    const profiles = [{ nai: '0023.c2db.292d@example.com', service: 'ipv4', apn: 'internet' }] as const;
    const dialogue = new Dialogue({ ...configured('cisco'), profiles });
    const answer = acknowledged(dialogue, controller(dialogue, 1), wlc);
    expect(answer.status).toBe(0);
    expect(answer.options.map(({ kind }) => kind)).toEqual([
      'mobile-node-identifier',
      'handoff-indicator',
      'access-technology-type',
      'timestamp',
      'mobile-node-link-layer-identifier',
      'ipv4-home-address-reply',
      'ipv4-default-router',
    ]);
    expect(findOption(answer.options, 'mobile-node-identifier')?.identifier).toEqual(text('0023.c2db.292d'));
    expect(findOption(answer.options, 'mobile-node-link-layer-identifier')?.identifier).toEqual(text('0023.c2db.292d'));
    expect(dialogue.lma.snapshot()).toMatchObject([
      { nai: '0023.c2db.292d@example.com', llid: '0023.c2db.292d', apn: 'internet', hoa: '192.0.2.1' },
    ]);
  });

  it('finds its session again, over a restart of the LMA too', () => {
    const dialogue = new Dialogue(configured('cisco'));
    acknowledged(dialogue, controller(dialogue, 1), wlc);
    const records = dialogue.outputs.flatMap((output): BindingRecord[] =>
      output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : [],
    );
    const again = new Dialogue(configured('cisco'));
    again.pass(5000);
    again.tell({ kind: 'restored', records: kept(records) });
    const answer = acknowledged(again, controller(again, 2), wlc);
    expect(`${findOption(answer.options, 'ipv4-home-address-reply')?.address}`).toBe('192.0.2.1');
    expect(again.lma.snapshot()).toMatchObject([{ nai: '0023.c2db.292d@example.com' }]);
  });

  it('is revoked by the identifier that it uses itself', () => {
    const dialogue = new Dialogue(configured('cisco'));
    acknowledged(dialogue, controller(dialogue, 1), wlc);
    const [revocation] = revocationsIn(dialogue.tell({ kind: 'clear-bindings' }));
    expect(findOption(revocation?.message.options ?? [], 'mobile-node-identifier')?.identifier).toEqual(
      text('0023.c2db.292d'),
    );
  });

  it('that is not named one has its realm taken for a service', () => {
    const profiles = [{ nai: '0023.c2db.292d', service: 'ipv4', apn: 'internet' }] as const;
    const dialogue = new Dialogue({ profiles });
    expect(acknowledged(dialogue, controller(dialogue, 1), wlc).status).toBe(151);
  });
});
