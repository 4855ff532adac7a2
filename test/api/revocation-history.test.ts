import { expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { instant, utcTime } from '#base/time.ts';
import { Recorder } from '#daemon/observe/recorder.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { encodeMobilityHeader, type MobilityMessage } from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';

const NOW = { instant: instant(0), utc: utcTime(1_700_000_000_000) };
const LMA = Ipv6Address.parse('2001:db8::1') as Ipv6Address;
const [M1, M2] = ['2001:db8::a', '2001:db8::b'].map((text) => Ipv6Address.parse(text) as Ipv6Address) as [
  Ipv6Address,
  Ipv6Address,
];

const indication = (nai: string, sequence: number): MobilityMessage => ({
  kind: 'binding-revocation-indication',
  trigger: 2,
  sequence,
  flags: 0,
  options: [{ kind: 'mobile-node-identifier', subtype: 1, identifier: encodeText(nai) }],
});
const acknowledgement = (sequence: number): MobilityMessage => ({
  kind: 'binding-revocation-acknowledgement',
  status: 0,
  sequence,
  flags: 0,
  options: [],
});

it('[RFC 5846 §5.2] an acknowledgement of a revocation, which names nobody, belongs to the mobile node of its indication', () => {
  const recorder = new Recorder();
  recorder.switch(true);
  const pass = (direction: 'sent' | 'received', remote: Ipv6Address, message: MobilityMessage) => {
    const peer: PeerAddress = { transport: 'ipv6', local: LMA, remote };
    recorder.message(direction, peer, message, encodeMobilityHeader(message), NOW);
  };
  pass('sent', M1, indication('ada', 7));
  pass('sent', M2, indication('ben', 7));
  pass('received', M2, acknowledgement(7));
  pass('received', M1, acknowledgement(8));
  const directions = (nai: string) =>
    recorder.history(nai, []).steps.map((step) => (step.kind === 'message' ? step.direction : step.kind));
  expect(directions('ada')).toEqual(['sent']);
  expect(directions('ben')).toEqual(['sent', 'received']);
  pass('received', M1, acknowledgement(7));
  expect(directions('ada')).toEqual(['sent', 'received']);
});
