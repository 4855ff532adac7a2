import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { PollLoop } from '#host/poll-loop.ts';
import {
  AF_INET,
  AF_INET6,
  check,
  connect,
  MSG_DONTWAIT,
  read,
  recv,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  send,
  sockaddrIn,
  sockaddrIn6,
  socket,
  timerfdCreate,
  timerfdSettime,
} from '#host/posix.ts';
import { runWithoutDelay } from '#host/scheduling.ts';
import { correspondent } from '../topology.ts';
import { ProbeLog } from './probe-log.ts';
import { type Family, type ProbeResult, type ProbeWindow, ports, probesPerSecond } from './protocol.ts';

/** Asks for the results of these windows. */
export interface ProbeCommand {
  readonly windows: readonly ProbeWindow[];
}
export type ProbeReport = readonly Partial<Record<Family, ProbeResult>>[];

const CLOCK_MONOTONIC = 1;
const PROBE_OCTETS = 64;
/** More than this many probes are not sent at once, however late the process was woken. */
const LARGEST_BURST = 20;

/** Sends a numbered echo request per family each millisecond and notes when it left and when its reply came. */
class Prober {
  readonly family: Family;
  readonly fd: number;
  readonly log = new ProbeLog();
  readonly #packet = Buffer.from(new ArrayBuffer(PROBE_OCTETS));
  readonly #reply = Buffer.from(new ArrayBuffer(PROBE_OCTETS));

  constructor(family: Family) {
    this.family = family;
    const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    this.fd = check('socket', socket(family === 'ipv4' ? AF_INET : AF_INET6, type, 0));
    const address = serverAddress(family);
    check('connect', connect(this.fd, address, address.length));
  }

  send(): void {
    const number = this.log.sent(monotonicMilliseconds());
    this.#packet.writeUInt32BE(number, 0);
    send(this.fd, this.#packet, PROBE_OCTETS, MSG_DONTWAIT); // a failure is a lost probe
  }

  receive(): void {
    while (recv(this.fd, this.#reply, PROBE_OCTETS, MSG_DONTWAIT) === PROBE_OCTETS) {
      this.log.answered(this.#reply.readUInt32BE(0), monotonicMilliseconds());
    }
  }
}

run((workerData as { families: readonly Family[] }).families.map((family) => new Prober(family)));

function run(probers: readonly Prober[]): void {
  runWithoutDelay();
  const loop = new PollLoop();
  for (const prober of probers) loop.watch(prober.fd, () => prober.receive());
  const timer = startTimer(1e9 / probesPerSecond);
  const expirations = Buffer.from(new ArrayBuffer(8));
  loop.watch(timer, () => {
    if (read(timer, expirations, 8) !== 8) return;
    const due = Math.min(Number(expirations.readBigUInt64LE(0)), LARGEST_BURST);
    for (let i = 0; i < due; i++) for (const prober of probers) prober.send();
  });
  for (;;) {
    loop.round(100);
    const message = parentPort && receiveMessageOnPort(parentPort);
    if (!message) continue;
    parentPort?.postMessage(report(probers, (message.message as ProbeCommand).windows));
  }
}

function startTimer(nanoseconds: number): number {
  const fd = check('timerfd_create', timerfdCreate(CLOCK_MONOTONIC, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const value = Buffer.from(new ArrayBuffer(32));
  value.writeBigInt64LE(BigInt(nanoseconds), 8);
  value.writeBigInt64LE(BigInt(nanoseconds), 24);
  check('timerfd_settime', timerfdSettime(fd, 0, value, null));
  return fd;
}

function serverAddress(family: Family): Buffer {
  return family === 'ipv4'
    ? sockaddrIn(Ipv4Address.parse(correspondent.ipv4) as Ipv4Address, ports.probe)
    : sockaddrIn6(Ipv6Address.parse(correspondent.ipv6) as Ipv6Address, ports.probe);
}

function report(probers: readonly Prober[], windows: readonly ProbeWindow[]): ProbeReport {
  return windows.map((window) =>
    Object.fromEntries(probers.map((prober) => [prober.family, prober.log.result(window)])),
  );
}
