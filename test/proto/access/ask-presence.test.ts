import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import type { AccessConfig } from '#proto/access/index.ts';
import { Dhcpv4MessageType } from '#wire/dhcpv4.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIcmpv6 } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { isMulticastListenerReport } from '#wire/multicast-listener-query.ts';
import { ACC0, ACC1 } from '../mag/dialogue.ts';
import { AccessLink, arpFrame, dataFrame, dhcpFrame, HOME, layer2Update, MN, MN2, v6 } from './link.ts';

const DETECTION = { pollInterval: seconds(10), timeout: seconds(2), retries: 1 };

function served(change: Partial<AccessConfig> = {}): AccessLink {
  const link = new AccessLink(change);
  link.serve();
  link.advance(1000);
  link.outputs = [];
  return link;
}

function ask(link: AccessLink, fresh: boolean, mac = MN, at = ACC0): void {
  link.handle({ kind: 'ask-presence', interface: at, mac, fresh });
}

function answers(link: AccessLink): string[] {
  const kinds = link.outputs.map((output) => (output.kind === 'detached' ? `detached ${output.reason}` : output.kind));
  link.outputs = [];
  return kinds.filter((kind) => kind !== 'transmit');
}

describe('a gateway that wants to know whether a node of a session is there', () => {
  it('[RFC 5213 §6.13] is told by the next frame, after a question in each family', () => {
    const link = served();
    ask(link, false);
    expect(link.machine.stats.probesSent).toBe(1);
    expect(answers(link)).toEqual([]);
    link.hear(arpFrame({ operation: 2 }));
    expect(answers(link)).toEqual(['heard']);
    link.hear(arpFrame({ operation: 2 }));
    link.advance(100_000);
    expect(answers(link)).toEqual([]);
    expect(link.machine.stats.probesSent).toBe(1);
  });

  it('[RFC 5213 §6.13] asks a node of IPv4 alone by ARP once it has its lease, and by IPv6 too before', () => {
    const link = new AccessLink();
    link.serve({ prefixes: [] });
    const questions = () => {
      link.outputs = [];
      ask(link, true);
      const sent = [...link.outputs];
      const arp = link.arp().length;
      link.outputs = sent;
      return [arp, link.neighborSolicitations().length];
    };
    expect(questions()).toEqual([1, 1]);
    const options = [{ kind: 'requested-address', address: HOME } as const];
    link.hear(dhcpFrame({ type: Dhcpv4MessageType.REQUEST, options }));
    expect(questions()).toEqual([1, 0]);
  });

  it('[RFC 5213 §6.13] is told that nobody answers, after as many questions as RFC 4861 has for a neighbour and one', () => {
    const link = served();
    ask(link, false);
    link.advance(7999);
    expect(answers(link)).toEqual([]);
    link.advance(1);
    expect(answers(link)).toEqual(['detached no-answer']);
    expect(link.machine.stats).toMatchObject({ probesSent: 4, detachedByNoAnswer: 1 });
  });

  it('is told within half a second when it needs to know at once', () => {
    const link = served({ detection: DETECTION });
    ask(link, true);
    link.advance(450);
    expect(answers(link)).toEqual(['detached no-answer']);
  });

  it('is told at once of a node that was heard within the poll interval, but not when only a new frame counts', () => {
    const link = served({ detection: DETECTION });
    ask(link, false);
    expect(answers(link)).toEqual(['heard']);
    ask(link, true);
    expect(answers(link)).toEqual([]);
  });

  it('is told at once of a node that its access point has, but not when only a new frame counts', () => {
    const link = served();
    link.handle({
      kind: 'association',
      interface: ACC0,
      accessPoint: { source: 'hostapd', name: 'ap' },
      change: 'present',
      mac: MN,
    });
    ask(link, false);
    expect(answers(link)).toEqual(['heard']);
    ask(link, true);
    expect(answers(link)).toEqual([]);
  });

  it('is told of nobody where it is not known', () => {
    const link = served();
    ask(link, false, MN2);
    expect(answers(link)).toEqual(['detached no-answer']);
  });

  it('is left without a word about a node that is on another link by now, as it has been told so', () => {
    const link = served();
    link.hear(layer2Update(), ACC1);
    link.outputs = [];
    ask(link, true);
    expect(answers(link)).toEqual([]);
  });

  it('asks on at the configured interval after that', () => {
    const link = served({ detection: DETECTION });
    ask(link, true);
    link.hear(arpFrame({ operation: 2 }));
    link.outputs = [];
    const before = link.machine.stats.probesSent;
    link.advance(10_200);
    expect(link.machine.stats.probesSent).toBe(before + 1);
  });
});

describe('a node whose link-local address is not known', () => {
  const report = (source: Ipv6Address, mac = MN) => {
    const destination = v6('ff02::16');
    const data = Uint8Array.of(0, 0, 0, 1, 4, 0, 0, 0, ...v6('ff02::1:ff00:1').toBytes());
    const icmpv6 = encodeIcmpv6({ kind: 'unknown-icmpv6', type: 143, code: 0, data }, source, destination);
    const payload = Uint8Array.of(58, 0, 5, 2, 0, 0, 1, 0, ...icmpv6);
    const packet = encodeIpv6({ nextHeader: 0, hopLimit: 1, source, destination, payload });
    return encodeEthernet({
      destination: new MacAddress(0x3333, 0x16),
      source: mac,
      tags: [],
      etherType: EtherType.IPV6,
      payload: packet,
    });
  };
  const OWN = v6('fe80::1234:5678:9abc:def0');

  it('[RFC 5213 §6.13] is asked for its multicast groups too, and answers by telling them', () => {
    const link = served();
    ask(link, false);
    const asked = link.frames().filter(({ etherType }) => etherType === EtherType.IPV6);
    expect(asked.map(({ destination }) => destination.equals(MN))).toEqual([true, true]);
    const query = asked[1]?.payload as Uint8Array;
    expect(query[6]).toBe(0);
    expect(query[48]).toBe(130);
    link.hear(report(OWN));
    expect(answers(link)).toEqual(['heard']);
    expect(link.machine.snapshot()).toMatchObject([{ linkLocal: OWN.toString() }]);
  });

  it('is asked at that address alone from then on', () => {
    const link = served();
    link.hear(report(OWN));
    ask(link, false);
    expect(link.neighborSolicitations().map(({ message }) => message.target.toString())).toEqual([OWN.toString()]);
  });

  it('is not made up of a bridge that tells its groups', () => {
    const link = served();
    link.hear(report(v6('fe80::b'), MN2));
    expect(link.machine.snapshot()).toHaveLength(1);
    expect(isMulticastListenerReport({ kind: 'unknown-icmpv6', type: 130, code: 0, data: new Uint8Array() })).toBe(
      false,
    );
  });

  it('has its address from no frame but its own', () => {
    const link = served();
    link.hear(dataFrame());
    link.hear(report(Ipv6Address.unspecified));
    expect(link.machine.snapshot()).toMatchObject([{ linkLocal: null }]);
  });
});
