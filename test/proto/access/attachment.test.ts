import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import { seconds } from '#base/time.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import {
  ACC0,
  ACC1,
  AccessLink,
  arpFrame,
  DISCOVER,
  dataFrame,
  dhcpFrameOf,
  duplicateAddressDetection,
  layer2Update,
  MAG,
  MN,
  MN2,
  ROUTER,
  routerSolicitation,
  v6,
} from './link.ts';

describe('a station is reported as attached', () => {
  it.each([
    ['layer-2-update', layer2Update()],
    ['dhcp', DISCOVER],
    ['router-solicitation', routerSolicitation()],
    ['neighbor-solicitation', duplicateAddressDetection()],
    ['arp', arpFrame({})],
    ['data', dataFrame()],
  ])('by its %s, as the first thing heard of it', (trigger, frame) => {
    const link = new AccessLink();
    link.hear(frame);
    expect(link.reports()).toEqual([`attached ${trigger} ${MN} ${ACC0}`]);
    expect(link.machine.snapshot()).toMatchObject([{ mac: '0024.d78e.21a4', phase: 'pending' }]);
  });

  it('once, however many frames come before its session', () => {
    const link = new AccessLink();
    for (let i = 0; i < 50; i++) {
      link.hear(layer2Update());
      link.hear(DISCOVER);
      link.hear(arpFrame({}));
      link.advance(100);
    }
    expect(link.triggers()).toEqual(['layer-2-update']);
  });

  it('not again while it is served, but by a layer-2 update, as it may have been elsewhere', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(1000);
    for (const frame of [DISCOVER, dataFrame(), arpFrame({}), routerSolicitation()]) link.hear(frame);
    expect(link.triggers()).toEqual([]);
    link.hear(layer2Update());
    expect(link.triggers()).toEqual(['layer-2-update']);
  });

  it('once for a burst of layer-2 updates', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(1000);
    for (let i = 0; i < 10; i++) link.hear(layer2Update());
    expect(link.triggers()).toHaveLength(1);
  });

  it('and heard, frame by frame, as long as its session is waited for', () => {
    const link = new AccessLink();
    const heard = () => link.outputs.splice(0).filter(({ kind }) => kind === 'heard');
    link.hear(layer2Update());
    expect(heard()).toEqual([]);
    link.hear(dataFrame());
    expect(heard()).toEqual([{ kind: 'heard', interface: ACC0, mac: MN }]);
    link.activate();
    link.advance(1000);
    link.hear(dataFrame());
    expect(heard()).toEqual([]);
    link.hear(layer2Update());
    expect(heard()).toEqual([]);
    link.hear(dataFrame());
    expect(heard()).toHaveLength(1);
    link.activate();
    link.hear(dataFrame());
    expect(heard()).toEqual([]);
  });

  it('not forgotten while its session is confirmed, however long that takes', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(1000);
    link.hear(layer2Update());
    link.advance(300_000);
    expect(link.machine.snapshot()).toMatchObject([{ phase: 'confirming', hoa: '192.0.2.1' }]);
  });

  it('not by frames that were on their way when it left; a layer-2 update brings it back at once', () => {
    const link = new AccessLink();
    link.serve();
    link.end('departed');
    link.hear(dataFrame());
    link.advance(100);
    link.hear(dataFrame());
    expect(link.triggers()).toEqual([]);
    link.hear(layer2Update());
    expect(link.triggers()).toEqual(['layer-2-update']);
  });

  it('by its next frame when it left a while ago', () => {
    const link = new AccessLink();
    link.serve();
    link.end('departed');
    link.advance(300);
    link.hear(dataFrame());
    expect(link.triggers()).toEqual(['data']);
  });

  it('again 5 s after it was refused, not before', () => {
    const link = new AccessLink();
    link.hear(DISCOVER);
    link.handle({
      kind: 'session',
      change: { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'no profile' },
    });
    link.outputs = [];
    for (let i = 0; i < 49; i++) {
      link.advance(100);
      link.hear(DISCOVER);
    }
    expect(link.triggers()).toEqual([]);
    link.advance(100);
    link.hear(DISCOVER);
    expect(link.triggers()).toEqual(['dhcp']);
  });

  it('on the other link when it is heard there', () => {
    const link = new AccessLink();
    link.serve();
    link.advance(1000);
    link.hear(dataFrame(), ACC1);
    expect(link.reports()).toEqual([`attached data ${MN} ${ACC1}`]);
    link.end('departed', ACC0);
    link.activate({ interface: ACC1 });
    expect(link.machine.snapshot()).toMatchObject([{ interface: ACC1, phase: 'served' }]);
  });

  it('without flapping when both links hear it at once', () => {
    const link = new AccessLink();
    link.serve();
    for (let i = 0; i < 100; i++) {
      link.advance(10);
      link.hear(dataFrame(), i % 2 ? ACC0 : ACC1);
    }
    expect(link.triggers()).toEqual([]);
  });
});

