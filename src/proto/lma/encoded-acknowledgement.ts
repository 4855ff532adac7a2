import type { Duration } from '#base/time.ts';
import { type BindingAcknowledgement, decodeMobilityHeader, type MobilityOption } from '#wire/mobility/index.ts';

/** A Binding Acknowledgement that there are the octets of already: it is decoded when somebody reads it. */
export class EncodedAcknowledgement implements BindingAcknowledgement {
  readonly kind = 'binding-acknowledgement';
  readonly status: number;
  readonly #octets: Uint8Array;
  #decoded: BindingAcknowledgement | undefined;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
    this.status = octets[STATUS_AT] as number;
  }

  get flags(): number {
    return this.#message.flags;
  }

  get sequence(): number {
    return this.#message.sequence;
  }

  get lifetime(): Duration {
    return this.#message.lifetime;
  }

  get options(): readonly MobilityOption[] {
    return this.#message.options;
  }

  get #message(): BindingAcknowledgement {
    if (!this.#decoded) {
      const decoded = decodeMobilityHeader(this.#octets);
      if (!decoded.ok || decoded.value.kind !== this.kind)
        throw new Error('an acknowledgement of ours does not decode');
      this.#decoded = decoded.value;
    }
    return this.#decoded;
  }
}

/** RFC 6275 §6.1.8 "Binding Acknowledgement Message" */
const STATUS_AT = 6;
