import { beforeEach, expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { ALICE, attached, attachedBob, type Bed, bedForAll, ipv4 } from './bed.ts';

const GATEWAY = MacAddress.pmipv6Mag;
const ALICE4 = ipv4('203.0.113.1');
const BOB4 = ipv4('203.0.113.2');
const OTHER4 = ipv4('203.0.113.77');
const ROUTER = attached.defaultRouter as Ipv4Address;

/** Of these there are none for what the kernel of the node says by itself. */
const REASONS = ['malformed', 'spoofed-source', 'spoofed-gateway', 'invalid-source', 'no-binding'] as const;

interface Asked {
  readonly target?: Ipv4Address;
  readonly sender?: Ipv4Address;
  readonly senderMac?: MacAddress;
  readonly operation?: number;
}

/** What a gateway answers to ARP on its access links, and to what it does not listen. */
export function homeSubnetArpSuite(makeBed: () => Bed): void {
  const bedOf = bedForAll(makeBed);
  let bed: Bed;
  beforeEach(() => {
    bed = bedOf();
    bed.plane.apply([attached, attachedBob].map((forwarding) => ({ kind: 'set', forwarding })));
  });

  const packetOf = ({ target = OTHER4, sender = ALICE4, senderMac = ALICE, operation = ArpOperation.REQUEST }: Asked) =>
    encodeArp({
      operation,
      senderMac,
      senderAddress: sender,
      targetMac: new MacAddress(0, 0),
      targetAddress: target,
    });
  const ask = (asked: Asked = {}, from: 'access' | 'access2' = 'access') =>
    bed.answersToArp(from, asked.senderMac ?? ALICE, packetOf(asked)).map((bytes) => toHex(bytes));
  const reply = (to: Asked = {}) =>
    toHex(
      encodeArp({
        operation: ArpOperation.REPLY,
        senderMac: GATEWAY,
        senderAddress: to.target ?? OTHER4,
        targetMac: ALICE,
        targetAddress: ALICE4,
      }),
    );
  const counted = (action: () => void) => {
    const before = bed.plane.drops();
    action();
    const after = bed.plane.drops();
    return REASONS.filter((reason) => after[reason] > before[reason]);
  };

  it('[RFC 5844 §3.2.4(4)] answers for other addresses of the home subnet, those of mobile nodes here too, with its own link-layer address', () => {
    expect(ask()).toEqual([reply()]);
    expect(ask({ target: BOB4 })).toEqual([reply({ target: BOB4 })]);
    expect(ask({ target: ipv4('203.0.113.0') })).toHaveLength(1);
  });

  it.each<[string, Asked]>([
    ['the node itself, announcing its address', { target: ALICE4 }],
    ['[RFC 5227 §2.1.1] the node itself, probing its address', { sender: ipv4('0.0.0.0'), target: ALICE4 }],
    ['an address outside of the subnet', { target: ipv4('203.0.114.1') }],
    ['a sender other than the home address', { sender: ipv4('203.0.113.9') }],
    ['a reply', { operation: ArpOperation.REPLY }],
    ['one without a binding', { senderMac: MacAddress.parse('02:00:00:00:00:77') as MacAddress, sender: OTHER4 }],
  ])('is silent on %s', (_, asked) => {
    expect(counted(() => expect(ask(asked)).toEqual([]))).toEqual([]);
  });

  it.each<[string, string, Asked, ('access' | 'access2')?]>([
    ["another mobile node's address", 'spoofed-source', { sender: BOB4 }],
    ['its address on another link', 'spoofed-source', {}, 'access2'],
    ["the gateway's address", 'spoofed-gateway', { sender: ROUTER }],
    ["the gateway's link-layer address", 'spoofed-gateway', { senderMac: GATEWAY }],
  ])('drops who claims %s, as %s', (_, reason, asked, from) => {
    expect(counted(() => expect(ask(asked, from)).toEqual([]))).toEqual([reason]);
  });

  it('counts a packet that is cut off', () => {
    expect(counted(() => bed.answersToArp('access', ALICE, packetOf({}).subarray(0, 27)))).toEqual(['malformed']);
  });

  it('ends with the binding', () => {
    bed.plane.apply([{ kind: 'clear', forwardingKind: 'access', id: attached.id }]);
    expect(ask()).toEqual([]);
  });

  it('[RFC 5844 §3.2.4(4)] follows a subnet that has become another', () => {
    bed.plane.apply([{ kind: 'set', forwarding: { ...attached, homePrefixLength: 30 } }]);
    expect(ask()).toEqual([]);
    expect(ask({ target: BOB4 })).toHaveLength(1);
    bed.plane.apply([{ kind: 'set', forwarding: { ...attached, homePrefixLength: 32 } }]);
    expect(ask({ target: BOB4 })).toEqual([]);
    expect(bed.plane.audit()).toMatchObject({ different: 0, missing: 0, extra: 0 });
  });
}
