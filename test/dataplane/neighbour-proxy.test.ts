import { describe, expect, it } from 'vitest';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { type ProxiedLink, proxyAnswer, rangesOnLink } from '#dataplane/neighbour-proxy.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { ALICE, ipv4, ipv6, mac, prefix4, prefix6 } from './bed.ts';

const link: ProxiedLink = {
  mac: mac('02:00:00:00:00:01'),
  linkLocal: ipv6('fe80::1'),
  customer: 7,
  ranges: [prefix4('192.0.2.0/25')],
};
const anchors =
  (...addresses: string[]) =>
  (customer: number, address: object) =>
    customer === 7 && addresses.includes(`${address}`);

function request(
  target: string,
  { sender = '192.0.2.200', operation = ArpOperation.REQUEST as number, tags = [] as number[] } = {},
) {
  const payload = encodeArp({
    operation,
    senderMac: ALICE,
    senderAddress: ipv4(sender),
    targetMac: mac('00:00:00:00:00:00'),
    targetAddress: ipv4(target),
  });
  return encodeEthernet({
    destination: mac('ff:ff:ff:ff:ff:ff'),
    source: ALICE,
    tags,
    etherType: EtherType.ARP,
    payload,
  });
}

describe('the proxy for neighbours', () => {
  it('has for its own what of the pools lies on the link, and no prefix of the hosts there', () => {
    const pools = {
      ipv4: [prefix4('192.0.2.128/25'), prefix4('198.51.100.0/22'), prefix4('203.0.113.0/24')],
      ipv6: [prefix6('2001:db8:f00d::/48'), prefix6('2001:db8:1:2::/64')],
    };
    const onLink = [prefix4('192.0.2.7/24'), prefix4('198.51.100.9/24'), prefix6('2001:db8::1/32')];
    expect(rangesOnLink(onLink, pools).map(String)).toEqual([
      '192.0.2.128/25',
      '198.51.100.9/24',
      '2001:db8:f00d::/48',
      '2001:db8:1:2::/64',
    ]);
    expect(rangesOnLink([prefix6('2001:db8:1:2::9/64')], pools)).toEqual([]);
  });

  it('answers for who is anchored, a probe too', () => {
    for (const sender of ['192.0.2.200', '0.0.0.0']) {
      const answer = proxyAnswer(request('192.0.2.1', { sender }), link, anchors('192.0.2.1')) ?? new Uint8Array();
      const frame = decodeEthernet(answer);
      expect(frame).toMatchObject({ ok: true, value: { destination: ALICE, source: link.mac } });
      expect(frame.ok && decodeArp(frame.value.payload)).toMatchObject({
        value: {
          operation: ArpOperation.REPLY,
          senderMac: link.mac,
          senderAddress: ipv4('192.0.2.1'),
          targetMac: ALICE,
        },
      });
    }
  });

  it.each([
    ['nobody', request('192.0.2.2')],
    ['one beyond what is on the link', request('192.0.2.130')],
    ['an announcement', request('192.0.2.1', { sender: '192.0.2.1' })],
    ['a reply', request('192.0.2.1', { operation: ArpOperation.REPLY })],
    ['a frame of a VLAN', request('192.0.2.1', { tags: [5] })],
  ])('does not answer %s', (_, frame) => {
    expect(proxyAnswer(frame, link, anchors('192.0.2.1', '192.0.2.130'))).toBeUndefined();
  });

  it('takes any octets for no question', () => {
    const random = new SeededRandom(1);
    const whole = request('192.0.2.1');
    for (let round = 0; round < 2000; round++) {
      const frame = whole.slice(0, nextBelow(random, whole.length + 1));
      for (let i = nextBelow(random, 4); i > 0 && frame.length > 0; i--)
        frame[nextBelow(random, frame.length)] = nextBelow(random, 256);
      proxyAnswer(frame, link, () => false);
    }
  });
});
