import { writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface BindingRefreshRequest {
  readonly kind: 'binding-refresh-request';
  readonly options: readonly MobilityOption[];
}

export const bindingRefreshRequest = defineMobilityMessage<BindingRefreshRequest>({
  type: 0,
  kind: 'binding-refresh-request',
  name: 'Binding Refresh Request',
  rfc: 'RFC 6275 §6.1.2 "Binding Refresh Request Message"',
  optionsAt: 8,
  decode: (_bytes, options) => ({ kind: 'binding-refresh-request', options }),
  encode: (_message, out) => writeU16(out, 6, 0),
});
