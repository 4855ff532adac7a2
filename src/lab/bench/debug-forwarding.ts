import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { MacAddress } from '#base/mac-address.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { attach } from '../attach.ts';
import { controlPath } from '../daemons.ts';
import { Lab } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import { namespacePath } from '../namespaces.ts';
import { correspondent, stationMac } from '../topology.ts';
import { compileTraffic, frameOf, processorTime, softirqThread } from './dataplane/traffic.ts';
import { type Debugging, DebugTerminal } from './debug-terminal.ts';

const FLOOD_MS = 400;
const OCTETS = 64;
/** What is still on its way when the sender has ended. */
const SETTLE_MS = 20;

/** A mobile node of the lab that sends as much as it can, to a correspondent node behind the anchor. */
export class DebugForwarding {
  readonly #lab: Lab;
  readonly #prefix: string;
  readonly #terminals: readonly DebugTerminal[];
  readonly #program: string;
  readonly #cpu = availableParallelism() - 1;
  readonly #frame: string;

  /** Rejects with `LabError`. */
  static async open(prefix: string): Promise<DebugForwarding> {
    const lab = await Lab.start({
      ...{ prefix, ipv4Only: true, dhcpClient: 'udhcpc', impairment: undefined, onProgress: () => {} },
    });
    try {
      await attach(lab, ['ipv4']);
      lab.stopObserving();
      const terminals = [
        await DebugTerminal.open(controlPath(prefix, 'mag1'), ['acc', 'core']),
        await DebugTerminal.open(controlPath(prefix, 'lma'), ['core', 'inet']),
      ];
      return new DebugForwarding(lab, prefix, terminals);
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  private constructor(lab: Lab, prefix: string, terminals: readonly DebugTerminal[]) {
    this.#lab = lab;
    this.#prefix = prefix;
    this.#terminals = terminals;
    this.#program = compileTraffic(lab.directory);
    const { ipv4Address } = lab.mobileNode.state();
    const source = ipv4Address?.split('/')[0] as string;
    const frame = frameOf(source, correspondent.ipv4, `${MacAddress.pmipv6Mag}`, OCTETS, `${stationMac}`);
    this.#frame = Buffer.from(frame).toString('hex');
  }

  /** Packets that arrive for a second of the processor that sends and forwards them. Rejects with `LabError`. */
  async rate(debugging: Debugging): Promise<number> {
    for (const terminal of this.#terminals) await terminal.debug(debugging);
    const softirqs = softirqThread(this.#cpu);
    const before = { packets: this.#arrived(), time: processorTime(softirqs) };
    const words = [namespacePath(this.#prefix, 'mn'), `${this.#cpu}`, 'flood', 'eth0', this.#frame, `${FLOOD_MS}`];
    const { nanoseconds } = JSON.parse(execFileSync(this.#program, words, { encoding: 'utf8' }));
    await sleep(SETTLE_MS);
    const packets = this.#arrived() - before.packets;
    if (packets === 0) throw new LabError('bench-failed', 'no packet came through');
    return (packets * 1e9) / (nanoseconds + processorTime(softirqs) - before.time);
  }

  async close(): Promise<void> {
    for (const terminal of this.#terminals) terminal.close();
    await this.#lab.stop();
  }

  #arrived(): number {
    const text = inNetworkNamespace(namespacePath(this.#prefix, 'cn'), () =>
      readFileSync('/proc/thread-self/net/dev', 'utf8'),
    );
    const row = text.split('\n').find((line) => line.trim().startsWith('eth0:'));
    return Number(row?.split(':')[1]?.trim().split(/\s+/)[1]);
  }
}
