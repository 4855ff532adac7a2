import { spawnSync } from 'node:child_process';
import { afterAll } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import type { KernelFeature } from '#host/kernel-features.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import {
  AF_PACKET,
  alloc,
  bind,
  check,
  close,
  ETH_P_ALL,
  ifNameToIndex,
  PACKET_IGNORE_OUTGOING,
  POLLIN,
  poll,
  recv,
  SO_RCVBUFFORCE,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  SOL_SOCKET,
  send,
  setIntegerOption,
  sockaddrLl,
  socket,
} from '#host/posix.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { decodeEthernet, type EthernetFrame, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { type Arrival, type Bed, type Departed, mac, NODE_ADDRESS4, node } from './bed.ts';
import { sendLarge } from './large-segment.ts';
import { MARK } from './packets.ts';

/** Of this process, so that two runs on one machine do not meet. */
export const NODE_NAMESPACE = `mtdp${process.pid}-node`;
export const FAR_NAMESPACE = `mtdp${process.pid}-far`;
const LINKS = { access: 'acc', access2: 'acc2', transport: 'core', core: 'inet' } as const;
/** Where the node has customers 1 and 2: their correspondent nodes have the same addresses as its own. */
const CUSTOMER_LINKS = { core1: 'inet1', core2: 'inet2' } as const;
const CUSTOMER_TABLES = { inet1: 101, inet2: 102 } as const;
export const NODE_MAC = { core: mac('02:00:00:00:01:01'), inet: mac('02:00:00:00:02:01') };
const FAR_MAC = mac('02:00:00:00:03:01');
/** Octets, for all segments of a large packet, each of which takes much memory. */
const WIRE_BUFFER = 1 << 24;
/** How long nothing must arrive before an exchange is over. */
const QUIET_MS = 20;
const ARP_LENGTH = 28;

/** The commands that make the namespaces; the far one is only a set of wire ends. */
const creation = (names: readonly string[]) => `netns add ${NODE_NAMESPACE}
netns add ${FAR_NAMESPACE}
${names
  .map((name) => `link add name ${name} netns ${NODE_NAMESPACE} type veth peer name ${name} netns ${FAR_NAMESPACE}`)
  .join('\n')}`;
const NODE_BATCH = `link set core address ${NODE_MAC.core}
link set inet address ${NODE_MAC.inet}
${['lo', ...Object.values(LINKS)].map((name) => `link set ${name} up`).join('\n')}
addr add 2001:db8:cafe:1024::101/64 dev core nodad
addr add 198.18.0.101/24 dev core
addr add 198.51.100.1/24 dev inet
neigh add 198.18.0.8 lladdr ${FAR_MAC} dev core nud permanent
addr add 2001:db8:100::1/64 dev inet nodad
neigh add 2001:db8:cafe:1024::8 lladdr ${FAR_MAC} dev core nud permanent
neigh add 198.51.100.10 lladdr ${FAR_MAC} dev inet nud permanent
neigh add 2001:db8:100::10 lladdr ${FAR_MAC} dev inet nud permanent
route add 198.18.0.0/15 via 198.18.0.8
route add 2001:db8:cafe::/48 via 2001:db8:cafe:1024::8`;

const CUSTOMER_BATCH = Object.entries(CUSTOMER_TABLES)
  .map(
    ([name, table]) => `link set ${name} address ${NODE_MAC.inet}
link set ${name} up
route add default dev ${name} table ${table}
route add ::/0 dev ${name} table ${table}
neigh add 198.51.100.10 lladdr ${FAR_MAC} dev ${name} nud permanent
neigh add 2001:db8:100::10 lladdr ${FAR_MAC} dev ${name} nud permanent`,
  )
  .join('\n');

