import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { LmaOutput } from '#proto/lma/events.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AuthenticationSubtype,
  BindingStatus,
  type BindingUpdate,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  findOption,
  type MobilityOption,
  type MobilitySecurityAssociation,
} from '#wire/mobility/index.ts';
import { answerIn, baseConfig, Dialogue, kept, MAG1, MAG1_IPV4, MAG2, peer, STRANGER, udpPeer } from './dialogue.ts';

function keyed(key: string, spi = 0x64): MobilitySecurityAssociation {
  return { subtype: AuthenticationSubtype.MN_HA, spi, hmac: new HmacSha1(new TextEncoder().encode(key)) };
}

const ours = keyed('cisco');
const theirs = keyed('ocsic');

function receive(dialogue: Dialogue, octets: Uint8Array, from: PeerAddress = peer(MAG1)): readonly LmaOutput[] {
  const decoded = decodeMobilityHeader(octets);
  if (!decoded.ok) throw new Error(decoded.error.rule);
  return dialogue.tell({ kind: 'message', from, message: decoded.value, octets });
}

function send(
  dialogue: Dialogue,
  association: MobilitySecurityAssociation,
  { from = peer(MAG1), update = dialogue.build({}) }: { from?: PeerAddress; update?: BindingUpdate } = {},
): readonly LmaOutput[] {
  const { remote } = from;
  const careOf = remote instanceof Ipv6Address ? remote : Ipv6Address.mapped(remote);
  return receive(dialogue, encodeAuthenticated(update, [association], careOf), from);
}

const sentIn = (outputs: readonly LmaOutput[]) => outputs.find((output) => output.kind === 'send');

describe('an LMA with a key for the domain', () => {
  it('[RFC 5213 §5.3.1(1)] accepts what is authentic, and has its answer authenticated', () => {
    const dialogue = new Dialogue({ authentication: ours });
    const outputs = send(dialogue, ours);
    expect(answerIn(outputs)?.status).toBe(0);
    expect(sentIn(outputs)).toMatchObject({ authentication: [ours], careOfAddress: MAG1 });
  });

  it('[RFC 4285 §5.1.1] answers MIPV6_AUTH_FAIL, authenticated, to a wrong key, and changes nothing', () => {
    const dialogue = new Dialogue({ authentication: ours });
    const outputs = send(dialogue, theirs);
    expect(answerIn(outputs)?.status).toBe(BindingStatus.MIPV6_AUTH_FAIL);
    expect(sentIn(outputs)).toMatchObject({ authentication: [ours] });
    expect(dialogue.lma.snapshot()).toEqual([]);
  });

  it('[RFC 4285 §5] discards an update without the option, or with another SPI, and tells the operator', () => {
    const dialogue = new Dialogue({ authentication: ours });
    const quiet = [
      ...receive(dialogue, encodeMobilityHeader(dialogue.build({}))),
      ...send(dialogue, keyed('cisco', 0x65)),
      ...dialogue.update({ from: STRANGER }),
    ];
    expect(quiet.map((output) => output.kind)).toEqual(['log', 'log', 'log']);
    expect(dialogue.lma.stats.pbuDiscarded).toEqual({ 'no authentication with the SPI that is configured': 3 });
  });

  it('[RFC 4285 §5] discards an update that goes on after its authentication', () => {
    const dialogue = new Dialogue({ authentication: ours });
    const spoiled = { kind: 'authentication', subtype: 1, spi: 0x64, data: new Uint8Array(12) } as const;
    const update = dialogue.build({ more: [spoiled, { kind: 'service-selection', identifier: 'x' }] });
    expect(answerIn(receive(dialogue, encodeMobilityHeader(update)))).toBeUndefined();
    expect(dialogue.lma.stats.pbuDiscarded).toEqual({ 'authentication that does not stand at the end': 1 });
  });

  it('is told nothing but the refusal by what it forges: neither whom it serves nor what was registered', () => {
    const dialogue = new Dialogue({ authentication: ours });
    send(dialogue, ours);
    dialogue.pass(10);
    for (const nai of ['mn1@example.com', 'nobody@example.com']) {
      const answer = answerIn(send(dialogue, theirs, { update: dialogue.build({ nai, sequence: 9 }) }));
      expect(answer).toMatchObject({ status: 146, sequence: 9, lifetime: 0 });
      expect(answer?.options.map(({ kind }) => kind)).toEqual(
        answerIn(new Dialogue().update({ from: STRANGER, nai }))?.options.map(({ kind }) => kind),
      );
    }
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag1', state: 'active' }]);
  });

  it('over IPv4 takes the IPv4-mapped address of the gateway for the care-of address', () => {
    const dialogue = new Dialogue({ authentication: ours });
    expect(answerIn(send(dialogue, ours, { from: udpPeer(MAG1_IPV4) }))?.status).toBe(0);
  });

  it('covers the Alternate Care-of Address, in the answer too', () => {
    const dialogue = new Dialogue({ authentication: ours });
    const update = dialogue.build({ more: [{ kind: 'alternate-care-of-address', address: MAG2 }] });
    const outputs = receive(dialogue, encodeAuthenticated(update, [ours], MAG2));
    expect(answerIn(outputs)?.status).toBe(0);
    expect(sentIn(outputs)).toMatchObject({ to: { remote: MAG1 }, careOfAddress: MAG2 });
  });

  it('accepts the same octets once: [RFC 5213 §5.5(6)] replays are refused by their timestamp', () => {
    const dialogue = new Dialogue({ authentication: ours });
    const octets = encodeAuthenticated(dialogue.build({}), [ours], MAG1);
    expect(answerIn(receive(dialogue, octets))?.status).toBe(0);
    expect(answerIn(receive(dialogue, octets))?.status).toBe(157);
  });

  it('[RFC 4285 §5.1.1] de-registers nobody on a forged word', () => {
    const dialogue = new Dialogue({ authentication: ours });
    send(dialogue, ours);
    dialogue.pass(10);
    const update = dialogue.build({ lifetimeSeconds: 0, handoff: 4 });
    expect(answerIn(send(dialogue, theirs, { update }))?.status).toBe(146);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active' }]);
  });
});

