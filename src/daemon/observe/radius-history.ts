import { MacAddress } from '#base/mac-address.ts';
import type { ClockReading } from '#base/time.ts';
import { radiusAttributeName, radiusAttributeText } from '#cli/decode-radius.ts';
import { decodeRadius, type RadiusPacket } from '#wire/radius.ts';
import type { Direction } from '../capture/ring.ts';
import { type Step, StepRing } from './step-ring.ts';

const STEPS = 8192;
const OCTETS = 4_194_304;
/** Requests whose answers, which name nobody, are awaited. */
const UNANSWERED_MAXIMUM = 4096;
const NAMES = ['Calling-Station-Id', 'Mobile-Node-Identifier', 'User-Name'];

/** Exchanges with RADIUS servers about each mobile node, for who asks later: they are the main thread's. */
export class RadiusHistory {
  #ring: StepRing | undefined;
  readonly #asked = new Map<string, string>();

  /** What was kept is forgotten when it is switched off. */
  switch(on: boolean): void {
    this.#ring = on ? (this.#ring ?? new StepRing(STEPS, OCTETS)) : undefined;
    if (!on) this.#asked.clear();
  }

  passed(direction: Direction, server: string, port: number, octets: Uint8Array, now: ClockReading): void {
    if (!this.#ring) return;
    const decoded = decodeRadius(octets);
    if (!decoded.ok) return;
    const exchange = `${server} ${port} ${decoded.value.identifier}`;
    const named = keyOf(decoded.value);
    const key = named ?? this.#asked.get(exchange);
    if (named === undefined) this.#asked.delete(exchange);
    else this.#ask(exchange, named);
    if (key === undefined) return;
    const place = { kind: 'server', server: `${server}:${port}` } as const;
    this.#ring.addMessage(key, { at: now.utc, direction, place, octets }, undefined);
  }

  steps(keys: Iterable<string>): Step[] {
    const ring = this.#ring;
    return ring ? Array.from(keys, (key) => ring.steps(key).steps).flat() : [];
  }

  #ask(exchange: string, key: string): void {
    this.#asked.delete(exchange);
    this.#asked.set(exchange, key);
    if (this.#asked.size > UNANSWERED_MAXIMUM) this.#asked.delete(this.#asked.keys().next().value as string);
  }
}

/** The link-layer address as `0024.d78e.21a4`, or a name. */
function keyOf({ attributes }: RadiusPacket): string | undefined {
  for (const name of NAMES) {
    const attribute = attributes.find((one) => radiusAttributeName(one) === name);
    if (!attribute) continue;
    const text = radiusAttributeText(attribute).replace(/^"|"$/g, '');
    const mac = macOf(text);
    if (mac) return mac.toCiscoString();
    if (name !== 'Calling-Station-Id') return text;
  }
  return undefined;
}

/** `00-24-D7-8E-21-A4:network` too, as access points have it, and without any separators. */
function macOf(text: string): MacAddress | undefined {
  const digits = /^[0-9a-f]{2}([-:.]?[0-9a-f]{2}){5}/i.exec(text)?.[0].replace(/[^0-9a-f]/gi, '');
  return digits?.length === 12 ? MacAddress.parse((digits.match(/../g) as string[]).join(':')) : undefined;
}
