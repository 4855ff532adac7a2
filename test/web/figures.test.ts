import { describe, expect, it } from 'vitest';
import { dhcpv6Name } from '#cli/decode-message-name.ts';
import { enumerationName } from '#cli/decode-names.ts';
import { radiusName } from '#cli/decode-radius.ts';
import { DROP_REASONS } from '#dataplane/drop-reason.ts';
import { type Dhcpv6Message, Dhcpv6MessageType } from '#wire/dhcpv6.ts';
import { RadiusCode, type RadiusPacket } from '#wire/radius.ts';
import { EventCounts } from '../../web/src/api/event-counts.ts';
import { barsOf, quantile } from '../../web/src/chart/histogram.ts';
import { ratesOf } from '../../web/src/chart/samples.ts';
import { decadeTicks, niceTicks } from '../../web/src/chart/scale.ts';
import { formatEncapsulation, formatMicroseconds, formatPacketRate, formatRound } from '../../web/src/format.ts';
import { groupsOf } from '../../web/src/ladder/groups.ts';
import { lanesOf, namesOf } from '../../web/src/ladder/lanes.ts';
import { messageHint } from '../../web/src/ladder/message-hints.ts';
import { partsOf, sharesOf } from '../../web/src/pages/attachment-parts.ts';
import { dropHint } from '../../web/src/pages/drop-hints.ts';
import { gatewayWorld } from './mock/gateway-world.ts';
import { historyOf } from './mock/history.ts';
import { worldOf } from './mock/world.ts';

describe('distributions', () => {
  it('have every value in one bar, with empty bars between', () => {
    const bars = barsOf(
      [
        { value: 100, count: 3 },
        { value: 101, count: 1 },
        { value: 390, count: 2 },
      ],
      1,
    );
    expect(bars.map(({ count }) => count)).toEqual([4, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(bars.every(({ from, to }, i) => from < to && (i === 0 || from === bars[i - 1]?.to))).toBe(true);
    expect(barsOf([], 1)).toEqual([]);
  });

  it('keep few bars however far the values are apart', () => {
    const bars = barsOf(
      [
        { value: 1, count: 1 },
        { value: 60_000_000, count: 1 },
      ],
      1,
    );
    expect(bars.length).toBeLessThanOrEqual(60);
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it('say what so large a share does not exceed', () => {
    const seen = Array.from({ length: 100 }, (_, i) => ({ value: 100 - i, count: 1 }));
    expect([0.5, 0.99, 1].map((share) => quantile(seen, share))).toEqual([50, 99, 100]);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});

describe('scales', () => {
  it('have round steps up to the largest value', () => {
    expect(niceTicks(17, 4)).toEqual([0, 5, 10, 15, 20]);
    expect(niceTicks(0, 4)).toEqual([0, 1]);
    expect(decadeTicks(1, 1000)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
    expect(decadeTicks(1900, 9000)).toEqual([2000, 3000, 4000, 5000, 6000, 8000]);
  });

  it('are labelled without zeros that say nothing', () => {
    expect([1500, 2000, 100].map((us) => formatRound(us, formatMicroseconds))).toEqual(['1.5 ms', '2 ms', '100 µs']);
    expect(formatPacketRate(1234.4)).toBe('1,234 packets/s');
    expect(['IPV6_IN_IPV6', 'GRE in IPV4'].map(formatEncapsulation)).toEqual(['IPv6 in IPv6', 'GRE in IPv4']);
  });
});

describe('rates', () => {
  it('are those between readings, and none where a counter began anew', () => {
    const readings = [
      { at: 1000, up: 0, down: 100 },
      { at: 3000, up: 500, down: 300 },
      { at: 4000, up: 10, down: 310 },
      { at: 5000, up: 20, down: 330 },
    ];
    expect(ratesOf(readings)).toEqual([
      { at: 3000, up: 250, down: 100 },
      { at: 5000, up: 10, down: 20 },
    ]);
  });

  it('of events are counted for a minute, however many there are', () => {
    const counts = new EventCounts();
    for (let ms = 0; ms < 120_000; ms += 2) counts.add('binding-handed-over', ms);
    expect(counts.ofLastMinute('binding-handed-over', 119_999)).toBe(30_000);
    expect(counts.ofLastMinute('binding-created', 119_999)).toBe(0);
    expect(counts.ofLastMinute('binding-handed-over', 400_000)).toBe(0);
  });
});

describe('the parts of an attachment', () => {
  it('are what its steps say, where all are there', () => {
    const [first] = gatewayWorld.attachments.items;
    if (!first) throw new Error('no attachment');
    expect(partsOf(first)).toEqual({ detection: 0.5, registration: 1, forwarding: 0.5, total: 2 });
    expect(partsOf({ ...first, stepsMs: { pbuSent: 1 } })).toBeUndefined();
    expect(partsOf({ ...first, trigger: null })).toBeUndefined();
    const slow = sharesOf(gatewayWorld.attachments.items).map(({ slowMs }) => Number(slowMs.toFixed(2)));
    expect(slow).toEqual([0.65, 1.3, 0.65]);
  });
});

it('every reason for a dropped packet is explained', () => {
  expect(DROP_REASONS.filter((reason) => dropHint(reason) === undefined)).toEqual([]);
});

it('every message of a call flow is explained', () => {
  const names = [
    ...['PBU', 'PBA', 'BRI', 'BRA', 'Router Solicitation', 'Router Advertisement'],
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((type) => enumerationName('message-type', 'value', type) ?? ''),
    ...Object.values(Dhcpv6MessageType).map((type) => dhcpv6Name({ type } as Dhcpv6Message)),
    ...Object.values(RadiusCode).map((code) => radiusName({ code } as RadiusPacket)),
  ];
  expect(names.filter((name) => messageHint(name) === undefined)).toEqual([]);
});

describe('the call flow', () => {
  it('at an anchor is between it and each gateway that took part', () => {
    const world = worldOf(10);
    const { steps } = historyOf('ada@example.com', world);
    const lanes = lanesOf(steps, namesOf(world.bindings, world.tunnels, world.peers));
    expect(lanes.all.map(({ kind, name }) => [kind, name])).toEqual([
      ['gateway', 'M1'],
      ['gateway', 'M2'],
      ['anchor', 'lma1'],
    ]);
    const ends = steps.flatMap((step) => (step.kind === 'message' ? [lanes.endsOf(step)] : []));
    expect(ends.map(({ from, to }) => `${from}→${to}`)).toEqual(['1→2', '2→1', '0→2', '2→0', '2→1', '1→2']);
  });

  it('is told in parts that belong together, the latest first, without the event that is their title', () => {
    const { steps } = historyOf('ada@example.com', worldOf(10));
    const groups = groupsOf(steps).map(({ title, steps: some }) => [title, some.length]);
    expect(groups).toEqual([
      ['Moved to another gateway', 4],
      ['Registered', 2],
    ]);
    expect(groupsOf([])).toEqual([]);
  });

  it('knows peers without a name by their address', () => {
    const { steps } = historyOf('ada@example.com', gatewayWorld);
    const { all, seen } = lanesOf(steps, new Map());
    expect(all.map(({ name }) => name)).toEqual(['mobile node', 'this gateway', '2001:db8:cafe:1024::101', 'RADIUS']);
    expect(seen).toEqual({ from: 0, to: 1 });
  });
});
