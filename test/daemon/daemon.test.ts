import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { controlRequest } from '#cli/control-client.ts';
import type { AttachTimelineRow } from '#daemon/attach-timeline.ts';
import * as posix from '#host/posix.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { encodeMobilityHeader, setMobilityChecksum } from '#wire/mobility/index.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle, root } from './network.ts';

const station = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
let network: Network;

/** Sends Mobility Headers from the namespace of the MAG to the LMA. */
function assail(messages: readonly Uint8Array[]): void {
  const fd = network.within('mag', () =>
    posix.check('socket', posix.socket(posix.AF_INET6, posix.SOCK_RAW, posix.IPPROTO_MH)),
  );
  const to = posix.sockaddrIn6(anchor);
  for (const message of messages) posix.sendto(fd, message, message.length, 0, to, to.length);
  posix.close(fd);
}

interface Statistics {
  readonly runtime: Record<string, number>;
  readonly sockets: {
    readonly reception: { readonly fromMobileNodes: number };
    readonly access: { readonly received: number }[];
  };
  readonly costs: Record<string, { readonly count: number; readonly maximum: number } | null>;
}

describe.skipIf(obstacle !== '')(`an LMA and a MAG as processes (${obstacle || 'root, BPF'})`, () => {
  let lma: Daemon;
  let mag: Daemon;

  const magBindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const lmaBindings = () => lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
  const attached = () => eventually(async () => (await magBindings()).find(({ state }) => state === 'ACTIVE'));

  beforeAll(async () => {
    network = new Network(`mtd${process.pid}`);
    lma = network.start('lma', 'examples/lma.cfg', 'lma.sock');
    mag = network.start('mag', 'examples/mag1.cfg', 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
  }, 30_000);

  afterAll(() => network.remove());

  it('registers a mobile node that an access point announces, and tells when each step was', async () => {
    network.transmit(encodeLayer2Update(station));
    const row = await attached();
    expect(row).toMatchObject({
      nai: station.toCiscoString(),
      llid: station.toCiscoString(),
      hnps: ['2001:db8:f00d::/64'],
    });
    expect(await lmaBindings()).toMatchObject([
      { nai: row.nai, hoa: row.hoa, careOfAddresses: [{ peer: 'M1', address: gateway.toString() }] },
    ]);
    const timeline = await mag.request<AttachTimelineRow[]>('attach-timeline');
    const [latest] = timeline.filter(({ mac }) => mac === station.toCiscoString());
    const instants = ['event', 'pbuSent', 'pbaReceived', 'forwardingReady', 'routerAdvertisementSent'].map(
      (step) => latest?.steps[step as 'event']?.monotonicNs ?? Number.NaN,
    );
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(latest?.eventNs).toBeLessThan(Number(process.hrtime.bigint()));
    expect((await lma.request<Statistics>('statistics')).costs.pbuToPba?.count).toBeGreaterThan(0);
  });

  const runningConfig = async () => (await lma.request<{ text: string }>('show', { query: 'running-config' })).text;

  it('takes a line of configuration into force under a binding, which stays; SIGHUP brings back what the file says', async () => {
    const before = await lmaBindings();
    const path = ['ipv6 mobile pmipv6-lma lma1 domain D1'];
    expect(await lma.request('configure-line', { path, line: 'bce lifetime 500' })).toMatchObject({ ok: true, path });
    expect(await runningConfig()).toContain('bce lifetime 500');
    expect(await lma.request('configure-line', { path, line: 'bce lifetime 4' })).toMatchObject({ ok: false });
    lma.kill('SIGHUP');
    await eventually(async () => !(await runningConfig()).includes('bce lifetime 500'));
    expect(await lmaBindings()).toMatchObject(before.map(({ id, hoa }) => ({ id, hoa })));
  });

  it('says that bindings end with the LMA that is taken away, and serves when it is back', async () => {
    const removal = { path: [], line: 'no ipv6 mobile pmipv6-lma lma1' };
    const reply = await lma.request<{ messages: string[] }>('configure-line', removal);
    expect(reply.messages).toContain('1 binding of lma1 ended');
    await eventually(async () => (await magBindings()).length === 0);
    lma.kill('SIGHUP');
    await eventually(async () => (await runningConfig()).includes('pmipv6-lma lma1'));
    network.transmit(encodeLayer2Update(station));
    await attached();
  });

  it('counts random octets as Mobility Headers and on the access link, and serves on', async () => {
    const before = await lma.request<Statistics>('statistics');
    const noise = Array.from({ length: 200 }, (_, i) => randomBytes(8 + i));
    assail(noise);
    assail(noise.map((bytes) => Buffer.concat([mobilityHeaderStart(bytes.length + 6), bytes]))); // plausible heads
    network.transmit(...noise.map((bytes) => Buffer.concat([station.toBytes(), randomBytes(6), bytes])));
    network.transmit(
      ...noise.map((bytes) =>
        Buffer.concat([MacAddress.broadcast.toBytes(), randomBytes(6), Buffer.from([8, 6]), bytes]),
      ),
    );
    const after = await eventually(async () => {
      const now = await lma.request<Statistics>('statistics');
      return now.runtime.messagesMalformed === before.runtime.messagesMalformed ? undefined : now;
    });
    expect(after.runtime.handlerErrors).toBe(0);
    expect((await mag.request<Statistics>('statistics')).runtime.handlerErrors).toBe(0);
    expect((await magBindings()).find(({ nai }) => nai === station.toCiscoString())?.state).toBe('ACTIVE');
    expect((await lmaBindings()).some(({ nai }) => nai === station.toCiscoString())).toBe(true);
  });

  it('does not hear a Mobility Header that a mobile node sent through the tunnel', async () => {
    const row = (await magBindings()).find(({ state }) => state === 'ACTIVE');
    const home = Ipv6Prefix.parse(row?.hnps[0] ?? '') as Ipv6Prefix;
    const source = new Ipv6Address(home.address.w0, home.address.w1, 0, 1);
    const payload = encodeMobilityHeader({
      kind: 'heartbeat',
      response: false,
      unsolicited: false,
      sequence: 1,
      options: [],
    });
    setMobilityChecksum(source, anchor, payload);
    const inner = encodeIpv6({ hopLimit: 64, nextHeader: posix.IPPROTO_MH, source, destination: anchor, payload });
    const fd = network.within('mag', () =>
      posix.check('socket', posix.socket(posix.AF_INET6, posix.SOCK_RAW, posix.IPPROTO_IPV6)),
    );
    const to = posix.sockaddrIn6(anchor);
    posix.check('sendto', posix.sendto(fd, inner, inner.length, 0, to, to.length));
    posix.close(fd);
    const { sockets } = await eventually(async () => {
      const now = await lma.request<Statistics>('statistics');
      return now.sockets.reception.fromMobileNodes > 0 ? now : undefined;
    });
    expect(sockets.reception.fromMobileNodes).toBe(1);
  });

  it('answers control requests that are nonsense with an error', async () => {
    for (const request of [
      { request: 'show' },
      { request: 'show', query: 'toString' },
      { request: 'show', query: 'lma-binding', node: 'nobody' },
      { request: 'clear-bindings', nai: 7 },
      { request: '' },
    ]) {
      await expect(controlRequest(lma.control, request)).rejects.toMatchObject({
        code: expect.stringMatching(/request/),
      });
    }
    const socket = connect(lma.control);
    socket.on('error', () => {});
    socket.end(randomBytes(200_000));
    expect(await lma.request('ping')).toMatchObject({ version: expect.any(String) });
  });

  it('refuses a second daemon on the same control socket', async () => {
    const { pid } = await lma.request<{ pid: number }>('ping');
    const second = network.start('lma', 'examples/lma.cfg', lma.control);
    expect(await second.ended).toBe(4);
    expect(second.output).toContain(`another daemon (pid ${pid}) answers on ${lma.control}`);
    expect(await lma.request('ping')).toMatchObject({ pid });
  });

  it('refuses a second daemon beside it that has its own socket, and leaves the first one alone', async () => {
    const second = network.start('mag', 'examples/mag1.cfg', 'second.sock');
    expect(await second.ended).toBe(4);
    expect(second.output.trim().split('\n').length).toBeLessThan(6);
    expect(existsSync(join(network.directory, 'second.sock'))).toBe(false);
    expect((await magBindings()).find(({ nai }) => nai === station.toCiscoString())?.state).toBe('ACTIVE');
  });

  it('gives up the mobile nodes of an interface that loses its link, and takes them back', async () => {
    network.ip('mn', 'link', 'set', 'eth0', 'down');
    await eventually(async () => (await magBindings()).length === 0 || undefined);
    network.ip('mn', 'link', 'set', 'eth0', 'up');
    await eventually(async () => {
      network.transmit(encodeLayer2Update(station));
      return (await magBindings()).find(({ nai, state }) => nai === station.toCiscoString() && state === 'ACTIVE');
    });
  });

  it('serves an access interface that was removed and made anew', async () => {
    network.ip('mag', 'link', 'delete', 'acc');
    await eventually(async () => (await magBindings()).length === 0 || undefined);
    network.addAccessLink();
    await eventually(async () => {
      network.transmit(encodeLayer2Update(station));
      return (await magBindings()).find(({ nai, state }) => nai === station.toCiscoString() && state === 'ACTIVE');
    });
    expect((await mag.request<Statistics>('statistics')).runtime).toMatchObject({
      handlerErrors: 0,
      forwardingErrors: 0,
    });
  });

  it('de-registers on SIGTERM, and leaves no socket, device or rule behind', async () => {
    mag.kill('SIGTERM');
    expect(await mag.ended).toBe(0);
    expect(existsSync(mag.control)).toBe(false);
    const rows = await lmaBindings();
    expect(rows.filter(({ state }) => state === 'active')).toEqual([]);
    const left = network.ip('mag', '-o', 'link');
    expect(left).not.toContain('pmip0');
    expect(network.ip('mag', 'rule')).not.toContain('5213');
  });

  it.each([
    ['by asking it', 'discover-mn-detach poll interval 1 timeout 1 retries 1'],
    ['before it refreshes', 'binding refresh-time 4'],
  ])(
    '[RFC 5213 §6.13] finds out %s that a mobile node vanished without a word, and de-registers it',
    async (_, line) => {
      const asking = readFileSync(join(root, 'examples/mag1.cfg'), 'utf8').replace(/discover-mn-detach .*/, line);
      const file = join(network.directory, 'asking.cfg');
      writeFileSync(file, asking);
      mag = network.start('mag', file, 'mag.sock');
      await mag.ready();
      network.transmit(encodeLayer2Update(station));
      const of = (nai: string) => nai === station.toCiscoString();
      await eventually(
        async () => (await lmaBindings()).some(({ nai, state }) => of(nai) && state === 'active') || undefined,
      );
      // The mobile node's interface is up, and answers nobody.
      await eventually(
        async () => (await magBindings()).every(({ refreshRemaining }) => refreshRemaining < 2) || undefined,
      );
      await eventually(async () => (await magBindings()).length === 0 || undefined);
      expect((await lmaBindings()).filter(({ nai }) => of(nai))).toMatchObject([{ state: 'deleting' }]);
      mag.kill('SIGTERM');
      expect(await mag.ended).toBe(0);
    },
    30_000,
  );

  it('says in show that an LMA does not answer, and warns once for each mobile node', async () => {
    lma.kill('SIGKILL');
    await lma.ended;
    mag = network.start('mag', 'examples/mag1.cfg', 'mag.sock');
    await mag.ready();
    network.transmit(encodeLayer2Update(station));
    const row = await eventually(async () => (await magBindings())[0]);
    expect(row.state).toBe('INIT');
    await eventually(async () => mag.output.includes('registration-unanswered') || undefined, 15_000);
    expect(mag.output.split('registration-unanswered').length - 1).toBe((await magBindings()).length);
  }, 30_000);

  it('refuses a mobile node whose traffic the data plane cannot forward, at both ends', async () => {
    const text = readFileSync(join(root, 'examples/lma.cfg'), 'utf8').replace(/^(ipv6 local pool .*) 64$/m, '$1 56');
    const file = join(network.directory, 'wide.cfg');
    writeFileSync(file, text);
    lma = network.start('lma', file, 'wide.sock');
    await lma.ready();
    network.transmit(encodeLayer2Update(MacAddress.parse('00:24:d7:8e:21:a5') as MacAddress));
    await eventually(async () => mag.output.includes('FORWARDING_SETUP_FAILED') || undefined, 15_000);
    // The log may come after the answer.
    await eventually(async () => lma.output.includes('only /64 is forwarded') || undefined);
    expect(await lmaBindings()).toEqual([]);
    expect((await magBindings()).filter(({ state }) => state === 'ACTIVE')).toEqual([]);
  }, 30_000);
});

/** Next header, length, type and so on of a Mobility Header of about `length` octets. */
function mobilityHeaderStart(length: number): Buffer {
  return Buffer.from([59, Math.max(0, Math.floor(length / 8) - 1), 5, 0, 0, 0]);
}
