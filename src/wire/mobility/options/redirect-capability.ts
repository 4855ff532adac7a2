import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface RedirectCapabilityOption {
  readonly kind: 'redirect-capability';
}

export const redirectCapability = defineMobilityOption<RedirectCapabilityOption>({
  type: 46,
  kind: 'redirect-capability',
  name: 'Redirect-Capability',
  rfc: 'RFC 6463 §4.1 "Redirect-Capability Mobility Option"',
  align: aligned(4),
  length: exactly(2),
  decode: () => ({ kind: 'redirect-capability' }),
  encode(_option, out, at) {
    out[at] = 0;
    out[at + 1] = 0;
    return at + 2;
  },
});
