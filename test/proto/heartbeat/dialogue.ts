/** The heartbeats of one node in virtual time, with a test's hand for its peers. */
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { SeededRandom } from '#base/random.ts';
import { instant, seconds, utcTime } from '#base/time.ts';
import {
  type HeartbeatConfig,
  HeartbeatMachine,
  type HeartbeatOutput,
  type HeartbeatRow,
} from '#proto/heartbeat/index.ts';
import type { PeerAddress, SendOutput } from '#proto/peer.ts';
import type { Proof } from '#proto/peer-proof.ts';
import { decodeMobilityHeader, encodeMobilityHeader, type Heartbeat } from '#wire/mobility/index.ts';

const OWN = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
export const PEER = peerAt('2001:db8:cafe:1025::15');
export const OVER_IPV4: PeerAddress = {
  transport: 'ipv4-udp',
  local: Ipv4Address.parse('198.51.100.1') as Ipv4Address,
  remote: Ipv4Address.parse('203.0.113.9') as Ipv4Address,
  port: 6000,
};

export function peerAt(address: string): PeerAddress {
  return { transport: 'ipv6', local: OWN, remote: Ipv6Address.parse(address) as Ipv6Address };
}

export class HeartbeatDialogue {
  readonly machine: HeartbeatMachine;
  readonly sessions = new Map<string, number>();
  outputs: HeartbeatOutput[] = [];
  #now = 1000;

  constructor(
    config: HeartbeatConfig | undefined = { interval: seconds(60), retries: 3 },
    announceTo: readonly PeerAddress[] = [],
    proven: (output: SendOutput) => SendOutput = (output) => output,
  ) {
    this.machine = new HeartbeatMachine({
      config,
      restartCounter: 7,
      random: new SeededRandom(1),
      sessionsWith: ({ remote }) => this.sessions.get(remote.key) ?? 0,
      announceTo,
      proven,
    });
  }

  handle(event: Parameters<HeartbeatMachine['handle']>[0]): void {
    this.machine.handle(event, { instant: instant(this.#now), utc: utcTime(this.#now) });
    this.outputs.push(...this.machine.drain());
  }

  /** A session with the peer begins, and its first request goes out; returns that. */
  begin(peer = PEER): Heartbeat {
    this.sessions.set(peer.remote.key, 1);
    this.handle({ kind: 'session', peer, name: 'mag1' });
    this.advance(1);
    const [first] = this.requests();
    if (!first) throw new Error('no request');
    return first;
  }

  /** Through the codec, as from the network. */
  receive(message: Heartbeat, from = PEER, proof: Proof = 'unneeded'): void {
    const decoded = decodeMobilityHeader(encodeMobilityHeader(message));
    if (!decoded.ok || decoded.value.kind !== 'heartbeat') throw new Error('not decoded');
    this.handle({ kind: 'message', from, message: decoded.value, proof });
  }

  /** The peer answers a request. */
  answer({ sequence }: Heartbeat, counter: number | undefined = 4, from = PEER, proof: Proof = 'unneeded'): void {
    const options = counter === undefined ? [] : [{ kind: 'restart-counter', counter } as const];
    this.receive({ kind: 'heartbeat', response: true, unsolicited: false, sequence, options }, from, proof);
  }

  advance(durationSeconds: number): void {
    const end = this.#now + durationSeconds * 1000;
    for (let next = this.machine.nextTimeout(); next !== undefined && next <= end; next = this.machine.nextTimeout()) {
      this.#now = Math.max(this.#now, next);
      this.handle({ kind: 'timeout' });
    }
    this.#now = end;
  }

  /** Sent so far; what is not a request is left. */
  requests(): Heartbeat[] {
    const isRequest = (output: HeartbeatOutput) =>
      output.kind === 'send' && output.message.kind === 'heartbeat' && !output.message.response;
    const found = this.outputs.filter(isRequest);
    this.outputs = this.outputs.filter((output) => !isRequest(output));
    return found.flatMap((output) =>
      output.kind === 'send' && output.message.kind === 'heartbeat' ? [output.message] : [],
    );
  }

  /** Changes of paths, and codes of logs, in order. */
  news(): string[] {
    const told = this.outputs.flatMap((output) => {
      if (output.kind === 'path') return [output.change];
      return output.kind === 'log' ? [`log ${output.code}`] : [];
    });
    this.outputs = [];
    return told;
  }

  row(at = 0): HeartbeatRow | undefined {
    return this.machine.snapshot({ instant: instant(this.#now), utc: utcTime(this.#now) })[at];
  }
}