it('reports a station by the head of a frame that several packets were joined into', () => {
  const link = new AccessLink();
  const payload = new Uint8Array(2000);
  payload.set([0x45, 0, 0xff, 0xff]);
  link.hear(encodeEthernet({ destination: MAG, source: MN, tags: [], etherType: EtherType.IPV4, payload }));
  expect(link.triggers()).toEqual(['data']);
});

describe('no station is made', () => {
  it.each([
    ['our own address', dataFrame(MAG), 'framesFromOwnAddress'],
    ['a group address', dataFrame(new MacAddress(0x0100, 1)), 'framesFromGroupAddress'],
    ['no address', dataFrame(new MacAddress(0, 0)), 'framesFromGroupAddress'],
    ['a stranger to a group, as bridges do', dataFrame(MN, new MacAddress(0x3333, 0x16)), 'framesFromStrangersIgnored'],
  ] as const)('by a frame of %s', (_, frame, counter) => {
    const link = new AccessLink();
    link.hear(frame);
    expect(link.outputs).toEqual([]);
    expect(link.machine.snapshot()).toEqual([]);
    expect(link.machine.stats[counter]).toBe(1);
  });

  it('by a frame of another protocol, such as that of a spanning tree or LLDP', () => {
    const link = new AccessLink();
    const etherType = 0x88cc;
    link.hear(encodeEthernet({ destination: MAG, source: MN, tags: [], etherType, payload: new Uint8Array(46) }));
    expect(link.machine.snapshot()).toEqual([]);
  });

  it('on an interface that is not served', () => {
    const link = new AccessLink();
    link.hear(DISCOVER, 'FastEthernet0/0');
    expect(link.outputs).toEqual([]);
    expect(link.machine.stats.framesOnUnknownInterface).toBe(1);
  });

  it('beyond the maximum of a link; refused ones give way', () => {
    const link = new AccessLink({ stationMaximum: 2 });
    const station = (i: number) => new MacAddress(0x0224, i);
    for (let i = 0; i < 5; i++) link.hear(dataFrame(station(i)));
    expect(link.triggers()).toHaveLength(2);
    expect(link.machine.stats.stationsOverMaximum).toBe(3);
    link.handle({
      kind: 'session',
      change: { kind: 'session-refused', interface: ACC0, mac: station(0), reason: 'no profile' },
    });
    link.hear(dataFrame(MN));
    expect(link.triggers()).toEqual(['data']);
    expect(link.machine.snapshot()).toHaveLength(2);
  });
});

describe('a flood of new stations on one link', () => {
  const flood = (link: AccessLink, count: number) => {
    for (let i = 0; i < count; i++) link.hear(layer2Update(new MacAddress(0x0666, i)), ACC0);
  };

  it('is admitted at a rate, and counted beyond it', () => {
    const link = new AccessLink({ stationMaximum: 1_000_000 });
    flood(link, 5000);
    expect(link.triggers()).toHaveLength(1024);
    expect(link.machine.stats.stationsOverRate).toBe(5000 - 1024);
    link.advance(1000);
    link.outputs = [];
    flood(link, 5000);
    expect(link.triggers()).toHaveLength(256);
  });

  it('leaves the node that is served there, and other links, as they are', () => {
    const link = new AccessLink({ stationMaximum: 2048 });
    link.serve();
    flood(link, 20_000);
    link.outputs = [];
    link.hear(DISCOVER);
    expect(link.dhcp()).toHaveLength(1);
    link.hear(layer2Update(MN2), ACC1);
    expect(link.triggers()).toEqual(['layer-2-update']);
  });
});

