import type { ClockReading } from '#base/time.ts';
import { radiusAttributeName, radiusAttributeText, radiusName } from '#cli/decode-radius.ts';
import { decodeRadius } from '#wire/radius.ts';
import { RadiusHistory } from '../observe/radius-history.ts';
import { type DebugBatch, DebugOutlet } from './outlet.ts';

/** What IOS does not show either: passwords and keys, enciphered as they are. */
export const HIDDEN_ATTRIBUTES = /Password|MPPE|Key/;

/** `debug radius`: exchanges with RADIUS servers, as IOS tells them. They are the main thread's. */
export class RadiusDebug {
  on = false;
  readonly #outlet = new DebugOutlet();
  readonly #tell: (batch: DebugBatch) => void;

  readonly #history: RadiusHistory;

  /** Everything that passes is told to `history` too. */
  constructor(tell: (batch: DebugBatch) => void, history = new RadiusHistory()) {
    this.#tell = tell;
    this.#history = history;
  }

  passed(direction: 'sent' | 'received', server: string, port: number, octets: Uint8Array, now: ClockReading): void {
    this.#history.passed(direction, server, port, octets, now);
    if (!this.on) return;
    this.#outlet.refill(now);
    if (this.#outlet.admits()) this.#outlet.write(now, radiusLines(direction, `${server}:${port}`, octets));
    this.#tell(this.#outlet.take());
  }
}

export function radiusLines(direction: 'sent' | 'received', peer: string, octets: Uint8Array): string[] {
  const decoded = decodeRadius(octets);
  if (!decoded.ok) return [`RADIUS: malformed packet of ${octets.length} octets from ${peer}: ${decoded.error.rule}`];
  const { value } = decoded;
  const name = radiusName(value);
  const head =
    direction === 'sent'
      ? `RADIUS: Send ${name} to ${peer} id ${value.identifier}, len ${octets.length}`
      : `RADIUS: Received from id ${value.identifier} ${peer}, ${name}, len ${octets.length}`;
  return [
    head,
    ...value.attributes.map((attribute) => {
      const called = radiusAttributeName(attribute);
      const shown = HIDDEN_ATTRIBUTES.test(called) ? '*' : radiusAttributeText(attribute);
      const number = attribute.vendor === 0 ? attribute.type : `26/${attribute.vendor}/${attribute.type}`;
      return `RADIUS:  ${called.padEnd(20)}[${number}] ${attribute.value.length} ${shown}`;
    }),
  ];
}
