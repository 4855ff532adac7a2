import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface MagMultipathBindingOption {
  readonly kind: 'mag-multipath-binding';
  readonly accessTechnology: number;
  readonly interfaceLabel: number;
  /** 1 to 254. */
  readonly bindingIdentifier: number;
  /** B: the lifetime of all bindings of the mobile node is renewed. */
  readonly bulkReregistration: boolean;
  /** O: this binding replaces all others. Not with B. */
  readonly registrationOverwrite: boolean;
}

const BULK = 0x80;
const OVERWRITE = 0x40;

/** Chooses: 4n although the RFC has no requirement, so that its words are aligned. */
export const magMultipathBinding = defineMobilityOption<MagMultipathBindingOption>({
  type: 63,
  kind: 'mag-multipath-binding',
  name: 'MAG Multipath Binding',
  rfc: 'RFC 8278 §4.1 "MAG Multipath Binding Option"',
  align: aligned(4),
  length: exactly(6),
  decode: (bytes, at) => ({
    kind: 'mag-multipath-binding',
    accessTechnology: bytes[at] as number,
    interfaceLabel: bytes[at + 1] as number,
    bindingIdentifier: bytes[at + 2] as number,
    bulkReregistration: ((bytes[at + 3] as number) & BULK) !== 0,
    registrationOverwrite: ((bytes[at + 3] as number) & OVERWRITE) !== 0,
  }),
  encode(option, out, at) {
    out[at] = option.accessTechnology;
    out[at + 1] = option.interfaceLabel;
    out[at + 2] = option.bindingIdentifier;
    out[at + 3] = (option.bulkReregistration ? BULK : 0) | (option.registrationOverwrite ? OVERWRITE : 0);
    out[at + 4] = 0;
    out[at + 5] = 0;
    return at + 6;
  },
});
