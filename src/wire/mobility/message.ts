import type { MobilityOption } from './options/table.ts';

/**
 * One Mobility Header message: its number, its fixed part, and both directions of its codec.
 * The header's first six octets, the options and the padding are dealt with outside of it.
 */
export interface MobilityMessageCodec<Type extends number, Message extends { readonly kind: string }> {
  readonly type: Type;
  /** An octet that tells messages of one type apart, and where it is. */
  readonly subtype?: { readonly at: number; readonly value: number };
  readonly kind: Message['kind'];
  /** As the RFC spells it. */
  readonly name: string;
  readonly rfc: string;
  /** Where the fixed part ends, from the start of the header. */
  readonly optionsAt: number;
  /** `bytes` holds the fixed part and starts with the header. Must not keep a view of it. */
  decode(bytes: Uint8Array, options: readonly MobilityOption[]): Message;
  /** Writes every octet from 6 to `optionsAt`. */
  encode(message: Message, out: Uint8Array): void;
}

export function defineMobilityMessage<Message extends { readonly kind: string }>(
  codec: MobilityMessageCodec<number, Message>,
): MobilityMessageCodec<number, Message> {
  return codec;
}
