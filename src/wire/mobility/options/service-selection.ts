import { WireFault } from '../../error.ts';
import { decodeText, writeText } from '../../octets.ts';
import { ANYWHERE, atLeast, defineMobilityOption } from '../option.ts';

export interface ServiceSelectionOption {
  readonly kind: 'service-selection';
  /** 1 to 255 octets of UTF-8. */
  readonly identifier: string;
}

/** "A value of zero (0) is not allowed" for the length. */
export const serviceSelection = defineMobilityOption<ServiceSelectionOption>({
  type: 20,
  kind: 'service-selection',
  name: 'Service Selection',
  rfc: 'RFC 5149 §3 "Service Selection Mobility Option"',
  align: ANYWHERE,
  length: atLeast(1),
  decode(bytes, at, end) {
    const identifier = decodeText(bytes, at, end);
    if (identifier === undefined) {
      return new WireFault('bad-value', at, 'Identifier', 'not UTF-8, as RFC 5149 §3 requires');
    }
    return { kind: 'service-selection', identifier };
  },
  encode: (option, out, at) => writeText(option.identifier, out, at),
});
