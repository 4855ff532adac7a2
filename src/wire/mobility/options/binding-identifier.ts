import { readU16, writeU16 } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { aligned, defineMobilityOption, oneOf } from '../option.ts';
import { readEitherAddress, writeEitherAddress } from './either-address.ts';

export interface BindingIdentifierOption {
  readonly kind: 'binding-identifier';
  readonly bindingIdentifier: number;
  readonly status: number;
  /** H. */
  readonly simultaneousHomeAndForeign: boolean;
  /** BID-PRI of RFC 6089 §4.1 "Definition Update for Binding Identifier Mobility Option": 1 to 127, lower is better; 0 is not to be used. */
  readonly priority: number;
  readonly careOfAddress: Ipv4Address | Ipv6Address | undefined;
}

const SIMULTANEOUS = 0x80;

export const bindingIdentifier = defineMobilityOption<BindingIdentifierOption>({
  type: 35,
  kind: 'binding-identifier',
  name: 'Binding Identifier',
  rfc: 'RFC 5648 §4.3 "Binding Identifier Mobility Option"',
  align: (option) => (option.careOfAddress === undefined ? aligned(2) : aligned(8, 2)),
  length: oneOf(4, 8, 20),
  decode: (bytes, at, end) => ({
    kind: 'binding-identifier',
    bindingIdentifier: readU16(bytes, at),
    status: bytes[at + 2] as number,
    simultaneousHomeAndForeign: ((bytes[at + 3] as number) & SIMULTANEOUS) !== 0,
    priority: (bytes[at + 3] as number) & ~SIMULTANEOUS,
    careOfAddress: readEitherAddress(bytes, at + 4, end),
  }),
  encode(option, out, at) {
    writeU16(out, at, option.bindingIdentifier);
    out[at + 2] = option.status;
    out[at + 3] = (option.simultaneousHomeAndForeign ? SIMULTANEOUS : 0) | option.priority;
    return writeEitherAddress(option.careOfAddress, out, at + 4);
  },
});