/** Why this machine cannot run a kernel bed; `undefined` when it can. */
export function kernelBedMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (spawnSync('ip', ['-V']).status !== 0) return 'needs iproute2';
  try {
    const bed = kernelBed();
    bed.close();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A bed of real packets. */
export interface HostBed<Plane extends HostDataPlane> extends Bed {
  plane: Plane;
  /** As if the process were killed, and its network namespaces went with all that is in them. */
  abandon(): void;
  /** The same as `exchange`, of a TCP segment from the core that is to be cut into segments of so many octets of data. */
  exchangeLarge(packet: Uint8Array, size: number): Departed[];
  /** What leaves for what has come in otherwise. */
  settled(): Departed[];
  /** Puts packets on a wire, and looks for nothing in return. */
  pour(port: 'transport' | 'core', packets: readonly Uint8Array[]): void;
  /** Puts a frame on a wire, and gives the frames that come back on the same wire. */
  answers(port: Departed['to'], frame: EthernetFrame): EthernetFrame[];
}

export type KernelBed = HostBed<BpfDataPlane>;

export interface HostBedOptions {
  readonly started?: boolean;
  readonly forwarding?: NodeForwarding;
  /** The namespaces are those of the bed before, which has left them as they were, and there for the next one. */
  readonly shared?: boolean;
}

export interface KernelBedOptions extends HostBedOptions {
  /** What the kernel has and is not to be used. */
  readonly without?: readonly KernelFeature[];
}

/** `BpfDataPlane` in a network namespace, with real packets on veth pairs. It is started unless told otherwise. */
export function kernelBed({ without = [], ...options }: KernelBedOptions = {}): KernelBed {
  return hostBed(() => new BpfDataPlane({ without }), options);
}

/** `make` makes a data plane for a network namespace, with real packets on veth pairs. */
export function hostBed<Plane extends HostDataPlane>(
  make: () => Plane,
  { started = true, forwarding = node, shared = false }: HostBedOptions = {},
): HostBed<Plane> {
  const network = networkFor(forwarding, shared);
  let retired = false;
  const { wires } = network;
  let plane = make();
  if (started) inside(() => plane.start(forwarding));
  return {
    get plane() {
      return plane;
    },
    set plane(other) {
      plane = other;
    },
    succeed(next) {
      const killed = plane;
      inside(() => killed.close({ keep: true }));
      plane = make();
      inside(() => plane.start(next));
    },
    inside,
    later: (durationMs) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs),
    exchange(arrival: Arrival): Departed[] {
      for (const [port, fd] of wires) receive(port, fd);
      if (arrival.from === 'held') plane.forwardHeld('GigabitEthernet0/1/0', arrival.mac, arrival.packet);
      else {
        const frame = frameOf(arrival);
        check('send', send(wires.get(arrival.from) as number, frame, frame.length, 0));
      }
      const departed: Departed[] = [];
      settle(wires, plane, (port, fd) => departed.push(...receive(port, fd)));
      return departed;
    },
    exchangeLarge(packet, size) {
      for (const [port, fd] of wires) receive(port, fd);
      sendLarge(FAR_NAMESPACE, LINKS.core, frameOf({ from: 'core', packet }), size);
      const departed: Departed[] = [];
      settle(wires, plane, (port, fd) => departed.push(...receive(port, fd)));
      return departed;
    },
    settled() {
      const departed: Departed[] = [];
      settle(wires, plane, (port, fd) => departed.push(...receive(port, fd)));
      return departed;
    },
    pour(port, packets) {
      for (const packet of packets) {
        const frame = frameOf({ from: port, packet });
        check('send', send(wires.get(port) as number, frame, frame.length, 0));
      }
    },
    answers(port, frame) {
      const fd = wires.get(port) as number;
      receiveFrames(fd);
      const bytes = encodeEthernet(frame);
      check('send', send(fd, bytes, bytes.length, 0));
      const frames: EthernetFrame[] = [];
      const take = () => frames.push(...receiveFrames(fd).map(({ frame: received }) => received));
      inside(() => settle(new Map([[port, fd]]), plane, take));
      return frames;
    },
    answersToArp(from, source, payload) {
      const frame = { destination: MacAddress.broadcast, source, tags: [], etherType: EtherType.ARP, payload };
      const answers = this.answers(from, frame).filter(({ etherType }) => etherType === EtherType.ARP);
      return answers.map(({ destination, payload: answer }) => {
        if (!destination.equals(source)) throw new Error(`ARP of ${source} is answered to ${destination}`);
        return answer.subarray(0, ARP_LENGTH);
      });
    },
    setAccessMtu(octets): void {
      ip(['-n', NODE_NAMESPACE, 'link', 'set', LINKS.access, 'mtu', `${octets}`]);
      settle(wires, plane, receive);
    },
    abandon(): void {
      inside(() => plane.close({ keep: true }));
      network.close();
    },
    retire(): void {
      retired = true;
    },
    close(): void {
      inside(() => plane.close());
      if (shared && !retired) idle = network;
      else network.close();
    },
  };
}

interface Network {
  readonly hasCustomers: boolean;
  /** A packet socket for each wire. */
  readonly wires: ReadonlyMap<Departed['to'], number>;
  close(): void;
}

let idle: Network | undefined;
afterAll(() => {
  idle?.close();
  idle = undefined;
});

/** The idle one, if it may be and is of the same kind. */
function networkFor({ customers }: NodeForwarding, shared: boolean): Network {
  const former = idle;
  idle = undefined;
  const hasCustomers = customers !== undefined;
  if (shared && former?.hasCustomers === hasCustomers) return former;
  former?.close();
  return openNetwork(hasCustomers);
}

