import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { instant, utcTime } from '#base/time.ts';
import { serveControl } from '#daemon/control-server.ts';
import { DebugOutlet } from '#daemon/debug/outlet.ts';
import { DebugPost } from '#daemon/debug/post.ts';
import { DebugSwitches } from '#daemon/debug/switches.ts';
import { Monitor, type MonitorEvent } from '#daemon/monitor.ts';

const at = (ms: number) => ({ instant: instant(ms), utc: utcTime(ms) });

describe('what is told of a node', () => {
  it('is limited to so many lines a second; what is beyond is counted and told', () => {
    const outlet = new DebugOutlet();
    let told = 0;
    for (let ms = 0; ms < 2000; ms++) {
      outlet.refill(at(ms));
      for (let i = 0; i < 100; i++) {
        if (!outlet.admits()) continue;
        outlet.write(at(ms), ['a', 'b']);
        told++;
      }
    }
    const { lines, dropped } = outlet.take();
    // The burst, and 1000 a second after it, as far as lines may wait.
    expect(lines.length).toBeLessThanOrEqual(4000);
    expect(told).toBe(lines.length / 2);
    expect(told + dropped).toBe(200_000);
    expect(outlet.isEmpty).toBe(true);
  });

  it('waits, and then is dropped, while the main thread does not take it', () => {
    const outlet = new DebugOutlet();
    const taken = new SharedArrayBuffer(4);
    const posted: number[] = [];
    const post = new DebugPost(taken, ({ lines }) => posted.push(lines.length));
    for (let i = 0; i < 20; i++) {
      outlet.write(at(i), [`${i}`]);
      post.send(outlet);
    }
    expect(posted).toEqual(Array(8).fill(1));
    Atomics.add(new Int32Array(taken), 0, 8);
    post.send(outlet);
    expect(posted.at(-1)).toBe(12);
    post.send(outlet);
    expect(posted).toHaveLength(9);
  });

  it('knows a client by its link-layer address, and from then on by its name', () => {
    const switches = new DebugSwitches();
    const mac = MacAddress.parse('0024.d78e.21a4') as MacAddress;
    expect(switches.on).toBe(false);
    switches.setClient(mac, true);
    expect(switches.on).toBe(true);
    expect(switches.wants('mag-event', undefined, 'mn1')).toBe(false);
    expect(switches.wants('mag-event', mac, 'mn1')).toBe(true);
    expect(switches.wants('mag-event', undefined, 'mn1')).toBe(true);
    expect(switches.wants('mag-event', MacAddress.pmipv6Mag)).toBe(false);
    expect(switches.wants('dhcp-detail', mac)).toBe(false);
    switches.setClient(mac, false);
    expect(switches.wants('mag-event', undefined, 'mn1')).toBe(false);
    for (let i = 0; i < 64; i++) switches.setClient(new MacAddress(2, i), true);
    expect(switches.setClient(mac, true)).toBe(false);
  });

  it('is not kept for a client that does not read; it hears how much that was', async () => {
    const path = join(tmpdir(), `mooring-monitor-${process.pid}.sock`);
    const monitor = new Monitor();
    const server = await serveControl(path, async (_, connection) => monitor.watch(connection));
    try {
      const client = connect(path);
      client.write('{"request":"monitor"}\n');
      await new Promise((resolve) => client.once('data', resolve));
      client.pause();
      const line = {
        time: '2026-01-01T00:00:00.000Z',
        level: 'debug',
        facility: 'daemon',
        code: 'debug',
        text: 'x',
        fields: {},
      } as const;
      const sent = 20_000;
      const before = process.memoryUsage().rss;
      for (let i = 0; i < sent; i++) {
        monitor.line({ ...line, text: `${'x'.repeat(400)} ${i}` });
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
      let text = '';
      client.on('data', (data) => {
        text += data;
      });
      client.resume();
      await new Promise((resolve) => setTimeout(resolve, 200));
      monitor.line(line);
      await expect.poll(() => text.includes('"dropped"')).toBe(true);
      const events = text
        .trim()
        .split('\n')
        .map((one) => JSON.parse(one) as MonitorEvent);
      const dropped = events.flatMap((event) => (event.monitor === 'dropped' ? [event.count] : []));
      const lines = events.filter((event) => event.monitor === 'line').length;
      expect(lines + dropped.reduce((sum, count) => sum + count, 0)).toBe(sent + 1);
      client.destroy();
    } finally {
      server.close();
    }
  });
});
