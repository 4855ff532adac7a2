import { Ipv6Address } from '#base/ipv6-address.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface BindingError {
  readonly kind: 'binding-error';
  /** One of `BindingErrorStatus`. */
  readonly status: number;
  /** From the Home Address destination option of the packet at fault; unspecified when it had none. */
  readonly homeAddress: Ipv6Address;
  readonly options: readonly MobilityOption[];
}

export const BindingErrorStatus = {
  /** Unknown binding for Home Address destination option. */
  UNKNOWN_BINDING: 1,
  /** Unrecognized MH Type value. */
  UNRECOGNIZED_MH_TYPE: 2,
} as const;

export const bindingError = defineMobilityMessage<BindingError>({
  type: 7,
  kind: 'binding-error',
  name: 'Binding Error',
  rfc: 'RFC 6275 §6.1.9 "Binding Error Message"',
  optionsAt: 24,
  decode: (bytes, options) => ({
    kind: 'binding-error',
    status: bytes[6] as number,
    homeAddress: Ipv6Address.read(bytes, 8),
    options,
  }),
  encode(message, out) {
    out[6] = message.status;
    out[7] = 0;
    message.homeAddress.write(out, 8);
  },
});