describe('an LMA with a key for one peer', () => {
  const [mag1, mag2] = baseConfig.peers as [(typeof baseConfig.peers)[0], (typeof baseConfig.peers)[0]];

  it('takes it instead of that of the domain', () => {
    const dialogue = new Dialogue({ authentication: ours, peers: [{ ...mag1, authentication: theirs }, mag2] });
    expect(answerIn(send(dialogue, theirs))?.status).toBe(0);
    dialogue.pass(10);
    expect(answerIn(send(dialogue, ours))?.status).toBe(146);
    dialogue.pass(10);
    expect(answerIn(send(dialogue, ours, { from: peer(MAG2) }))?.status).toBe(0);
  });

  it('[RFC 4285 §5.1.1] discards what another peer authenticates with a key that nobody knows', () => {
    const dialogue = new Dialogue({ peers: [{ ...mag1, authentication: theirs }, mag2] });
    expect(answerIn(send(dialogue, ours, { from: peer(MAG2) }))).toBeUndefined();
    expect(dialogue.lma.stats.pbuDiscarded).toEqual({ 'authentication without a key for it': 1 });
    expect(answerIn(dialogue.update({ from: MAG2 }))?.status).toBe(0);
  });
});

describe('the replay protection of RFC 4285 §6', () => {
  const NTP = 2_208_988_800;
  const id = (dialogue: Dialogue, ahead = 0): MobilityOption => {
    const at = dialogue.now.utc / 1000 + ahead + NTP;
    return {
      kind: 'replay-protection',
      seconds: Math.floor(at),
      fraction: Math.floor((at - Math.floor(at)) * 2 ** 32),
    };
  };
  const idOf = (options: readonly MobilityOption[]) => findOption(options, 'replay-protection');

  it('[RFC 4285 §6] comes back in the answer', () => {
    const dialogue = new Dialogue();
    const option = id(dialogue, 1.5);
    const answer = dialogue.acknowledged({ more: [option] });
    expect([answer.status, idOf(answer.options)]).toEqual([0, option]);
  });

  it('[RFC 4285 §6] that is too far from the clock is refused with 144, with the seconds of this clock', () => {
    const dialogue = new Dialogue();
    for (const ahead of [-8.5, 8.5]) {
      const option = id(dialogue, ahead);
      const answer = dialogue.acknowledged({ more: [option] });
      expect(answer.status).toBe(BindingStatus.MIPV6_ID_MISMATCH);
      expect(idOf(answer.options)?.seconds).toBe(Math.floor(dialogue.now.utc / 1000) + NTP);
      expect(idOf(answer.options)?.fraction).toBe((option as { fraction: number }).fraction);
    }
  });

  it('[RFC 4285 §6] must be greater than all accepted before for the mobile node, over a restart too', () => {
    const dialogue = new Dialogue({ timestampCheck: false });
    const option = id(dialogue, 2);
    dialogue.acknowledged({ more: [option] });
    expect(dialogue.acknowledged({ more: [option] }).status).toBe(144);
    const records = dialogue.outputs.flatMap((output): BindingRecord[] =>
      output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : [],
    );
    const again = new Dialogue({ timestampCheck: false });
    again.tell({ kind: 'restored', records: kept(records) });
    expect(again.acknowledged({ more: [option] }).status).toBe(144);
    expect(again.acknowledged({ more: [id(again, 3)] }).status).toBe(0);
  });
});
