import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import type { SignallingConfig } from '#daemon/assemble-signalling.ts';
import { Signalling, type SignallingEvents } from '#daemon/signalling.ts';
import { readClock } from '#host/clock.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { PollLoop } from '#host/poll-loop.ts';
import * as posix from '#host/posix.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { checkMobilityChecksum, encodeMobilityHeader, type MobilityMessage } from '#wire/mobility/index.ts';

/** What a peer waits for an answer. */
const PATIENCE_MS = 500;

const isRoot = process.geteuid?.() === 0;
const prefix = `mtd${process.pid}-sg`;
const [ours, theirs] = [`${prefix}-a`, `${prefix}-b`] as const;

function address(text: string): IpAddress {
  return parseIpAddress(text) as IpAddress;
}

function within<T>(namespace: string, action: () => T): T {
  return inNetworkNamespace(`/run/netns/${namespace}`, action);
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}

function heartbeat(sequence: number, response = false): MobilityMessage {
  return { kind: 'heartbeat', response, unsolicited: false, sequence, options: [] };
}

/** The node under test, in its namespace, with a loop that answers heartbeats. */
class Node {
  readonly loop = new PollLoop();
  readonly signalling: Signalling;
  readonly heard: string[] = [];
  /** Milliseconds that what was heard had waited. */
  readonly waits: number[] = [];
  readonly losses: { source: string; dropped: number }[] = [];
  /** What serving one message costs. */
  serviceMicroseconds = 0;
  #now = readClock().instant;

  constructor(config: Partial<SignallingConfig> & Pick<SignallingConfig, 'addresses'>) {
    const events: SignallingEvents = {
      now: () => this.#now,
      renewed: () => false,
      message: (from, message, _octets, waited) => {
        this.waits.push(waited);
        this.#answer(from, message);
      },
      malformed: () => {},
      passed: () => {},
      sendFailed: () => {},
      flooded: (loss) => this.losses.push({ ...loss }),
    };
    const whole = { peers: [], learning: false, closed: [], ...config };
    this.signalling = within(ours, () => new Signalling(whole, this.loop, events));
  }

  round(milliseconds = 100): void {
    this.#now = readClock().instant;
    within(ours, () => this.loop.round(this.signalling.waiting ? 0 : milliseconds));
    this.signalling.serve(this.#now);
    this.signalling.flush();
  }

  #answer(to: Parameters<SignallingEvents['message']>[0], message: MobilityMessage): void {
    const end = process.hrtime.bigint() + BigInt(this.serviceMicroseconds * 1000);
    while (process.hrtime.bigint() < end);
    if (message.kind !== 'heartbeat') return;
    if (this.heard.length < 10_000) this.heard.push(`${to.remote} ${message.sequence}`);
    this.signalling.queue({ kind: 'send', to, message: heartbeat(message.sequence, true) });
  }
}

function peerSocket(local: IpAddress): MobilitySocket | UdpSignallingSocket {
  return within(theirs, () =>
    local instanceof Ipv6Address ? new MobilitySocket(local, () => {}) : new UdpSignallingSocket(local, () => {}),
  );
}

function send(from: MobilitySocket | UdpSignallingSocket, to: IpAddress, message: MobilityMessage): void {
  const bytes = encodeMobilityHeader(message);
  if (from instanceof MobilitySocket) from.queue(to as Ipv6Address, bytes);
  else from.queue(to as Ipv4Address, bytes);
  from.flush();
}

/** Sees the packets that come to the peers, from their IP header on. */
function packetTap(): { first(fits: (packet: Buffer) => boolean): Buffer; close(): void } {
  const fd = within(theirs, () => {
    const made = posix.check('socket', posix.socket(posix.AF_PACKET, posix.SOCK_DGRAM, 0));
    const name = posix.sockaddrLl(posix.ifNameToIndex('core'), posix.ETH_P_ALL);
    posix.check('bind', posix.bind(made, name, name.length));
    return made;
  });
  const first = (fits: (packet: Buffer) => boolean) => {
    for (let i = 0; i < 100; i++) {
      const bytes = Buffer.alloc(2048);
      const length = posix.recv(fd, bytes, bytes.length, posix.MSG_DONTWAIT);
      if (length > 0 && fits(bytes.subarray(0, length))) return bytes.subarray(0, length);
      if (length < 0) posix.poll(null, 0, 10);
    }
    throw new Error('no such packet');
  };
  return { first, close: () => void posix.close(fd) };
}

