import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Instant } from '#base/time.ts';

/** The IPv4 home address of a session, with what the mobile node needs to use it. */
export interface SessionHomeAddress {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  readonly defaultRouter: Ipv4Address;
}

/** The address that DHCP acknowledged to a mobile node last, and until when. */
export interface Lease {
  readonly address: Ipv4Address;
  readonly until: Instant;
}

/** What the LMA wants the gateway to be for a mobile node's DHCP client. */
export type DhcpSupport = 'server' | 'relay';
