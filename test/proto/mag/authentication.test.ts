import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AuthenticationSubtype,
  type BindingAcknowledgement,
  BindingStatus,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
} from '#wire/mobility/index.ts';
import {
  acknowledgement,
  LMA,
  LMA_ADDRESS,
  LMA_IPV4,
  LMA_UDP,
  MAG_ADDRESS,
  MAG_IPV4,
  MagDialogue,
} from './dialogue.ts';

const association = {
  subtype: AuthenticationSubtype.MN_HA,
  spi: 0x64,
  hmac: new HmacSha1(new TextEncoder().encode('cisco')),
};
const other = { ...association, hmac: new HmacSha1(new TextEncoder().encode('ocsic')) };

function dialogueWith(addresses = {}): MagDialogue {
  return new MagDialogue({
    ...addresses,
    lmas: [{ name: 'lma1', ipv6: LMA_ADDRESS, ipv4: LMA_IPV4, authentication: association }],
  });
}

function receive(dialogue: MagDialogue, octets: Uint8Array, from: PeerAddress = LMA): void {
  const decoded = decodeMobilityHeader(octets);
  if (!decoded.ok) throw new Error(decoded.error.rule);
  dialogue.handle({ kind: 'message', from, message: decoded.value, octets });
}

function answer(dialogue: MagDialogue, status: number = BindingStatus.ACCEPTED): BindingAcknowledgement {
  dialogue.attach();
  return acknowledgement(dialogue.update(), { status });
}

describe('an LMA with a key', () => {
  it('is sent Proxy Binding Updates to be authenticated with it, each transmission', () => {
    const dialogue = dialogueWith();
    dialogue.attach();
    dialogue.advance(1000);
    const sent = dialogue.outputs.flatMap((output) => (output.kind === 'send' ? [output.authentication] : []));
    expect(sent).toEqual([[association], [association]]);
  });

  it('[RFC 5213 §6.9.1.2(1)] is listened to when its answer is authentic', () => {
    const dialogue = dialogueWith();
    receive(dialogue, encodeAuthenticated(answer(dialogue), [association], MAG_ADDRESS));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE' }]);
  });

  it('[RFC 5213 §6.9.1.2(1), RFC 5844 §4.2.2(3)] authenticates for the IPv4-mapped address of the gateway over IPv4', () => {
    const dialogue = dialogueWith({ addresses: { ipv4: MAG_IPV4 } });
    receive(dialogue, encodeAuthenticated(answer(dialogue), [association], Ipv6Address.mapped(MAG_IPV4)), LMA_UDP);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'ACTIVE' }]);
  });

  it.each([
    ['is not signed', (message: BindingAcknowledgement) => encodeMobilityHeader(message)],
    ['has another key', (message: BindingAcknowledgement) => encodeAuthenticated(message, [other], MAG_ADDRESS)],
    [
      'is for another gateway',
      (message: BindingAcknowledgement) => encodeAuthenticated(message, [association], LMA_ADDRESS),
    ],
  ])('[RFC 5213 §6.9.1.2(1)] is not listened to when its answer %s', (_, encode) => {
    for (const status of [BindingStatus.ACCEPTED, BindingStatus.PROXY_REG_NOT_ENABLED]) {
      const dialogue = dialogueWith();
      receive(dialogue, encode(answer(dialogue, status)));
      expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT' }]);
      expect(dialogue.mag.stats.pbaNotAuthentic).toBe(1);
      expect(dialogue.story()).toEqual(['log pba-not-authentic']);
      dialogue.advance(1000);
      expect(dialogue.updates()).toHaveLength(1);
    }
  });

  it('does not believe a message without octets', () => {
    const dialogue = dialogueWith();
    dialogue.receive(answer(dialogue));
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'INIT' }]);
  });
});

it.each([
  [BindingStatus.MIPV6_ID_MISMATCH, 'auth-option'],
  [BindingStatus.MIPV6_MESG_ID_REQD, 'set "auth-option"'],
  [BindingStatus.MIPV6_AUTH_FAIL, 'SPI and key'],
  [BindingStatus.MAG_NOT_AUTHORIZED_FOR_PROXY_REG, 'this MAG is missing'],
])('[RFC 5213 §6.9.1.2(11)] denies service on status %i and says what to do', (status, advice) => {
  const dialogue = new MagDialogue();
  dialogue.receive(answer(dialogue, status));
  const log = dialogue.outputs.find((output) => output.kind === 'log');
  expect(log?.text).toContain(advice);
  expect(dialogue.story().at(-1)).toMatch(/^session-refused /);
});