describe('hostile frames', () => {
  it('of random octets, or truncated anywhere, throw nothing and are counted', () => {
    const link = new AccessLink({ stationMaximum: 1_000_000 });
    const random = new SeededRandom(7);
    const encodedDiscover = DISCOVER.subarray(14 + 20 + 8);
    link.serve();
    const valid = [
      layer2Update(),
      DISCOVER,
      routerSolicitation(),
      duplicateAddressDetection(),
      arpFrame({}),
      dataFrame(),
    ];
    for (const frame of valid) {
      for (let end = 0; end <= frame.length; end++) link.hear(frame.slice(0, end));
      for (let i = 0; i < 2000; i++) {
        const bent = frame.slice();
        for (let n = 0; n < 4; n++) bent[random.nextU32() % bent.length] = random.nextU32();
        link.hear(bent);
      }
    }
    for (let i = 0; i < 2000; i++) {
      const noise = Uint8Array.from({ length: random.nextU32() % 100 }, () => random.nextU32());
      if (i % 2 && noise.length > 14) noise.set([0x08, 0x00], 12);
      link.hear(noise);
    }
    for (let i = 0; i < 2000; i++) {
      const message = encodedDiscover.slice(0, 1 + (random.nextU32() % encodedDiscover.length));
      for (let n = 0; n < 4; n++) message[random.nextU32() % message.length] = random.nextU32();
      link.hear(dhcpFrameOf(message));
    }
    expect(link.machine.stats.framesMalformed).toBeGreaterThan(0);
    expect(link.machine.stats.dhcpMalformed).toBeGreaterThan(0);
  });

  it('with a false length do not disturb a served node', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(
      encodeEthernet({ destination: MAG, source: MN, tags: [], etherType: EtherType.IPV6, payload: new Uint8Array(3) }),
    );
    expect(link.outputs).toEqual([]);
    expect(link.machine.stats.framesMalformed).toBe(1);
    expect(link.machine.snapshot()).toMatchObject([{ phase: 'served' }]);
  });
});

