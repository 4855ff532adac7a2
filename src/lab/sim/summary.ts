import type { FaultKind, SimulationFigures, SimulationOptions } from '#sim/index.ts';
import { FAULT_KINDS } from '#sim/index.ts';

/** The figures of many seeds together. */
export class Summary {
  #seeds = 0;
  #failed = 0;
  #longestInterruption = { ms: 0, seed: 0 };
  readonly #sums = new Map<string, number>();
  readonly #faults = new Map<FaultKind, number>();

  add(seed: number, figures: SimulationFigures, failed: boolean): void {
    this.#seeds++;
    if (failed) this.#failed++;
    const { faults, longestInterruptionMs, ...counts } = figures;
    for (const [name, count] of Object.entries(counts)) this.#sums.set(name, (this.#sums.get(name) ?? 0) + count);
    for (const kind of FAULT_KINDS) this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + (faults[kind] ?? 0));
    if (longestInterruptionMs > this.#longestInterruption.ms) {
      this.#longestInterruption = { ms: longestInterruptionMs, seed };
    }
  }

  get failed(): number {
    return this.#failed;
  }

  /** `12 seeds, none failed, 1.5 hours`. */
  get progress(): string {
    const hours = (this.#sum('virtualMs') / 3_600_000).toFixed(1);
    return `${this.#seeds} seeds, ${this.#failed === 0 ? 'none' : this.#failed} failed, ${hours} hours`;
  }

  table(): string {
    const rows: [string, string][] = [
      ['seeds', `${this.#seeds}, ${this.#failed} failed`],
      ['virtual time', `${(this.#sum('virtualMs') / 3_600_000).toFixed(2)} h`],
      ['events', this.#count('steps')],
      ['signalling messages', this.#count('messages')],
      ['packets lost', this.#count('lost')],
      ['packets doubled', this.#count('duplicated')],
      ['packets overtaken', this.#count('overtaken')],
      ['datagrams of mobile nodes', `${this.#count('datagramsSent')}, ${this.#count('datagramsAnswered')} answered`],
      ['from node to node', `${this.#count('hails')}, ${this.#count('routedLocally')} routed locally`],
      ['sessions allowed by AAA', this.#count('authorized')],
      [
        'sessions changed by AAA',
        `${this.#count('sessionsChanged')}, ${this.#count('sessionsTimedOut')} ended as their time was over`,
      ],
      ['answers of the DHCP server', this.#count('dhcpAnswers')],
      ['handovers', this.#count('handovers')],
      ['forwarding refused', this.#count('refusedForwarding')],
      ['times all agreed', this.#count('agreements')],
      [
        'longest interruption',
        `${(this.#longestInterruption.ms / 1000).toFixed(1)} s, in seed ${this.#longestInterruption.seed}`,
      ],
      ...[...this.#faults].map(([kind, count]): [string, string] => [`fault ${kind}`, count.toLocaleString('en')]),
    ];
    return rows.map(([name, value]) => `${name.padEnd(28)}${value}\n`).join('');
  }

  #sum(name: string): number {
    return this.#sums.get(name) ?? 0;
  }

  #count(name: keyof SimulationFigures): string {
    return this.#sum(name).toLocaleString('en');
  }
}

/** The command that runs the same again, and shows how it came about. */
export function replayCommand({ seed, minutes, nodes, without = [] }: SimulationOptions): string {
  const few = nodes === undefined ? '' : ` --nodes ${nodes}`;
  const left = without.length > 0 ? ` --without ${without.join(',')}` : '';
  return `npm run sim -- --seed ${seed} --minutes ${minutes}${few}${left} --verbose`;
}
