import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import type { Timer } from '#base/timer-queue.ts';
import type { Dhcpv4Message } from '#wire/dhcpv4.ts';
import type { AccessSession, Lease } from '../mag/events.ts';
import type { DhcpIdentity } from './dhcp-identity.ts';
import type { AccessPointName } from './events.ts';

/**
 * `pending`: reported as attached, no session yet. `served`: it has a session. `confirming`: it had one and was reported as attached
 * again; until the MAG has an answer to that, its packets are forwarded and it is told nothing of its addresses. `refused`: it gets none; after a while it is
 * reported again. `absent`: it had one, and has left or lost it; its next frame reports it.
 */
export type StationPhase = 'pending' | 'served' | 'confirming' | 'refused' | 'absent';

/** A link-layer address seen on an access link. */
export interface Station {
  readonly mac: MacAddress;
  /** The IOS name of the link where it was seen last. */
  interface: string;
  /** The access point that says to have it; absent where none does. */
  accessPoint: AccessPointName | undefined;
  /** What an access point that it proved itself to calls it. */
  provedNai: string | undefined;
  phase: StationPhase;
  session: AccessSession | undefined;
  /** Until then the same trigger says nothing new. */
  quietUntil: Instant;
  /** When it was last reported as attached. */
  reportedAt: Instant | undefined;
  lastHeard: Instant;
  /** Of the node, from its neighbor discovery messages. */
  linkLocal: Ipv6Address | undefined;
  /** What its latest DHCP message says of it. */
  identity: DhcpIdentity | undefined;
  /** Waits for the session; the latest replaces one before it. */
  heldDhcp: ReceivedDhcp | undefined;
  /** Addresses that it declined, and until when nothing is offered to it. */
  declines: number;
  declinedUntil: Instant;
  lease: Lease | undefined;
  /** When it gave its home address back, which its session still has: the MAG has not said anything yet. */
  releasedAt: Instant | undefined;
  /** Data that waits for the session, the oldest first. */
  heldPackets: HeldPacket[];
  /** When its session without a home address was last reported as in want of one. */
  askedForHomeAddress: Instant | undefined;
  /** Router advertisements since the session became active. */
  advertisements: number;
  lastAdvertised: Instant | undefined;
  withdrawn: readonly WithdrawnPrefix[];
  /** The session that it had, while it is told that this is gone. */
  former: AccessSession | undefined;
  advertiseTimer: Timer<AccessTimeout> | undefined;
  /** How it is asked because the MAG wants to know whether it is there; absent when it does not. */
  asked: Questions | undefined;
  probes: number;
  probeTimer: Timer<AccessTimeout> | undefined;
}

export interface Questions {
  readonly timeout: Duration;
  readonly retries: number;
}

/** A message of a DHCP client. */
export interface ReceivedDhcp {
  readonly message: Dhcpv4Message;
  /** Of the IP packet. */
  readonly destination: Ipv4Address;
}

/** A prefix that the node must no longer use, and how many more advertisements say so. */
export interface WithdrawnPrefix {
  readonly prefix: Ipv6Prefix;
  readonly left: number;
}

export interface HeldPacket {
  readonly at: Instant;
  /** An IP packet. */
  readonly packet: Uint8Array;
}

/** What a timer is set for. */
export type AccessTimeout =
  | { readonly kind: 'advertise'; readonly station: Station }
  | { readonly kind: 'probe'; readonly station: Station }
  | { readonly kind: 'sweep' };
