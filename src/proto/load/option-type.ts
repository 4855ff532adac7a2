import { type MobilityOption, mobilityOptionCodec } from '#wire/mobility/index.ts';

/** The number of the options of this kind. */
export function optionType(kind: Exclude<MobilityOption['kind'], 'unknown-option'>): number {
  const codec = mobilityOptionCodec(kind);
  if (!codec) throw new TypeError(`${kind} has no codec`);
  return codec.type;
}
