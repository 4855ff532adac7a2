import type { ProbeResult, ProbeWindow } from './protocol.ts';

/** When each probe was sent and answered, by its number. */
export class ProbeLog {
  readonly #sentAt: number[] = [];
  readonly #answeredAt: number[] = [];

  /** Notes a probe and gives its number. */
  sent(now: number): number {
    this.#answeredAt.push(0);
    return this.#sentAt.push(now) - 1;
  }

  answered(number: number, now: number): void {
    if (this.#answeredAt[number] === 0) this.#answeredAt[number] = now;
  }

  result({ from, to }: ProbeWindow): ProbeResult {
    const numbers = this.#numbersIn(from, to);
    const arrivals = numbers.map((number) => this.#answeredAt[number] as number).filter((at) => at > 0);
    const roundTrips = numbers
      .filter((number) => this.#answeredAt[number] !== 0)
      .map((number) => (this.#answeredAt[number] as number) - (this.#sentAt[number] as number))
      .sort((a, b) => a - b);
    arrivals.sort((a, b) => a - b);
    let longestGap = arrivals.length === 0 ? to - from : 0;
    for (let i = 1; i < arrivals.length; i++) {
      longestGap = Math.max(longestGap, (arrivals[i] as number) - (arrivals[i - 1] as number));
    }
    return {
      sent: numbers.length,
      lost: numbers.length - arrivals.length,
      longestGap,
      medianRoundTrip: roundTrips[roundTrips.length >> 1] ?? 0,
      longestRoundTrip: roundTrips.at(-1) ?? 0,
    };
  }

  #numbersIn(from: number, to: number): number[] {
    const numbers: number[] = [];
    for (let number = this.#sentAt.length - 1; number >= 0; number--) {
      const at = this.#sentAt[number] as number;
      if (at < from) break;
      if (at < to) numbers.push(number);
    }
    return numbers.reverse();
  }
}
