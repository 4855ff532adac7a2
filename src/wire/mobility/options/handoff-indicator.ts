import { ANYWHERE, defineMobilityOption, exactly } from '../option.ts';

/** Registry "Handoff Indicator Option type values"; RFC 5213 §8.4 "Handoff Indicator Option", RFC 7864 for 6. */
export const HandoffIndicator = {
  RESERVED: 0,
  /** Attachment over a new interface. */
  NEW_INTERFACE: 1,
  /** Handoff between two different interfaces of the mobile node. */
  BETWEEN_INTERFACES: 2,
  /** Handoff between mobile access gateways for the same interface. */
  BETWEEN_MAGS: 3,
  /** Handoff state unknown. */
  UNKNOWN: 4,
  /** Handoff state not changed: a re-registration. */
  NOT_CHANGED: 5,
  /** Attachment over a new interface sharing prefixes. */
  NEW_INTERFACE_SHARING_PREFIXES: 6,
} as const;

export interface HandoffIndicatorOption {
  readonly kind: 'handoff-indicator';
  readonly indicator: number;
}

export const handoffIndicator = defineMobilityOption<HandoffIndicatorOption>({
  type: 23,
  kind: 'handoff-indicator',
  name: 'Handoff Indicator',
  rfc: 'RFC 5213 §8.4 "Handoff Indicator Option"',
  align: ANYWHERE,
  length: exactly(2),
  decode: (bytes, at) => ({ kind: 'handoff-indicator', indicator: bytes[at + 1] as number }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = option.indicator;
    return at + 2;
  },
});
