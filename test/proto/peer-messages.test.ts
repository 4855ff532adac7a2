import { expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { PeerMessages } from '#proto/peer-messages.ts';
import { RevocationStatus, RevocationTrigger } from '#wire/mobility/index.ts';
import { baseConfig, Dialogue, MAG1, MAG2, STRANGER } from './lma/dialogue.ts';

const of = (dialogue: Dialogue, name: string) => dialogue.lma.peerMessages().filter(({ peer }) => peer === name);

it('an LMA counts what it exchanges with each MAG, by status and trigger', () => {
  const dialogue = new Dialogue();
  dialogue.update({ nai: 'mn1@example.com' });
  dialogue.update({ nai: 'mn2@example.com', linkLayer: '020000000002' });
  dialogue.pass(1);
  dialogue.update({ nai: 'mn2@example.com', linkLayer: '020000000002', lifetimeSeconds: 0, handoff: 4 });
  dialogue.pass(1);
  dialogue.update({ nai: 'mn1@example.com', from: MAG2, handoff: 3 });
  dialogue.receive(MAG1, {
    kind: 'binding-revocation-acknowledgement',
    status: RevocationStatus.SUCCESS,
    sequence: 9,
    flags: 0x8000,
    options: [],
  });
  expect(of(dialogue, 'mag1')).toMatchObject([
    {
      address: `${MAG1}`,
      received: {
        PBU: { total: 3, by: { REGISTRATION: 2, 'DE-REGISTRATION': 1 } },
        BRA: { total: 1, by: { SUCCESS: 1 } },
      },
      sent: { PBA: { total: 3, by: { ACCEPTED: 3 } }, BRI: { total: 1 } },
    },
  ]);
  const [trigger] = Object.keys(of(dialogue, 'mag1')[0]?.sent.BRI.by ?? {});
  expect(Object.keys(RevocationTrigger)).toContain(trigger);
  expect(of(dialogue, 'mag2')).toMatchObject([{ received: { PBU: { total: 1 } }, sent: { PBA: { total: 1 } } }]);
});

it('strangers take no room', () => {
  const dialogue = new Dialogue(baseConfig);
  dialogue.update({ nai: 'mn1@example.com', from: STRANGER });
  expect(dialogue.lma.peerMessages()).toEqual([]);
});

it('of more peers than there is room for, those spoken with longest ago go', () => {
  const messages = new PeerMessages();
  const heartbeat = { kind: 'heartbeat', response: false, unsolicited: false, sequence: 1, options: [] } as const;
  const peer = (number: number) => Ipv6Address.parse(`2001:db8::${number.toString(16)}`) as Ipv6Address;
  for (let number = 1; number <= 4096; number++) messages.received(peer(number), heartbeat);
  messages.sent(peer(1), heartbeat);
  messages.received(peer(4097), heartbeat);
  const addresses = messages.rows(String).map(({ address }) => address);
  expect(addresses).toHaveLength(4096);
  expect(addresses).toContain('2001:db8::1');
  expect(addresses).not.toContain('2001:db8::2');
});
