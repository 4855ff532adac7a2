import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { AuthenticatedMessage } from '#wire/mobility/index.ts';
import { findOption } from '#wire/mobility/index.ts';
import type { PeerAddress } from './peer.ts';

/**
 * The Proxy Care-of Address that the authentication of a registration covers, for whoever signs or verifies it: of an update its
 * Alternate Care-of Address, or else the gateway's end of the exchange; over IPv4 that is the IPv4-mapped address
 * (`docs/decisions/0011-home-address-in-authentication.md`).
 */
export function careOfAddress(
  message: AuthenticatedMessage,
  { local, remote }: PeerAddress,
  direction: 'sent' | 'received',
): Ipv6Address {
  const isUpdate = message.kind === 'binding-update';
  const alternate = isUpdate && findOption(message.options, 'alternate-care-of-address');
  if (alternate) return alternate.address;
  const gateway = isUpdate === (direction === 'sent') ? local : remote;
  return gatewayCareOf(gateway);
}

/** That of a gateway with this address. */
export function gatewayCareOf(gateway: IpAddress): Ipv6Address {
  return gateway instanceof Ipv4Address ? Ipv6Address.mapped(gateway) : gateway;
}
