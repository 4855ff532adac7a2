import type { FromRadius } from './radius-messages.ts';

/**
 * Messages of the main thread, in the order in which the packet worker takes them: what concerns mobile nodes about which nobody is asked, and what clients want, before all that follows from what
 * others are asked. As in `RecordLine`, nothing that an access point tells of a station passes what it says of itself.
 */
export class RadiusInbox {
  readonly #first: FromRadius[] = [];
  readonly #others: FromRadius[] = [];
  /** Among the others: what access points say of themselves. */
  #ofAccessPoints = 0;

  get length(): number {
    return this.#first.length + this.#others.length;
  }

  add(messages: readonly FromRadius[]): void {
    for (const message of messages) {
      if (this.#comesFirst(message)) this.#first.push(message);
      else this.#others.push(message);
      if (isOfAccessPoint(message)) this.#ofAccessPoints++;
    }
  }

  /** The next ones, `maximum` or one more: of the others there is always one, where there is any. */
  take(maximum: number): FromRadius[] {
    const first = this.#first.splice(0, maximum);
    const others = this.#others.splice(0, Math.max(1, maximum - first.length));
    for (const message of others) if (isOfAccessPoint(message)) this.#ofAccessPoints--;
    return [...first, ...others];
  }

  #comesFirst(message: FromRadius): boolean {
    if (message.kind === 'answer') return false;
    return message.kind !== 'accounted' || (message.about === 'local-station' && this.#ofAccessPoints === 0);
  }
}

function isOfAccessPoint(message: FromRadius): boolean {
  return message.kind === 'accounted' && message.about === 'access-point';
}
