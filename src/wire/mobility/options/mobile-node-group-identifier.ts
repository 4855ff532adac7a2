import { readU32, writeU32 } from '#base/bytes.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface MobileNodeGroupIdentifierOption {
  readonly kind: 'mobile-node-group-identifier';
  /** 1: bulk binding update group. */
  readonly subtype: number;
  /** 1: all sessions between the two peers. */
  readonly groupIdentifier: number;
}

export const mobileNodeGroupIdentifier = defineMobilityOption<MobileNodeGroupIdentifierOption>({
  type: 50,
  kind: 'mobile-node-group-identifier',
  name: 'Mobile Node Group Identifier',
  rfc: 'RFC 6602 §4.3 "Mobile Node Group Identifier Option"',
  align: aligned(4),
  length: exactly(6),
  decode: (bytes, at) => ({
    kind: 'mobile-node-group-identifier',
    subtype: bytes[at] as number,
    groupIdentifier: readU32(bytes, at + 2),
  }),
  encode(option, out, at) {
    out[at] = option.subtype;
    out[at + 1] = 0;
    writeU32(out, at + 2, option.groupIdentifier);
    return at + 6;
  },
});
