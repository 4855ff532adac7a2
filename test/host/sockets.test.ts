import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { LinkMonitor } from '#host/link-monitor.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { PacketSocket } from '#host/packet-socket.ts';
import * as posix from '#host/posix.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';

const isRoot = process.geteuid?.() === 0;
const names = [`mtd${process.pid}-a`, `mtd${process.pid}-b`] as const;
const addresses = ['2001:db8::a', '2001:db8::b'].map((text) => Ipv6Address.parse(text) as Ipv6Address) as [
  Ipv6Address,
  Ipv6Address,
];

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}

function within<T>(side: 0 | 1, action: () => T): T {
  return inNetworkNamespace(`/run/netns/${names[side]}`, action);
}

/** Polls for at most a second until `done`. */
function until(fd: number, done: () => boolean): void {
  const set = posix.alloc(8);
  set.buffer.writeInt32LE(fd, 0);
  set.buffer.writeUInt16LE(posix.POLLIN, 4);
  for (let i = 0; i < 20 && !done(); i++) posix.poll(set.pointer, 1, 50);
}

describe.skipIf(!isRoot)('sockets in network namespaces (needs root)', () => {
  beforeAll(() => {
    for (const name of names) ip('netns', 'add', name);
    ip('-n', names[0], 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v0', 'netns', names[1]);
    for (const [i, name] of names.entries()) {
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', 'v0', 'up');
      ip('-n', name, 'address', 'add', `${addresses[i]}/64`, 'dev', 'v0', 'nodad');
    }
    ip('-n', names[1], 'address', 'add', '192.0.2.2/24', 'dev', 'v0');
    ip('-n', names[0], 'address', 'add', '192.0.2.1/24', 'dev', 'v0');
  });
  afterAll(() => {
    for (const name of names) ip('netns', 'delete', name);
  });

  describe('MobilitySocket', () => {
    it('carries a Mobility Header with a checksum that the kernel fills, and tells who sent it', () => {
      const failures: string[] = [];
      const open = (side: 0 | 1) =>
        within(side, () => new MobilitySocket(addresses[side], (_remote, code) => failures.push(code)));
      const [from, to] = [open(0), open(1)];
      const heartbeat = Uint8Array.from([59, 1, 13, 0, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 0, 0]);
      from.queue(addresses[1], heartbeat);
      from.flush();
      const received: [string, Uint8Array][] = [];
      until(to.fd, () => {
        to.receive((remote, bytes) => received.push([remote.toString(), Uint8Array.from(bytes)]));
        return received.length > 0;
      });
      expect(received.map(([remote]) => remote)).toEqual(['2001:db8::a']);
      const bytes = received[0]?.[1] as Uint8Array;
      expect(bytes.subarray(4, 6)).not.toEqual(Uint8Array.of(0, 0));
      expect(bytes.subarray(6)).toEqual(heartbeat.subarray(6));
      expect(from.counters).toMatchObject({ sent: 1, sendFailed: 0 });
      from.close();
      to.close();
    });

    it('says that a peer cannot be reached, and goes on', () => {
      const failures: string[] = [];
      const socket = within(
        0,
        () => new MobilitySocket(addresses[0], (remote, code) => failures.push(`${remote} ${code}`)),
      );
      socket.queue(Ipv6Address.parse('2001:db8:dead::1') as Ipv6Address, new Uint8Array(16));
      socket.queue(addresses[1], new Uint8Array(16));
      socket.flush();
      expect(failures).toEqual(['2001:db8:dead::1 ENETUNREACH']);
      expect(socket.counters).toMatchObject({ sent: 1, sendFailed: 1 });
      socket.close();
    });

    it('refuses an address that is not on this host', () => {
      const open = () => within(0, () => new MobilitySocket(addresses[1], () => {}));
      expect(open).toThrowError(/bind 2001:db8::b: EADDRNOTAVAIL/);
    });
  });

  describe('UdpSignallingSocket', () => {
    const [near, far] = ['192.0.2.1', '192.0.2.2'].map((text) => Ipv4Address.parse(text)) as [Ipv4Address, Ipv4Address];
    const open = (side: 0 | 1, failures: string[] = []) =>
      within(
        side,
        () => new UdpSignallingSocket(side === 0 ? near : far, (remote, code) => failures.push(`${remote} ${code}`)),
      );

    it('[RFC 5844 §4.1.3.2] receives on port 5436, whatever it is, and answers from there to the port that it came from', () => {
      const socket = open(1);
      const noise = randomBytes(3000);
      // What begins as an IP packet does is the data plane's, not this socket's.
      noise[0] = 59;
      const out = within(0, () => posix.check('socket', posix.socket(posix.AF_INET, posix.SOCK_DGRAM, 0)));
      const name = posix.sockaddrIn(near, 40_000);
      posix.check('bind', posix.bind(out, name, name.length));
      const to = posix.sockaddrIn(far, 5436);
      posix.check('sendto', posix.sendto(out, noise, 1000, 0, to, to.length));
      posix.check('sendto', posix.sendto(out, noise, 2999, 0, to, to.length));
      const received: string[] = [];
      until(socket.fd, () => {
        socket.receive((remote, bytes, port) => {
          received.push(`${remote} ${port} ${bytes.length}`);
          socket.queue(remote, bytes.subarray(0, 8), { port });
        });
        return socket.counters.received === 2;
      });
      expect(received).toEqual(['192.0.2.1 40000 1000']);
      expect(socket.counters).toMatchObject({ received: 2, tooLong: 1 });
      socket.flush();
      const answer = Buffer.alloc(100);
      const length = Buffer.from(Uint32Array.of(16).buffer);
      const from = Buffer.alloc(16);
      expect(posix.recvfrom(out, answer, 100, 0, from, length)).toBe(8);
      expect(answer.subarray(0, 8)).toEqual(noise.subarray(0, 8));
      expect(posix.readSockaddrIn(from, 0)).toMatchObject({ port: 5436 });
      posix.close(out);
      socket.close();
    });

    it('takes an ICMP error for a failure to send to that peer, and loses no other message by it', () => {
      const failures: string[] = [];
      const [socket, other] = [open(0, failures), open(1)];
      let received = 0;
      for (let i = 0; i < 4; i++) {
        socket.queue(far, new Uint8Array(8), { port: 9 });
        socket.flush();
        socket.queue(far, new Uint8Array(8));
        socket.flush();
      }
      until(other.fd, () => {
        other.receive(() => received++);
        return received === 4;
      });
      until(socket.fd, () => {
        socket.receive(() => {});
        return failures.length >= 4;
      });
      expect(failures).toEqual(new Array(4).fill('192.0.2.2 ECONNREFUSED'));
      expect(socket.counters).toMatchObject({ sent: 8, sendFailed: 4 });
      // Nothing is left, so that a loop over it sleeps.
      const set = posix.alloc(8);
      set.buffer.writeInt32LE(socket.fd, 0);
      set.buffer.writeUInt16LE(posix.POLLIN, 4);
      expect(posix.poll(set.pointer, 1, 0)).toBe(0);
      socket.close();
      other.close();
    });

    it('says that a peer cannot be reached, and goes on', () => {
      const failures: string[] = [];
      const [socket, other] = [open(0, failures), open(1)];
      socket.queue(Ipv4Address.parse('198.51.100.1') as Ipv4Address, new Uint8Array(8));
      socket.queue(far, new Uint8Array(8));
      socket.flush();
      expect(failures).toEqual(['198.51.100.1 ENETUNREACH']);
      expect(socket.counters).toMatchObject({ sent: 1, sendFailed: 1 });
      socket.close();
      other.close();
    });

    it('refuses an address that is not on this host', () => {
      expect(() => within(0, () => new UdpSignallingSocket(far, () => {}))).toThrowError(
        /bind UDP 192.0.2.2 port 5436: EADDRNOTAVAIL/,
      );
    });
  });

  describe('PacketSocket', () => {
    it('sends with any source address, does not see its own frames, and without a filter passes control frames only', () => {
      const [near, far] = ([0, 1] as const).map((side) => within(side, () => new PacketSocket('v0', undefined)));
      if (!near || !far) throw new Error('no sockets');
      for (const body of Object.values(frames)) near.queue(frame(body));
      near.flush();
      const seen: string[] = [];
      until(far.fd, () => {
        far.receive((bytes) => {
          if (Buffer.from(bytes).subarray(6, 12).equals(source))
            seen.push(Buffer.from(bytes).subarray(12).toString('hex'));
        });
        return seen.length >= 4;
      });
      const wanted = [frames.arp, frames.llc, frames.dhcp, frames.routerSolicitation];
      expect(seen).toEqual(wanted.map((body) => frame(body).subarray(12).toString('hex')));
      near.receive((bytes) => expect(Buffer.from(bytes).subarray(6, 12).equals(source)).toBe(false));
      near.close();
      far.close();
    });

    it('names an interface that is not there', () => {
      expect(() => within(0, () => new PacketSocket('nowhere', undefined))).toThrowError('interface nowhere: ENODEV');
    });
  });

  describe('LinkMonitor', () => {
    it('tells the state of every interface, and then what changes', () => {
      const monitor = within(0, () => new LinkMonitor());
      const states = new Map<string, string>();
      const mtus = new Map<string, number>();
      const read = () => {
        for (const { name, mtu, up, present } of monitor.read()) {
          states.set(name, present ? (up ? 'up' : 'down') : 'gone');
          mtus.set(name, mtu);
        }
      };
      until(monitor.fd, () => {
        read();
        return states.size >= 2;
      });
      expect(Object.fromEntries(states)).toMatchObject({ lo: 'up', v0: 'up' });
      ip('-n', names[0], 'link', 'set', 'v0', 'mtu', '1400');
      until(monitor.fd, () => {
        read();
        return mtus.get('v0') === 1400;
      });
      expect(mtus.get('v0')).toBe(1400);
      ip('-n', names[1], 'link', 'set', 'v0', 'down'); // takes the carrier away at this end
      until(monitor.fd, () => {
        read();
        return states.get('v0') === 'down';
      });
      expect(states.get('v0')).toBe('down');
      ip('-n', names[1], 'link', 'delete', 'v0');
      until(monitor.fd, () => {
        read();
        return states.get('v0') === 'gone';
      });
      expect(states.get('v0')).toBe('gone');
      monitor.close();
    });
  });
});

const source = Buffer.from('02aabbccddee', 'hex');
const ipv4 = (protocol: number, port: number) => {
  const bytes = Buffer.alloc(2 + 20 + 8);
  bytes.writeUInt16BE(0x0800, 0);
  bytes[2] = 0x45;
  bytes[11] = protocol;
  bytes.writeUInt16BE(port, 24);
  return bytes;
};
const ipv6 = (nextHeader: number, type: number) => {
  const bytes = Buffer.alloc(2 + 40 + 8);
  bytes.writeUInt16BE(0x86dd, 0);
  bytes[2] = 0x60;
  bytes[8] = nextHeader;
  bytes[42] = type;
  return bytes;
};
/** EtherType or length, and what follows. */
const frames = {
  arp: Buffer.concat([Buffer.from('0806', 'hex'), Buffer.alloc(28)]),
  ipv4Data: ipv4(6, 80),
  llc: Buffer.from('00060001af810100', 'hex'),
  dns: ipv4(17, 53),
  dhcp: ipv4(17, 67),
  ipv6Data: ipv6(6, 133),
  routerSolicitation: ipv6(58, 133),
  echoRequest: ipv6(58, 128),
};

function frame(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from('ffffffffffff', 'hex'), source, body, Buffer.alloc(Math.max(0, 48 - body.length))]);
}