describe.skipIf(!isRoot)('Signalling (needs root)', () => {
  beforeAll(() => {
    for (const name of [ours, theirs]) {
      ip('netns', 'add', name);
      // Addresses are to be usable at once.
      for (const of of ['all', 'default']) {
        execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', `net.ipv6.conf.${of}.accept_dad=0`]);
      }
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('-n', ours, 'link', 'add', 'core', 'type', 'veth', 'peer', 'name', 'core', 'netns', theirs);
    for (const name of [ours, theirs]) ip('-n', name, 'link', 'set', 'core', 'up');
    for (const one of ['192.0.2.1/24', '2001:db8::1/64']) ip('-n', ours, 'address', 'add', one, 'dev', 'core');
    for (const one of ['192.0.2.2/24', '192.0.2.3/24', '2001:db8::2/64', '2001:db8::3/64']) {
      ip('-n', theirs, 'address', 'add', one, 'dev', 'core');
    }
    return () => {
      for (const name of [ours, theirs]) ip('netns', 'delete', name);
    };
  });

  let open: { close(): void }[] = [];
  const opened = <T extends { close(): void }>(one: T): T => {
    open.push(one);
    return one;
  };
  const node = (config: ConstructorParameters<typeof Node>[0]): Node => {
    const made = new Node(config);
    opened(made.signalling);
    return made;
  };
  beforeEach(() => {
    open = [];
  });
  afterEach(() => {
    for (const one of open.toReversed()) one.close();
  });

  it.each([
    ['binding-acknowledgement', '192.0.2.2', true],
    ['binding-acknowledgement', '192.0.2.3', false],
    ['binding-update', '192.0.2.2', false],
  ] as const)('a %s to %s over IPv4 has a checksum: %s', (kind, peer, expected) => {
    const local = Ipv4Address.parse('192.0.2.1') as Ipv4Address;
    const remote = Ipv4Address.parse(peer) as Ipv4Address;
    const peers = [
      { address: address('192.0.2.2'), interop: 'cisco' },
      { address: address('192.0.2.3'), interop: 'strict' },
    ] as const;
    const { signalling } = node({ addresses: [{ address: local }], peers });
    const socket = opened(peerSocket(remote)) as UdpSignallingSocket;
    const common = { flags: 0, sequence: 9465, lifetime: seconds(28_800), options: [] };
    const message = kind === 'binding-update' ? { kind, ...common } : { kind, status: 0, ...common };
    signalling.queue({ kind: 'send', to: { transport: 'ipv4-udp', local, remote }, message });
    signalling.flush();
    const seen: boolean[] = [];
    socket.receive((_, bytes) => {
      seen.push(checkMobilityChecksum(Ipv6Address.mapped(local), Ipv6Address.mapped(remote), bytes));
      if (!expected) expect(bytes.subarray(4, 6)).toEqual(Buffer.of(0, 0));
    });
    expect(seen).toEqual([expected]);
  });

  describe.each([
    ['ipv6', '2001:db8::1', '2001:db8::2', '2001:db8::3'],
    ['ipv4', '192.0.2.1', '192.0.2.2', '192.0.2.3'],
  ] as const)('over %s', (family, here, flooding, quiet) => {
    const local = address(here);
    let flood: ChildProcess | undefined;
    afterEach(async () => {
      if (!flood) return;
      flood.kill('SIGKILL');
      await once(flood, 'exit');
      flood = undefined;
    });
    const startFlood = async () => {
      const script = new URL('flood.ts', import.meta.url).pathname;
      flood = spawn('ip', ['netns', 'exec', theirs, process.execPath, script, family, flooding, here]);
      await once(flood.stdout as NodeJS.ReadableStream, 'data');
    };

    // What it measures is the processor's: by day other tests have a share of that.
    it.skipIf(process.env.MOORING_NIGHTLY === undefined).each([
      ['a configured peer', [flooding, quiet]],
      ['a stranger', [quiet]],
    ])('answers a peer at once while %s sends as fast as it can', async (_name, known) => {
      const peers = known.map((text) => ({ address: address(text), interop: 'strict' as const }));
      const one = node({ addresses: [{ address: local }], peers });
      one.serviceMicroseconds = 10;
      await startFlood();
      const socket = opened(peerSocket(address(quiet)));
      const waits: number[] = [];
      for (let i = 0; i < 10; i++) one.round();
      for (let sequence = 1; sequence <= 40; sequence++) {
        const begin = performance.now();
        send(socket, local, heartbeat(sequence));
        let answered = false;
        while (!answered && performance.now() - begin < PATIENCE_MS) {
          one.round();
          (socket as UdpSignallingSocket).receive(() => {
            answered = true;
          });
        }
        waits.push(performance.now() - begin);
      }
      const answered = waits.filter((wait) => wait < PATIENCE_MS).toSorted((a, b) => a - b);
      // Without turns each would wait for all that the flood has in the kernel, and most would be dropped there; so are some on a busy machine.
      expect(answered.length).toBeGreaterThanOrEqual(16);
      expect(answered[answered.length >> 1]).toBeLessThan(100);
      const flooder = known.length === 2 ? flooding : 'others';
      expect(one.losses.map(({ source }) => source)).toContain(flooder);
      expect(one.signalling.snapshot().reception).toMatchObject({ droppedOf: [{ source: flooder }] });
    });

    it('counts what a message waited in the kernel too, and drops what nobody waits for any more', async () => {
      const one = node({ addresses: [{ address: local }] });
      const socket = opened(peerSocket(address(quiet)));
      await sleep(100); // the kernel begins to stamp what comes a moment after it was asked to
      send(socket, local, heartbeat(1));
      await sleep(450);
      send(socket, local, heartbeat(2));
      await sleep(150);
      one.round();
      expect(one.heard).toEqual([`${quiet} 2`]);
      expect(one.waits[0]).toBeGreaterThanOrEqual(140);
      expect(one.signalling.snapshot().reception).toMatchObject({ dropped: 1 });
    });

    it('counts what the kernel had no room for', async () => {
      const one = node({ addresses: [{ address: local }] });
      await startFlood();
      const dropped = () => (one.signalling.snapshot().signalling as [{ droppedByKernel: number }])[0].droppedByKernel;
      for (let i = 0; i < 50 && dropped() === 0; i++) {
        await sleep(200); // its buffer fills
        one.round();
      }
      expect(dropped()).toBeGreaterThan(0);
    });

    it('marks what it sends with the code point, and with another after that was configured', () => {
      const config = { peers: [], learning: false, closed: [] };
      const { signalling } = node({ addresses: [{ address: local, dscp: 50 }] });
      const tap = opened(packetTap());
      const to = { transport: family === 'ipv6' ? 'ipv6' : 'ipv4-udp', local, remote: address(quiet) } as const;
      const [version, protocolAt, protocol] = family === 'ipv6' ? [6, 6, posix.IPPROTO_MH] : [4, 9, posix.IPPROTO_UDP];
      const marked = () => {
        signalling.queue({ kind: 'send', to, message: heartbeat(1) });
        signalling.flush();
        const packet = tap.first((bytes) => (bytes[0] ?? 0) >> 4 === version && bytes[protocolAt] === protocol);
        return version === 6 ? (packet.readUInt16BE(0) >> 4) & 0xff : packet[1];
      };
      expect(marked()).toBe(50 << 2);
      signalling.configure({ ...config, addresses: [{ address: local, dscp: 10 }] });
      expect(marked()).toBe(10 << 2);
      signalling.configure({ ...config, addresses: [{ address: local }] });
      expect(marked()).toBe(0);
    });

    it.each(['acc', 'pmip0'])('hears nobody from the interface %s, where mobile nodes are', (link) => {
      const far = family === 'ipv6' ? '2001:db8:9::1' : '198.51.100.1';
      const bits = family === 'ipv6' ? 128 : 32;
      ip('-n', ours, 'link', 'add', link, 'type', 'veth', 'peer', 'name', link, 'netns', theirs);
      opened({ close: () => ip('-n', ours, 'link', 'delete', link) });
      for (const name of [ours, theirs]) ip('-n', name, 'link', 'set', link, 'up');
      ip('-n', ours, 'address', 'add', `${far}/${bits}`, 'dev', link);
      ip('-n', ours, 'route', 'add', `${quiet}/${bits}`, 'dev', link);
      ip('-n', theirs, 'route', 'add', `${far}/${bits}`, 'dev', link);
      const config = { addresses: [{ address: address(far) }], learning: true };
      const socket = opened(peerSocket(address(quiet)));
      for (const closed of [[], ['pmip0', 'acc']]) {
        const one = new Node({ ...config, closed });
        send(socket, address(far), heartbeat(1));
        send(socket, address(far), heartbeat(2));
        for (let i = 0; i < 20 && one.heard.length + one.signalling.fromMobileNodes < 2; i++) one.round();
        expect(one.heard).toEqual(closed.length > 0 ? [] : [`${quiet} 1`, `${quiet} 2`]);
        expect(one.signalling.fromMobileNodes).toBe(closed.length > 0 ? 2 : 0);
        one.signalling.close();
      }
    });
  });
});