function openNetwork(hasCustomers: boolean): Network {
  removeNamespaces();
  const links = hasCustomers ? { ...LINKS, ...CUSTOMER_LINKS } : LINKS;
  ip(['-batch', '-'], creation(Object.values(links)));
  ip(
    ['-n', FAR_NAMESPACE, '-batch', '-'],
    Object.values(links)
      .map((name) => `link set ${name} up`)
      .join('\n'),
  );
  ip(['-n', NODE_NAMESPACE, '-batch', '-'], NODE_BATCH);
  if (hasCustomers) ip(['-n', NODE_NAMESPACE, '-batch', '-'], CUSTOMER_BATCH);
  const wires = new Map(Object.entries(links).map(([port, link]) => [port as Departed['to'], openWire(link)]));
  // Who sends tunnel packets to the port of signalling must find it open, as it is beside any daemon.
  const signalling = inside(() => new UdpSignallingSocket(NODE_ADDRESS4, () => {}));
  return {
    hasCustomers,
    wires,
    close(): void {
      signalling.close();
      for (const fd of wires.values()) close(fd);
      removeNamespaces();
    },
  };
}

function inside<T>(action: () => T): T {
  return inNetworkNamespace(`/run/netns/${NODE_NAMESPACE}`, action);
}

export function ip(options: readonly string[], input = ''): string {
  const done = spawnSync('ip', options, { input, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`ip ${options.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

/** The kernel tells of a new link's carrier up to a second later, and some tell of its state only then. */
export function awaitCarrier(): void {
  const isTold = () => !/NO-CARRIER|state UNKNOWN/.test(ip(['-n', NODE_NAMESPACE, 'link', 'show', 'type', 'veth']));
  for (let i = 0; i < 200 && !isTold(); i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

function removeNamespaces(): void {
  for (const name of [NODE_NAMESPACE, FAR_NAMESPACE]) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
}

function openWire(link: string): number {
  return inNetworkNamespace(`/run/netns/${FAR_NAMESPACE}`, () => {
    const fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0));
    setIntegerOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
    setIntegerOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, WIRE_BUFFER);
    check('bind', bind(fd, sockaddrLl(ifNameToIndex(link), ETH_P_ALL), SOCKADDR_LL_LENGTH));
    return fd;
  });
}

function frameOf(arrival: Exclude<Arrival, { from: 'held' }>): Uint8Array {
  const version = (arrival.packet[0] as number) >>> 4;
  const onAccess = arrival.from === 'access' || arrival.from === 'access2';
  return encodeEthernet({
    destination: onAccess ? MacAddress.pmipv6Mag : arrival.from === 'transport' ? NODE_MAC.core : NODE_MAC.inet,
    source: onAccess ? arrival.mac : FAR_MAC,
    tags: [],
    etherType: version === 4 ? EtherType.IPV4 : EtherType.IPV6,
    payload: arrival.packet,
  });
}

/** Until nothing arrives for a while. The slow path runs as in the packet worker: whenever one of its descriptors is readable. */
function settle(
  wires: ReadonlyMap<Departed['to'], number>,
  plane: HostDataPlane | undefined,
  arrived: (port: Departed['to'], fd: number) => void,
): void {
  const ports = [...wires];
  const slow = plane?.running ? plane.slowPathFds() : [];
  const fds = [...ports.map(([, fd]) => fd), ...slow];
  const set = alloc(fds.length * 8).buffer;
  for (const [i, fd] of fds.entries()) {
    set.writeInt32LE(fd, i * 8);
    set.writeUInt16LE(POLLIN, i * 8 + 4);
  }
  while (poll(set, fds.length, QUIET_MS) > 0) {
    for (const [port, fd] of ports) arrived(port, fd);
    for (const [i, fd] of slow.entries()) {
      const ready = set.readUInt16LE((ports.length + i) * 8 + 6) !== 0;
      // Its descriptors are others now.
      if (ready && plane?.handleSlowPath(fd)) {
        settle(wires, plane, arrived);
        return;
      }
    }
  }
}

const buffer = alloc(65536).buffer;

/** The marked packets. */
function receive(port: Departed['to'], fd: number): Departed[] {
  const isAccess = port === 'access' || port === 'access2';
  return receiveFrames(fd)
    .filter(({ bytes }) => bytes.indexOf(MARK) >= 0)
    .map(({ frame: { destination, payload } }) =>
      isAccess ? { to: port, mac: destination, packet: payload } : { to: port, packet: payload },
    );
}

function receiveFrames(fd: number): { frame: EthernetFrame; bytes: Buffer }[] {
  const found: { frame: EthernetFrame; bytes: Buffer }[] = [];
  for (;;) {
    const length = recv(fd, buffer, buffer.length, 0);
    if (length < 0) return found;
    const bytes = Buffer.from(buffer.subarray(0, length));
    const frame = decodeEthernet(bytes);
    if (frame.ok) found.push({ frame: frame.value, bytes });
  }
}
