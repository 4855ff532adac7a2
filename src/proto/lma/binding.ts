import type { IpAddress } from '#base/ip-address.ts';
import { sameAddress } from '#base/ip-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Duration, Instant, UtcTime } from '#base/time.ts';
import type { Encapsulation, Path } from '#dataplane/desired.ts';
import type { PeerAddress } from '../peer.ts';
import { transportOf } from '../peer.ts';
import type { WireTimestamp } from '../wire-timestamp.ts';
import type { Authorization } from './authorization.ts';
import type { HomeAddress } from './home-address.ts';

export type { HomeAddress };

/**
 * RFC 5213 §5.1 "Extensions to Binding Cache Entry Data Structure" and RFC 5844 §3.1.1 "Extensions to Binding Cache Entry".
 * `active`: traffic flows. `deleting`: de-registered, waiting for MinDelayBeforeBCEDelete. `revoking`: an operator's
 * revocation waits for its acknowledgement. In these two states its traffic is dropped and its addresses stay its own.
 * `invalid`: its MAG restarted and has lost it; likewise, until the node is registered again or the lifetime ends.
 * `resting`: over and out of the binding cache, remembered as long as a host may believe in what was granted.
 */
export interface Binding {
  readonly id: string;
  readonly state: 'active' | 'deleting' | 'revoking' | 'invalid' | 'resting';
  readonly customer: number;
  readonly mobileNode: MobileNodeIdentity;
  readonly interface: MobileNodeInterface;
  /** One for now; several paths to one mobile node later. */
  readonly careOfAddresses: readonly [CareOfAddress, ...CareOfAddress[]];
  readonly homeAddress: HomeAddress | undefined;
  readonly prefixes: readonly Ipv6Prefix[];
  /** For MAGs to use on the mobile node's link. */
  readonly linkLocalAddress: Ipv6Address | undefined;
  readonly lifetime: Duration;
  /** When its timer ends it: the lifetime, or the wait of `deleting`. */
  readonly endsAt: Instant;
  /** The end of the lifetime that was granted last; the mobile node may use its addresses until then. */
  readonly grantedUntil: Instant;
  readonly registeredAt: UtcTime;
  /** RFC 5213 §5.1(8): "If the Timestamp option is not present ..., the value MUST be set to ALL_ZERO", which `undefined` stands for. */
  readonly timestamp: WireTimestamp | undefined;
  /** Of the last message that had the option of RFC 4285 §6 "Mobility Message Replay Protection Option". */
  readonly messageId: MessageId | undefined;
  readonly sequence: number;
  /** That its MAG asked for. */
  readonly service: string | undefined;
  /** RFC 5845 §5.1 "Extensions to the Binding Cache Entry": "assigned by the local mobility anchor"; stays for the session once assigned. */
  readonly uplinkKey: number | undefined;
  /** Absent where no AAA server was asked. */
  readonly authorization?: Authorization;
}

/** Who: the Mobile Node Identifier option, and its text as key and for people. */
export interface MobileNodeIdentity {
  readonly subtype: number;
  /** A character for each octet: for nearly all it is the `name`, and takes no memory of its own. */
  readonly identifier: string;
  readonly name: string;
}

/**
 * Which of the mobile node's interfaces. `linkLayerIdentifier` is hexadecimal; empty means ALL_ZERO: the MAG named none. RFC 5213 §5.1(3): "If the option was not present in the
 * request, this variable length field MUST be set to two (octets) and MUST be initialized to a value of ALL_ZERO."
 */
export interface MobileNodeInterface {
  readonly linkLayerIdentifier: string;
  readonly accessTechnology: number;
}

/** A Proxy Care-of Address and the LMA's own address that its MAG talks to: the two ends of the tunnel, of one family. */
export interface TunnelEnds {
  readonly address: IpAddress;
  readonly local: IpAddress;
}

/** By which way packets and messages reach a mobile node's MAG. */
export interface CareOfAddress extends TunnelEnds {
  /** The UDP port of its signalling over IPv4. */
  readonly port?: number;
  readonly encapsulation: Encapsulation;
}

/** Who holds a binding, how long it lasts, and the timestamp of the message that said so. */
export interface Tenure extends Pick<Binding, 'lifetime' | 'timestamp'> {
  readonly careOf: CareOfAddress;
}

/** The epoch of the Network Time Protocol is 1900-01-01. */
export const NTP_SECONDS_AT_1970 = 2_208_988_800;

/** As the Network Time Protocol has it: 32 bits of seconds since 1900 and 32 bits of fraction. */
export interface MessageId {
  readonly seconds: number;
  readonly fraction: number;
}

export function currentCareOf(binding: Binding): CareOfAddress {
  return binding.careOfAddresses[0];
}

/** Whether the session is at the MAG that this one end of a tunnel belongs to. */
export function isCareOf(binding: Binding, { address }: TunnelEnds): boolean {
  return sameAddress(currentCareOf(binding).address, address);
}

export function pathOf({ address, local, encapsulation }: CareOfAddress): Path {
  return { encapsulation, local, remote: address };
}

/** Where the MAG is spoken to; over IPv4 at the port that its registration came from, as a NAT on the way may expect that. */
export function signallingTo({ address, local, port }: CareOfAddress): PeerAddress {
  return { transport: transportOf(address), local, remote: address, ...(port !== undefined && { port }) };
}
