import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import type { MobilityMessage, MobilitySecurityAssociation } from '#wire/mobility/index.ts';

/**
 * The two ends of a signalling exchange, as seen from here. `ipv6`: the Mobility Header follows the IPv6 header. `ipv4-udp`: it follows a
 * UDP header over IPv4 (RFC 5844 §4.1.3 "Signaling Considerations"); `port` is the remote's, 5436 when absent.
 */
export interface PeerAddress {
  readonly transport: 'ipv6' | 'ipv4-udp';
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly port?: number;
}

/** Of messages with a peer at this address. */
export function transportOf(address: IpAddress): PeerAddress['transport'] {
  return address instanceof Ipv4Address ? 'ipv4-udp' : 'ipv6';
}

/**
 * How a peer's messages are read and answered. `strict`: as the RFCs say. `tolerant`: what other implementations get wrong is accepted where
 * it can be understood. `cisco`: as the controllers and routers of that maker speak.
 */
export type Interop = 'strict' | 'tolerant' | 'cisco';

/** A well-formed message of whomever. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly from: PeerAddress;
  readonly message: MobilityMessage;
  /** The Mobility Header as it came, for its authentication, valid while the event is handled; absent where a message was not read from octets, as in tests. */
  readonly octets?: Uint8Array;
  /** How long it waited to be served: longer than a moment when more come than can be. */
  readonly waited?: Duration;
}

export interface SendOutput {
  readonly kind: 'send';
  readonly to: PeerAddress;
  readonly message: MobilityMessage;
  /** The message as it goes out, authenticated, where that is known already; its checksum field is zero. */
  readonly octets?: Uint8Array | undefined;
  /** What a registration, revocation or heartbeat, or its answer, is authenticated with, in the order of RFC 4285 §5 "Mobility Message Authentication Option". */
  readonly authentication?: readonly MobilitySecurityAssociation[] | undefined;
  /** The Proxy Care-of Address that the authentication covers, where `careOfAddress` cannot tell: in the answer to an update with an alternate one, in revocations and in heartbeats. */
  readonly careOfAddress?: Ipv6Address | undefined;
  /** The anchor's binding on whose forwarding the message relies: it is withheld when that cannot be set. */
  readonly reliesOn?: string | undefined;
}

/** The data plane could not forward for a binding as it was asked to; told with the `now` of the event that led to it. */
export interface ForwardingFailedEvent {
  readonly kind: 'forwarding-failed';
  /** As in the change. */
  readonly id: string;
  /** For people. */
  readonly reason: string;
}

/** Whether the changes of state of bindings are to be logged too, with code `transition`; at first they are not. */
export interface DebugEvent {
  readonly kind: 'debug';
  readonly on: boolean;
}

/** `Event received PBA accept in state: INIT, new state: ACTIVE`; `fields` has what identifies the binding. */
export function transitionLog(
  event: string,
  from: string,
  to: string,
  fields: Readonly<Record<string, string>>,
): LogOutput {
  const text = `Event received ${event} in state: ${from}, new state: ${to}`;
  return { kind: 'log', level: 'debug', code: 'transition', text, fields };
}

export interface LogOutput {
  readonly kind: 'log';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Kebab-case and stable: `pbu-rejected`. */
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

interface NodeAddresses {
  readonly ipv6?: Ipv6Address;
  readonly ipv4?: Ipv4Address;
}

/** The way to a peer: over IPv6 where both ends have it, or else over IPv4; `undefined` without a family in common. */
export function peerPath(own: NodeAddresses, peer: NodeAddresses): PeerAddress | undefined {
  return peerPaths(own, peer)[0];
}

/** Every way to a peer, that over IPv6 first. */
export function peerPaths(own: NodeAddresses, peer: NodeAddresses): PeerAddress[] {
  const paths: PeerAddress[] = [];
  if (own.ipv6 && peer.ipv6) paths.push({ transport: 'ipv6', local: own.ipv6, remote: peer.ipv6 });
  if (own.ipv4 && peer.ipv4) paths.push({ transport: 'ipv4-udp', local: own.ipv4, remote: peer.ipv4 });
  return paths;
}
