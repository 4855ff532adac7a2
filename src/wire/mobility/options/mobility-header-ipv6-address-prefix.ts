import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import { readIpv6Prefix } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface MobilityHeaderIpv6AddressPrefixOption {
  readonly kind: 'mobility-header-ipv6-address-prefix';
  /** 1: old care-of address, 2: new care-of address, 3: new access router's address, 4: its prefix. */
  readonly code: number;
  readonly prefix: Ipv6Prefix;
}

/** Chooses: type 34, as the RFC's IANA section and the registry say; the text of RFC 5568 §6.4.2 "Mobility Header IP Address/Prefix Option" prints the number of the neighbor discovery option. */
export const mobilityHeaderIpv6AddressPrefix = defineMobilityOption<MobilityHeaderIpv6AddressPrefixOption>({
  type: 34,
  kind: 'mobility-header-ipv6-address-prefix',
  name: 'Mobility Header IPv6 Address/Prefix',
  rfc: 'RFC 5568 §6.4.2 "Mobility Header IP Address/Prefix Option"',
  align: aligned(8, 4),
  length: exactly(18),
  decode(bytes, at) {
    const prefix = readIpv6Prefix(bytes, at + 2, bytes[at + 1] as number, at + 1);
    if (prefix instanceof WireFault) return prefix;
    return { kind: 'mobility-header-ipv6-address-prefix', code: bytes[at] as number, prefix };
  },
  encode(option, out, at) {
    out[at] = option.code;
    out[at + 1] = option.prefix.length;
    option.prefix.address.write(out, at + 2);
    return at + 18;
  },
});
