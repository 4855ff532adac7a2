import { describe, expect, it } from 'vitest';
import { Dhcpv4MessageType, decodeDhcpv4, findDhcpv4Option } from '#wire/dhcpv4.ts';
import { BindingStatus, findOption, RevocationTrigger } from '#wire/mobility/index.ts';
import { DISCOVER, dataFrame, dhcpFrame, HOME, layer2Update, MN2, routerSolicitation } from '../access/link.ts';
import { badPath, Domain, MAG1, type MagNode } from './domain.ts';

const ACTIVE = 'ACTIVE 192.0.2.1 2001:db8:f00d::/64';

describe('LMA and MAGs together', () => {
  it('[RFC 5844 §3.4.1] answer a DHCPDISCOVER after registration and forwarding', () => {
    const domain = new Domain();
    domain.hear(domain.mag1, DISCOVER);
    expect(domain.mag1.transmitted).toEqual([]);
    domain.advance(1);
    expect(domain.mag1.transmitted).toEqual([]);
    domain.advance(1);
    expect(domain.served(domain.mag1)).toBe(ACTIVE);
    expect(domain.mag1.log).toEqual(['forward set', 'session-active']);
    expect(dhcpTypes(domain.mag1)).toEqual([Dhcpv4MessageType.OFFER]);
    expect(careOfAddresses(domain)).toEqual([MAG1.toString()]);
  });

  it('[RFC 5213 §5.3.4] keep the addresses over a roam; the old MAG is told and stays silent', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    const before = domain.mag1.transmitted.map(({ frame }) => Buffer.from(frame).toString('hex'));
    domain.hear(domain.mag2);
    domain.advance(2);
    expect(domain.served(domain.mag2)).toBe(ACTIVE);
    expect(domain.mag1.forwarding.size).toBe(0);
    expect(domain.served(domain.mag1)).toBeUndefined();
    const silentFrom = domain.mag1.transmitted.length;
    domain.advance(200_000);
    expect(domain.mag1.transmitted).toHaveLength(silentFrom);
    expect(Buffer.from(domain.mag2.transmitted[0]?.frame ?? []).toString('hex')).toBe(before[0]);
    expect(domain.arrivals.slice(2)).toEqual([
      'binding-update mag2>lma',
      'binding-acknowledgement lma>mag2',
      'binding-revocation-indication lma>mag1',
      'binding-revocation-acknowledgement mag1>lma',
    ]);
  });

  it('[RFC 5844 §3.4.1] acknowledge a renewal at the MAG roamed to', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.hear(domain.mag2, dhcpFrame({ type: Dhcpv4MessageType.REQUEST, ciaddr: HOME, unicast: true }));
    domain.advance(5);
    expect(dhcpTypes(domain.mag2)).toEqual([Dhcpv4MessageType.ACK]);
  });

  it('survive ten roams there and back under traffic', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(100);
    for (let i = 0; i < 20; i++) {
      const [here, there] = i % 2 ? [domain.mag1, domain.mag2] : [domain.mag2, domain.mag1];
      domain.hear(here);
      for (let ms = 0; ms < 200; ms++) {
        domain.advance(1);
        domain.hear(here, dataFrame());
      }
      expect(domain.served(here)).toBe(ACTIVE);
      expect(domain.served(there)).toBeUndefined();
    }
    expect(domain.arrivals.filter((arrival) => arrival.startsWith('binding-update'))).toHaveLength(21);
  });

  it('[RFC 5846 §9.1] agree after ping-pong faster than the signalling', () => {
    const domain = new Domain();
    domain.fate = () => 40;
    domain.hear(domain.mag1);
    domain.advance(1000);
    for (let i = 0; i < 9; i++) {
      domain.hear(i % 2 ? domain.mag1 : domain.mag2);
      domain.advance(25);
    }
    domain.advance(10_000);
    expect(domain.served(domain.mag2)).toBe(ACTIVE);
    expect(domain.served(domain.mag1)).toBeUndefined();
    expect(domain.mag2.forwarding.size).toBe(1);
    expect(domain.mag1.forwarding.size).toBe(0);
  });

  it.each([
    ['before the MAG asks again', 300, false],
    ['before the MAG asks again, having sent', 300, true],
    ['after the MAG asked again', 2500, false],
  ])(
    '[RFC 5846 §9.1] leave a node where it went when the answer to its former arrival was lost, %s',
    (_, stay, speaks) => {
      const domain = new Domain();
      domain.fate = (message, _from, to) =>
        message.kind === 'binding-acknowledgement' && to.equals(MAG1) ? 'lost' : 1;
      domain.hear(domain.mag1);
      if (speaks) {
        domain.advance(10);
        domain.hear(domain.mag1, DISCOVER);
      }
      domain.advance(stay);
      domain.hear(domain.mag2);
      for (let ms = 0; ms < 120_000; ms += 10) {
        domain.advance(10);
        if (ms > 10) expect(careOfAddresses(domain)).toEqual([domain.mag2.address.toString()]);
      }
      expect(domain.served(domain.mag2)).toBe(ACTIVE);
      expect(domain.served(domain.mag1)).toBeUndefined();
    },
  );

  it('[RFC 5846 §9.1] serve a node that came back before the revocation did: it is asked, and answers', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.fate = (message) => (message.kind === 'binding-revocation-indication' ? 200 : 1);
    domain.hear(domain.mag2);
    domain.advance(100);
    domain.hear(domain.mag1);
    domain.advance(1000);
    expect(domain.served(domain.mag1)).toBe(ACTIVE);
    expect(domain.served(domain.mag2)).toBeUndefined();
    expect(careOfAddresses(domain)).toEqual([domain.mag1.address.toString()]);
  });

  it('find out within a minute when every revocation was lost and the node came back to the old session', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.fate = (message) => (message.kind === 'binding-revocation-indication' ? 'lost' : 1);
    domain.hear(domain.mag2);
    domain.advance(10_000);
    domain.hear(domain.mag1);
    domain.advance(60_010);
    expect(domain.served(domain.mag1)).toBe(ACTIVE);
    expect(domain.mag1.log).not.toContain('session-ended');
    expect(careOfAddresses(domain)).toEqual([domain.mag1.address.toString()]);
  });

  it('send nothing when the node moves between access points behind one interface', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    const before = domain.arrivals.length;
    for (let i = 0; i < 5; i++) {
      domain.hear(domain.mag1);
      domain.advance(5000);
    }
    expect(domain.arrivals).toHaveLength(before);
    expect(domain.mag1.log).toEqual(['forward set', ...new Array(6).fill('session-active')]);
  });

  it('[RFC 5844 §3.4.3] do not answer from a stale session when the node comes back', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.fate = (message) => (message.kind === 'binding-revocation-indication' ? 'lost' : 1);
    domain.hear(domain.mag2);
    domain.advance(10_000);
    domain.fate = () => 50;
    const before = domain.mag1.transmitted.length;
    domain.associate(domain.mag1);
    domain.hear(domain.mag1, dhcpFrame({ type: Dhcpv4MessageType.REQUEST, ciaddr: HOME, unicast: true }));
    domain.hear(domain.mag1, routerSolicitation());
    domain.advance(99);
    expect(domain.mag1.transmitted).toHaveLength(before);
    expect(domain.mag1.forwarding.size).toBe(1);
    domain.advance(1);
    expect(dhcpTypes(domain.mag1)).toEqual([Dhcpv4MessageType.ACK]);
    expect(domain.served(domain.mag1)).toBe(ACTIVE);
  });

  it('give addresses to the node that the LMA names last, and end the stale session that has them', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.restartAnchor();
    domain.hear(domain.mag1, layer2Update(MN2));
    domain.advance(5000);
    expect(domain.served(domain.mag1)).toBeUndefined();
    expect(domain.served(domain.mag1, MN2)).toBe(ACTIVE);
    expect([...domain.mag1.forwarding.keys()]).toEqual([MN2.toString()]);
    domain.hear(domain.mag1, dataFrame());
    domain.advance(5000);
    expect(domain.served(domain.mag1)).toBe('ACTIVE 192.0.2.2 2001:db8:f00d:1::/64');
  });

  it('[RFC 5213 §6.13] leave the binding where it is when the revocation was lost: the old MAG finds that the node is gone before it refreshes', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.fate = (message) => (message.kind === 'binding-revocation-indication' ? 'lost' : 1);
    domain.hear(domain.mag2);
    domain.advance(290_000);
    expect(domain.served(domain.mag1)).toBe(ACTIVE);
    domain.advance(30_000);
    expect(domain.served(domain.mag1)).toBeUndefined();
    expect(domain.mag1.access.stats.detachedByNoAnswer).toBe(1);
    expect(domain.mag1.forwarding.size).toBe(0);
    expect(domain.served(domain.mag2)).toBe(ACTIVE);
    expect(careOfAddresses(domain)).toEqual([domain.mag2.address.toString()]);
    expect(domain.mag1.mag.stats.pbuRefreshSent).toBe(0);
  });

  it('[RFC 5213 §5.3.5] leave the binding alone when the old MAG de-registers late', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.fate = (message) => (message.kind === 'binding-revocation-indication' ? 'lost' : 1);
    domain.hear(domain.mag2);
    domain.advance(10_000);
    domain.linkDown(domain.mag1);
    domain.advance(60_000);
    expect(domain.served(domain.mag2)).toBe(ACTIVE);
    expect(careOfAddresses(domain)).toEqual([domain.mag2.address.toString()]);
  });

  it('[RFC 5213 §5.3.5(2)] give a node that lost its link and came back its addresses again', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.linkDown(domain.mag1);
    domain.advance(3000);
    domain.hear(domain.mag2);
    domain.advance(20_000);
    expect(domain.served(domain.mag2)).toBe(ACTIVE);
    expect(careOfAddresses(domain)).toEqual([domain.mag2.address.toString()]);
  });

  it('forget a node that left for good', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.linkDown(domain.mag1);
    domain.advance(30_000);
    expect(domain.lma.snapshot()).toEqual([]);
    expect(domain.mag1.mag.snapshot()).toEqual([]);
    expect(domain.mag1.mag.nextTimeout()).toBeUndefined();
  });

  it("[RFC 5846 §8.1] end the session on the LMA operator's clear, and register the node anew by its next frame", () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    const seen: number[] = [];
    domain.fate = (message) => {
      if (message.kind === 'binding-revocation-indication') seen.push(message.trigger);
      return 1;
    };
    domain.clearAnchor();
    domain.advance(10);
    expect(seen).toEqual([RevocationTrigger.ADMINISTRATIVE_REASON]);
    expect(domain.served(domain.mag1)).toBeUndefined();
    domain.hear(domain.mag1, dataFrame());
    domain.advance(10);
    expect(domain.served(domain.mag1)).toMatch(/^ACTIVE/);
  });

  it('[RFC 5844 §3.4.3] keep the prefix of a node that releases its home address, and give it one again', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.hear(domain.mag1, dhcpFrame({ type: Dhcpv4MessageType.RELEASE, ciaddr: HOME, unicast: true }));
    domain.advance(5000);
    expect(domain.served(domain.mag1)).toBe('ACTIVE null 2001:db8:f00d::/64');
    domain.hear(domain.mag1, DISCOVER);
    domain.advance(5000);
    expect(domain.served(domain.mag1)).toMatch(/^ACTIVE 192\.0\.2\.\d+ 2001:db8:f00d::\/64$/);
    expect(dhcpTypes(domain.mag1)).toEqual([Dhcpv4MessageType.OFFER]);
  });

  it('serve the node again when the LMA lost its bindings, by the refresh at the latest', () => {
    const domain = new Domain();
    domain.hear(domain.mag1);
    domain.advance(5000);
    domain.restartAnchor();
    domain.advance(300_000);
    domain.hear(domain.mag1, dataFrame());
    domain.advance(6000);
    domain.hear(domain.mag1, dataFrame());
    domain.advance(6000);
    expect(domain.served(domain.mag1)).toBe(ACTIVE);
    expect(careOfAddresses(domain)).toEqual([MAG1.toString()]);
  });

  it('[RFC 5213 §5.5] reject a MAG whose clock is far off, and say so', () => {
    const domain = new Domain();
    const statuses: number[] = [];
    domain.fate = (message) => {
      const timestamp = message.kind === 'binding-update' ? findOption(message.options, 'timestamp') : undefined;
      if (timestamp) Object.assign(timestamp, { seconds: timestamp.seconds + 60 });
      if (message.kind === 'binding-acknowledgement') statuses.push(message.status);
      return 1;
    };
    domain.hear(domain.mag1);
    domain.advance(10);
    expect(statuses).toEqual([BindingStatus.TIMESTAMP_MISMATCH]);
    expect(domain.served(domain.mag1)).toBeUndefined();
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed))('agree after quiet time on a bad path (seed %i)', (seed) => {
    const domain = new Domain();
    domain.fate = badPath(seed, 0.3, 80);
    let here = domain.mag1;
    for (let i = 0; i < 12; i++) {
      here = here === domain.mag1 ? domain.mag2 : domain.mag1;
      domain.hear(here, layer2Update());
      domain.advance(40 + ((seed * 37 + i * 101) % 500));
    }
    domain.fate = () => 1;
    for (let i = 0; i < 70; i++) {
      domain.advance(10_000);
      domain.hear(here, dataFrame());
    }
    const there = here === domain.mag1 ? domain.mag2 : domain.mag1;
    expect(domain.served(here)).toMatch(/^ACTIVE/);
    expect(domain.served(there)).toBeUndefined();
    expect(here.forwarding.size).toBe(1);
    expect(there.forwarding.size).toBe(0);
    expect(careOfAddresses(domain)).toEqual([here.address.toString()]);
  });
});

function careOfAddresses(domain: Domain): string[] {
  return domain.lma.snapshot().flatMap((row) => row.careOfAddresses.map((careOf) => careOf.address));
}

function dhcpTypes(node: MagNode): (number | undefined)[] {
  return node.transmitted.flatMap(({ frame }) => {
    const isIpv4 = frame[12] === 0x08 && frame[13] === 0x00;
    const message = isIpv4 ? decodeDhcpv4(frame.subarray(14 + 20 + 8)) : undefined;
    return message?.ok ? [findDhcpv4Option(message.value.options, 'message-type')?.value] : [];
  });
}
