import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { BindingAcknowledgementFlag, BindingUpdateFlag, type MobilityOption } from '#wire/mobility/index.ts';
import { INFINITE } from '#wire/time-units.ts';
import { messageVector, octets } from '../vector.ts';

const HEAD = (length: number, type: number) =>
  `3b ${length.toString(16).padStart(2, '0')} ${type.toString(16).padStart(2, '0')} 00 0000 | Payload Proto, Header Len, MH Type, Reserved, Checksum\n`;

const NODE = `
  08 03 01 6d6e            | Mobile Node Identifier, NAI "mn"
`;
const node: MobilityOption = { kind: 'mobile-node-identifier', subtype: 1, identifier: octets('6d6e') };

messageVector('RFC 6275 §6.1.2', `${HEAD(1, 0)} 0000 | reserved \n ${NODE} 01 01 00 | PadN`, {
  kind: 'binding-refresh-request',
  options: [node],
});
messageVector('RFC 6275 §6.1.3', `${HEAD(2, 1)} 0000 \n 0102030405060708 | Home Init Cookie \n ${NODE} 010100`, {
  kind: 'home-test-init',
  cookie: octets('0102030405060708'),
  options: [node],
});
messageVector('RFC 6275 §6.1.4', `${HEAD(2, 2)} 0000 \n 0102030405060708 | Care-of Init Cookie \n ${NODE} 010100`, {
  kind: 'care-of-test-init',
  cookie: octets('0102030405060708'),
  options: [node],
});
messageVector('RFC 6275 §6.1.5', `${HEAD(2, 3)} 0d0e | nonce index \n 0102030405060708 \n 1112131415161718`, {
  kind: 'home-test',
  nonceIndex: 0x0d0e,
  cookie: octets('0102030405060708'),
  keygenToken: octets('1112131415161718'),
  options: [],
});
messageVector('RFC 6275 §6.1.6', `${HEAD(2, 4)} 0d0e | nonce index \n 0102030405060708 \n 1112131415161718`, {
  kind: 'care-of-test',
  nonceIndex: 0x0d0e,
  cookie: octets('0102030405060708'),
  keygenToken: octets('1112131415161718'),
  options: [],
});
messageVector(
  'RFC 5213 §8.1',
  `${HEAD(10, 5)}
   fffe                    | Sequence #
   8200                    | A, P
   0384                    | Lifetime, 900 units of 4 s
   08 0f 01 6d6e406578616d706c652e6e6574
   01 05 0000000000        | PadN up to 8n+4
   16 12 00 40             | Home Network Prefix, /64
   20010db8 00aa0000 0000000000000000
   17 02 00 01             | Handoff Indicator
   18 02 00 04             | Access Technology Type
   01 00                   | PadN up to 8n+2
   1b 08 00006553f100 8000 | Timestamp
   19 08 0000 0024d78e21a4 | Mobile Node Link-layer Identifier
   01 00`,
  {
    kind: 'binding-update',
    sequence: 0xfffe,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
    lifetime: seconds(3600),
    options: [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: new TextEncoder().encode('mn@example.net') },
      { kind: 'home-network-prefix', prefix: Ipv6Prefix.parse('2001:db8:aa::/64') as Ipv6Prefix, offLink: false },
      { kind: 'handoff-indicator', indicator: 1 },
      { kind: 'access-technology-type', accessTechnology: 4 },
      { kind: 'timestamp', seconds: 1_700_000_000, fraction: 0x8000 },
      { kind: 'mobile-node-link-layer-identifier', identifier: octets('0024d78e21a4') },
    ],
  },
);
messageVector('RFC 6275 §6.1.7', `${HEAD(1, 5)} 0025 \n fff0 | every flag \n ffff | 262140 s \n 0102 0000 | padding`, {
  kind: 'binding-update',
  sequence: 37,
  flags: Object.values(BindingUpdateFlag).reduce((sum, flag) => sum | flag, 0),
  lifetime: seconds(262_140),
  options: [],
});
messageVector(
  'RFC 5213 §8.2',
  `${HEAD(1, 6)} 9d | status 157 \n fe | every flag \n 0102 | sequence \n 0001 \n 0102 0000`,
  {
    kind: 'binding-acknowledgement',
    status: 157,
    flags: Object.values(BindingAcknowledgementFlag).reduce((sum, flag) => sum | flag, 0),
    sequence: 0x0102,
    lifetime: seconds(4),
    options: [],
  },
);
messageVector('RFC 6275 §6.1.9', `${HEAD(2, 7)} 02 00 | status, reserved \n 20010db8000100020003000400050006`, {
  kind: 'binding-error',
  status: 2,
  homeAddress: Ipv6Address.parse('2001:db8:1:2:3:4:5:6') as Ipv6Address,
  options: [],
});
messageVector(
  'RFC 5568 §6.2.2',
  `${HEAD(1, 8)} 0102 \n f000 | A H L K \n 003c | 60 seconds, not units of 4 \n 0102 0000`,
  {
    kind: 'fast-binding-update',
    sequence: 0x0102,
    flags: 0xf000,
    lifetime: seconds(60),
    options: [],
  },
);
messageVector('RFC 5568 §6.2.3', `${HEAD(1, 9)} 82 80 | status, K \n 0102 \n 003c | 60 seconds \n 0102 0000`, {
  kind: 'fast-binding-acknowledgement',
  status: 130,
  flags: 0x80,
  sequence: 0x0102,
  lifetime: seconds(60),
  options: [],
});
messageVector(
  'RFC 5847 §3.3',
  `${HEAD(2, 13)} 0003 | U and R \n fedcba98 | sequence \n 01 00 | PadN up to 4n+2 \n 1c 04 00000007 | restart counter \n 0102 0000`,
  {
    kind: 'heartbeat',
    response: true,
    unsolicited: true,
    sequence: 0xfedcba98,
    options: [{ kind: 'restart-counter', counter: 7 }],
  },
);
messageVector('RFC 5949 §6.1.1', `${HEAD(1, 14)} 0102 \n f0 | S U P F \n 03 | code \n ${NODE} 00`, {
  kind: 'handover-initiate',
  sequence: 0x0102,
  flags: 0xf0,
  code: 3,
  options: [node],
});
messageVector('RFC 5949 §6.1.2', `${HEAD(1, 15)} 0102 \n e0 | U P F \n 84 | code \n ${NODE} 00`, {
  kind: 'handover-acknowledge',
  sequence: 0x0102,
  flags: 0xe0,
  code: 132,
  options: [node],
});
messageVector(
  'RFC 5846 §5.1',
  `${HEAD(2, 16)} 01 81 | BRI, trigger 129 \n 0102 \n e000 | P V G \n ${NODE} 01050000000000`,
  {
    kind: 'binding-revocation-indication',
    trigger: 129,
    sequence: 0x0102,
    flags: 0xe000,
    options: [node],
  },
);
messageVector('RFC 5846 §5.2', `${HEAD(2, 16)} 02 80 | BRA, status 128 \n 0102 \n e000 \n ${NODE} 01050000000000`, {
  kind: 'binding-revocation-acknowledgement',
  status: 128,
  sequence: 0x0102,
  flags: 0xe000,
  options: [node],
});
messageVector('RFC 6705 §10.1', `${HEAD(1, 17)} 0102 \n 0000 | reserved \n ffff | endless \n 0102 0000`, {
  kind: 'localized-routing-initiation',
  sequence: 0x0102,
  lifetime: INFINITE,
  options: [],
});
messageVector('RFC 6705 §10.2', `${HEAD(1, 18)} 0102 \n 80 | U \n 81 | status 129 \n 003c | 60 s \n 0102 0000`, {
  kind: 'localized-routing-acknowledgement',
  sequence: 0x0102,
  unsolicited: true,
  status: 129,
  lifetime: seconds(60),
  options: [],
});
messageVector('RFC 7077 §4.1', `${HEAD(1, 19)} 0102 \n 0008 | reason \n c000 | A D \n 0102 0000`, {
  kind: 'update-notification',
  sequence: 0x0102,
  reason: 8,
  flags: 0xc000,
  options: [],
});
messageVector('RFC 7077 §4.2', `${HEAD(1, 20)} 0102 \n 84 | status \n 000000 \n 0102 0000`, {
  kind: 'update-notification-acknowledgement',
  sequence: 0x0102,
  status: 132,
  options: [],
});
messageVector('RFC 7109 §6.1.1', `${HEAD(1, 21)} 0001 | type 1 \n 0102 \n 03 80 | trigger, A \n 0102 0000`, {
  kind: 'flow-binding-indication',
  sequence: 0x0102,
  trigger: 3,
  acknowledge: true,
  options: [],
});
messageVector('RFC 7109 §6.1.2', `${HEAD(1, 21)} 0002 | type 2 \n 0102 \n 84 00 | status \n 0102 0000`, {
  kind: 'flow-binding-acknowledgement',
  sequence: 0x0102,
  status: 132,
  options: [],
});
messageVector('RFC 7161 §4.3.1', `${HEAD(1, 22)} fe 00 | sequence, 8 bits \n ${NODE} 010100`, {
  kind: 'subscription-query',
  sequence: 254,
  options: [node],
});
messageVector('RFC 7161 §4.3.2', `${HEAD(1, 23)} fe 80 | sequence, I \n ${NODE} 010100`, {
  kind: 'subscription-response',
  sequence: 254,
  multicastInformation: true,
  options: [node],
});
messageVector('RFC 6275 §6.1.1', `${HEAD(1, 200)} 0102 0304 0506 0708 090a`, {
  kind: 'unknown-mobility-message',
  type: 200,
  data: octets('0102030405060708090a'),
});
messageVector('RFC 5846 §5', `${HEAD(1, 16)} 03 04 | B.R. Type 3 \n 0102 0000 00000000`, {
  kind: 'unknown-mobility-message',
  type: 16,
  data: octets('03040102000000000000'),
});
