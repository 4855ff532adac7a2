import { describe, expect, it } from 'vitest';
import { EventParser } from '../../web/src/api/event-parser.ts';
import { rowWindow } from '../../web/src/bindings/window.ts';
import { formatBitRate, formatDuration, formatMicroseconds, formatOctets, formatShare } from '../../web/src/format.ts';
import { layoutOf } from '../../web/src/topology/layout.ts';
import { moveOf, networkOf, stationOf } from '../../web/src/topology/network.ts';
import { handoverEvent, NOW, worldOf } from './mock/world.ts';

describe('numbers have units that people read', () => {
  it('octets, rates, times and shares', () => {
    expect([0, 999, 1000, 1_234_567, 999_600].map(formatOctets)).toEqual([
      '0 B',
      '999 B',
      '1.00 kB',
      '1.23 MB',
      '1.00 MB',
    ]);
    expect(formatBitRate(12_345_678)).toBe('12.3 Mbit/s');
    expect([9.5, 212, 4120, 2_100_000].map(formatMicroseconds)).toEqual(['9.50 µs', '212 µs', '4.12 ms', '2.10 s']);
    expect([0, 59.4, 60, 3599, 3600, 100_000].map(formatDuration)).toEqual([
      '0 s',
      '59 s',
      '1 min 00 s',
      '59 min 59 s',
      '1 h 00 min',
      '1 d 3 h',
    ]);
    expect([formatShare(1, 253), formatShare(1, 2), formatShare(0, 0), formatShare(8, 65_536)]).toEqual([
      ...['0.4 %', '50 %', '0 %', '< 0.1 %'],
    ]);
  });
});

describe('rows in view', () => {
  it('are those that the scroll bar says, and a few more', () => {
    expect(rowWindow(100, 40, 400, 0)).toEqual({ first: 0, count: 16, offset: 0, height: 4000 });
    expect(rowWindow(100, 40, 400, 2000)).toMatchObject({ first: 44, count: 22, offset: 1760 });
  });

  it.each([1000, 100_000, 1_000_000])('the last of %i rows is at the end of the scrolled element', (total) => {
    const whole = rowWindow(total, 40, 600, 0).height;
    const { first, count, offset, height } = rowWindow(total, 40, 600, whole - 600);
    expect(first + count).toBe(total);
    expect(offset + count * 40).toBeCloseTo(height, 3);
    expect(height).toBeLessThanOrEqual(8_000_000);
  });

  it('every row of a million is reached somewhere', () => {
    let reached = 0;
    for (let top = 0; top < 8_000_000; top += 200) {
      const { first, count } = rowWindow(1_000_000, 40, 600, top);
      expect(first).toBeLessThanOrEqual(reached);
      reached = Math.max(reached, first + count);
    }
    expect(reached).toBe(1_000_000);
  });
});

describe('the network', () => {
  const world = worldOf(10);
  const stations = world.bindings.map(stationOf);
  const sources = {
    nodes: world.ready.nodes,
    peers: world.peers,
    tunnels: world.tunnels,
    stations,
    seen: new Set<string>(),
  };

  it('has the anchor, the gateways with their mobile nodes, and who does not answer', () => {
    const { anchors, gateways } = networkOf(sources);
    expect(anchors).toEqual(['lma1']);
    expect(gateways.map(({ name, bindings, links }) => [name, bindings, links[0]?.state])).toEqual([
      ['M1', 4, 'up'],
      ['M2', 3, 'up'],
      ['M3', 3, 'up'],
      ['M4', 0, 'down'],
    ]);
  });

  it('keeps a gateway whose last mobile node has gone', () => {
    const { gateways } = networkOf({
      ...sources,
      peers: undefined,
      tunnels: undefined,
      stations: [],
      seen: new Set(['M9']),
    });
    expect(gateways).toEqual([
      { name: 'M9', bindings: 0, links: [{ anchor: 'lma1', state: 'unwatched', roundTripMs: null }] },
    ]);
  });

  it('is drawn within its width, gateways beside and below each other', () => {
    for (const width of [300, 640, 1200]) {
      const { gateways, anchors } = layoutOf(networkOf(sources), width, 80);
      const boxes = [...gateways.values(), ...anchors.values()];
      expect(boxes.every(({ x, width: w }) => x >= 0 && x + w <= width)).toBe(true);
      const overlaps = boxes.filter((a, i) =>
        boxes
          .slice(i + 1)
          .some((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
      );
      expect(overlaps).toEqual([]);
    }
  });

  it('tells a handover from a registration at the same gateway', () => {
    const binding = world.bindings[0];
    if (!binding) throw new Error('no binding');
    const event = handoverEvent(binding, 0, NOW);
    expect(moveOf(event)).toEqual({ nai: binding.nai, from: 'M2', to: 'M1' });
    expect(moveOf({ ...event, fields: { ...event.fields, previousMag: 'M1' } })).toBeUndefined();
    expect(moveOf({ ...event, kind: 'binding-created' })).toBeUndefined();
  });
});

describe('the stream of events', () => {
  const text =
    'retry: 2000\n\nid: r-1\nevent: hello\ndata: {"kind":"hello","text":"events follow"}\n\n: still here\n\nid: r-2\nevent: x\ndata: {"kind":"x"}\n\n';

  it('is read wherever it is cut', () => {
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new EventParser();
      const events = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
      expect(events.map(({ id, kind }) => [id, kind])).toEqual([
        ['r-1', 'hello'],
        ['r-2', 'x'],
      ]);
    }
  });

  it('that is not JSON is left out', () => {
    expect(new EventParser().push('id: r-1\nevent: x\ndata: {\n\nid: r-2\nevent: y\ndata: {}\n\n')).toHaveLength(1);
  });
});
