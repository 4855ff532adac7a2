import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { type Instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { GatewaySockets } from '#cli/load/gateway-sockets.ts';
import type { StateReport } from '#daemon/durable-state.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { Figures, type Operation, Population } from '#proto/load/index.ts';
import { BindingStatus, decodeMobilityHeader } from '#wire/mobility/index.ts';
import { anchor, Daemon, obstacle } from './network.ts';

const namespace = `mtgap${process.pid}`;
const GATEWAY = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;
/** A message may be taken long after it was sent, and a refresh wait long for the store: both outlast two restarts. */
const text = `ipv6 mobile pmipv6-store refresh-window 60000
ipv6 local pool V6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D
  replay-protection timestamp window 255
  mag M1
    ipv6-address ${GATEWAY}
  nai anyone
    service ipv6
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${anchor}
  default profile anyone
  network N
    pool ipv6 V6 pfxlen 48
`;

describe.skipIf(obstacle !== '')(`an LMA that crashes, and ends again soon after (${obstacle || 'root, BPF'})`, () => {
  let directory: string;
  let daemon: Daemon;
  let sockets: GatewaySockets;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mooring-gap-'));
    writeFileSync(join(directory, 'lma.cfg'), text);
    execFileSync('ip', ['netns', 'add', namespace]);
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    for (const address of [anchor, GATEWAY])
      execFileSync('ip', ['-n', namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad']);
    sockets = inNetworkNamespace(`/run/netns/${namespace}`, () => new GatewaySockets(anchor, [GATEWAY]));
    await start();
  });

  afterEach(async () => {
    sockets.close();
    await end('SIGKILL');
    execFileSync('ip', ['netns', 'delete', namespace]);
    rmSync(directory, { recursive: true });
  });

  async function start(): Promise<void> {
    const path = (name: string) => join(directory, name);
    daemon = new Daemon(namespace, path('lma.cfg'), path('lma.sock'), ['--state', stateDirectory()]);
    await daemon.ready();
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    daemon.kill(signal);
    await daemon.ended;
  }

  const stateDirectory = () => join(directory, 'state');
  const report = () => daemon.request<StateReport>('show', { query: 'store' });
  const bindings = () => daemon.request<LmaBindingRow[]>('show', { query: 'lma-binding' });

  /** Resolves with the status of the answer. */
  async function exchange(octets: Uint8Array, answered?: (octets: Uint8Array) => void): Promise<number> {
    sockets.send(0, octets);
    for (const until = Date.now() + 5000; Date.now() < until; await sleep(1)) {
      let status: number | undefined;
      sockets.round(1, (_, answer) => {
        const decoded = decodeMobilityHeader(answer);
        if (!decoded.ok || decoded.value.kind !== 'binding-acknowledgement') return;
        status = decoded.value.status;
        answered?.(answer);
      });
      if (status !== undefined) return status;
    }
    throw new Error('no answer');
  }

  /** One mobile node at one gateway; returns the octets that it sent. */
  function mobileNode(lifetime: number) {
    const population = new Population({
      ...{ lma: anchor, gateways: [GATEWAY], nodes: 1, realm: 'example.net', service: 'ipv6', timestamps: true },
      ...{ lifetime: seconds(lifetime), patience: milliseconds(60_000), tries: 1 },
    });
    const now = () => monotonicMilliseconds() as Instant;
    return async (operation: Operation) => {
      population.rewind();
      const next = population.ask(operation, new Figures(), now(), utcTime(Date.now()));
      if (!next) throw new Error(`no ${operation} is possible`);
      expect(await exchange(next.octets, (answer) => population.receive(0, answer, now()))).toBe(0);
      return next.octets;
    };
  }

  /** What is in memory only is gone with the machine. */
  async function losePower(): Promise<void> {
    const inMemory = (await report()).waiting.directory as string;
    await end('SIGKILL');
    for (const name of readdirSync(inMemory)) {
      const path = join(inMemory, name);
      if (name.startsWith('waiting-') && readFileSync(path).includes(stateDirectory())) rmSync(path);
    }
  }

  describe.each([
    ['is killed', () => end('SIGKILL'), null],
    ['loses its machine', losePower, 60_000],
  ] as const)('that %s', (_, crash, gapMs) => {
    it.each(['SIGKILL', 'SIGTERM'] as const)(
      '[RFC 5213 §5.5(6)] takes no refresh a second time that it answered before (then %s)',
      async (signal) => {
        const tell = mobileNode(3600);
        await tell('attach');
        const refresh = await tell('refresh');
        await crash();
        await start();
        expect(await report()).toMatchObject({ restored: { bindings: 1, gapMs } });
        await end(signal);
        await start();
        expect(await exchange(refresh)).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
        await tell('refresh');
      },
      60_000,
    );

    it('goes on with a binding that was refreshed before and would have ended meanwhile', async () => {
      const tell = mobileNode(4);
      await tell('attach');
      const attachedAt = Date.now();
      await sleep(3000);
      await tell('refresh');
      await crash();
      await sleep(Math.max(0, attachedAt + 4100 - Date.now()));
      await start();
      expect(await bindings()).toMatchObject([{ state: 'active' }]);
      // Who knows nothing of the refresh has it last as long as that may have waited.
      if (gapMs === null) return;
      await crash();
      await start();
      expect(await bindings()).toMatchObject([{ state: 'active' }]);
    }, 60_000);
  });

  it('that is killed ends a binding when its refresh said, no sooner and no later', async () => {
    const tell = mobileNode(8);
    await tell('attach');
    await sleep(4000);
    await tell('refresh');
    const refreshedAt = Date.now();
    await end('SIGKILL');
    await start();
    await sleep(Math.max(0, refreshedAt + 7000 - Date.now()));
    expect(await bindings()).toMatchObject([{ state: 'active' }]);
    await sleep(Math.max(0, refreshedAt + 8500 - Date.now()));
    expect((await bindings()).filter(({ state }) => state === 'active')).toEqual([]);
  }, 60_000);
});