describe('leaving', () => {
  it('with the link: the stations are forgotten and the MAG is told', () => {
    const link = new AccessLink();
    link.serve();
    link.handle({ kind: 'link', interface: ACC0, up: false });
    expect(link.reports()).toEqual([`link-down ${ACC0}`]);
    expect(link.machine.snapshot()).toEqual([]);
  });

  it('leaves no timer behind', () => {
    const link = new AccessLink();
    link.serve();
    link.end('departed');
    link.advance(200_000);
    expect(link.machine.snapshot()).toEqual([]);
    expect(link.machine.nextTimeout()).toBeUndefined();
  });

  it('[RFC 5213 §6.13] is noticed by asking a silent node as often as configured', () => {
    const detection = { pollInterval: seconds(10), timeout: seconds(2), retries: 2 };
    const link = new AccessLink({ detection });
    link.serve();
    link.advance(9_999);
    expect(link.machine.stats.probesSent).toBe(0);
    link.advance(1);
    expect(link.arp()).toMatchObject([
      { frame: { destination: MN, source: MAG }, packet: { operation: 1, senderMac: MAG } },
    ]);
    link.advance(4000);
    expect(link.arp()).toHaveLength(2);
    link.advance(1999);
    expect(link.reports()).toEqual([]);
    link.advance(1);
    expect(link.reports()).toEqual([`detached no-answer ${MN} ${ACC0}`]);
  });

  it('[RFC 5213 §6.13] is looked for later than now, however the poll interval is rounded', () => {
    const link = new AccessLink({ detection: { pollInterval: seconds(10), timeout: seconds(2), retries: 2 } });
    link.serve();
    link.advance(4000.3);
    for (let i = 0; i < 1000; i++) {
      link.hear(dataFrame());
      link.advance(10_000.1);
      expect(link.machine.nextTimeout()).toBeGreaterThan(link.now);
    }
  });

  it('[RFC 5213 §6.13] is not assumed of a node that answers or sends', () => {
    const detection = { pollInterval: seconds(10), timeout: seconds(2), retries: 2 };
    const link = new AccessLink({ detection });
    link.serve();
    for (let i = 0; i < 20; i++) {
      link.advance(7000);
      link.hear(i % 2 ? dataFrame() : arpFrame({ operation: 2 }));
    }
    expect(link.reports()).toEqual([]);
    expect(link.machine.stats.probesSent).toBe(0);
  });

  it('[RFC 5213 §6.13] is not assumed of a node that is there, on a link that loses one frame in ten', () => {
    const random = new SeededRandom(3);
    const neighborAnswer = duplicateAddressDetection();
    const arrives = () => random.nextU32() % 10 > 0;
    const link = new AccessLink({
      detection: { pollInterval: seconds(10), timeout: seconds(2), retries: 3 },
    });
    link.serve();
    for (let at = 0; at < 24 * 3600; at++) {
      const before = link.machine.stats.probesSent;
      link.advance(1000);
      const asked = link.machine.stats.probesSent > before;
      expect(link.outputs.some((output) => output.kind === 'detached')).toBe(false);
      link.outputs = [];
      if (!asked) continue;
      for (const answer of [arpFrame({ operation: 2, targetMac: MAG, targetAddress: ROUTER }), neighborAnswer]) {
        if (arrives() && arrives()) link.hear(answer);
      }
    }
    expect(link.machine.stats.probesSent).toBeGreaterThan(5000);
  });

  it('[RFC 5213 §6.13] is asked about in both families, as a node may use one of them alone', () => {
    const detection = { pollInterval: seconds(10), timeout: seconds(2), retries: 2 };
    const link = new AccessLink({ detection });
    link.serve();
    link.advance(10_000);
    const probes = [...link.outputs];
    expect(link.arp()).toHaveLength(1);
    link.outputs = probes;
    expect(link.neighborSolicitations()).toHaveLength(1);
  });

  it('[RFC 5213 §6.13] is asked about at the link-local address that the node claimed, which may be any', () => {
    const detection = { pollInterval: seconds(10), timeout: seconds(2), retries: 2 };
    const link = new AccessLink({ detection });
    link.hear(duplicateAddressDetection(v6('fe80::1234:5678:9abc:def0')));
    link.activate();
    link.advance(10_000);
    const [probe] = link.neighborSolicitations();
    expect(`${probe?.message.target} ${probe?.packet.destination}`).toBe('fe80::1234:5678:9abc:def0 ff02::1:ffbc:def0');
  });

  it('[RFC 5213 §6.13] is noticed of an IPv6 node by neighbor solicitation', () => {
    const detection = { pollInterval: seconds(10), timeout: seconds(2), retries: 0 };
    const link = new AccessLink({ detection });
    link.hear(layer2Update());
    link.activate({ homeAddress: undefined, prefixes: [] } as never);
    link.outputs = [];
    link.advance(10_000);
    const [probe] = link.neighborSolicitations();
    expect(`${probe?.message.target} ${probe?.packet.destination}`).toBe('fe80::224:d7ff:fe8e:21a4 ff02::1:ff8e:21a4');
    link.advance(2000);
    expect(link.reports()).toEqual([`detached no-answer ${MN} ${ACC0}`]);
  });
});

it('keeps two stations apart', () => {
  const link = new AccessLink();
  link.hear(layer2Update(MN));
  link.hear(layer2Update(MN2));
  expect(link.triggers()).toHaveLength(2);
});
