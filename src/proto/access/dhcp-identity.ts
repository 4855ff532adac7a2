import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Dhcpv4Message } from '#wire/dhcpv4.ts';
import { findDhcpv4Option } from '#wire/dhcpv4.ts';
import { decodeText } from '#wire/octets.ts';

/** What a DHCP client says of who it is and which address it had. */
export interface DhcpIdentity {
  readonly clientNai?: string;
  readonly requestedAddress?: Ipv4Address;
}

/** RFC 2132 §9.14 "Client-identifier": "a type of zero (0) should be used when the value field contains an identifier other than a hardware address". */
const NO_HARDWARE_ADDRESS = 0;
const NAI = /^[^@\s\p{Cc}]+@[^@\s\p{Cc}]+$/u;

/** Chooses: a client identifier is a network access identifier when it reads as `user@realm`; some clients leave the octet of its type out. */
export function dhcpIdentity({ options, ciaddr }: Dhcpv4Message): DhcpIdentity {
  const octets = findDhcpv4Option(options, 'client-identifier')?.data;
  const text = octets && decodeText(octets, octets[0] === NO_HARDWARE_ADDRESS ? 1 : 0, octets.length);
  const requested = ciaddr.isUnspecified ? findDhcpv4Option(options, 'requested-address')?.address : ciaddr;
  return {
    ...(text !== undefined && NAI.test(text) && { clientNai: text }),
    ...(requested && { requestedAddress: requested }),
  };
}
