import { copyOctets, writeOctets } from '../../octets.ts';
import { ANYWHERE, atLeast, defineMobilityOption } from '../option.ts';

export interface MobilityHeaderLinkLayerAddressOption {
  readonly kind: 'mobility-header-link-layer-address';
  /** 2: the mobile node's. */
  readonly code: number;
  readonly address: Uint8Array;
}

export const mobilityHeaderLinkLayerAddress = defineMobilityOption<MobilityHeaderLinkLayerAddressOption>({
  type: 7,
  kind: 'mobility-header-link-layer-address',
  name: 'Mobility Header Link-Layer Address',
  rfc: 'RFC 5568 §6.4.4 "Mobility Header Link-Layer Address (MH-LLA) Option"',
  align: ANYWHERE,
  length: atLeast(1),
  decode: (bytes, at, end) => ({
    kind: 'mobility-header-link-layer-address',
    code: bytes[at] as number,
    address: copyOctets(bytes, at + 1, end),
  }),
  encode(option, out, at) {
    out[at] = option.code;
    return writeOctets(option.address, out, at + 1);
  },
});
