import type { IpAddress } from '#base/ip-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import type { Timer } from '#base/timer-queue.ts';
import type { Path } from '#dataplane/desired.ts';
import type { BindingRevocationIndication } from '#wire/mobility/index.ts';
import type { Interop, PeerAddress } from '../peer.ts';
import { samePath } from '../tunnel-path.ts';
import type { WireTimestamp } from '../wire-timestamp.ts';
import type { DhcpSupport, Lease, MagInterface, MagProfile, SessionHomeAddress } from './events.ts';
import type { StationProfile } from './profile.ts';

/**
 * `NULL` is a mobile node that is not on the list. `INIT`: the first Proxy Binding Update is out, nothing is set up. `ACTIVE`: accepted, the refresh timer runs.
 * `REFRESH_PENDING`: set up as before, a further Proxy Binding Update is out. `DISCONNECTING`: a de-registration is out, nothing is set up.
 */
export type BindingState = 'INIT' | 'ACTIVE' | 'REFRESH_PENDING' | 'DISCONNECTING';

/**
 * An entry of the Binding Update List. RFC 5213 §6.1 "Extensions to Binding Update List Entry Data Structure": "Every mobile access gateway MUST maintain a Binding Update List."
 * §6.1(2): the link-layer identifier is always known here, as `mac`.
 */
export interface Binding {
  readonly mac: MacAddress;
  readonly nai: string;
  /** Changes when an AAA server says so. */
  profile: MagProfile;
  readonly lma: BindingLma;
  /** `local` is the Proxy-CoA. */
  readonly peer: PeerAddress;
  tunnel: TunnelWish;
  downlinkKey: number | undefined;
  /** The latest sequence number of its messages. */
  sequence: number;
  /** Changes when the mobile node moves between interfaces of this MAG. */
  interface: MagInterface;
  state: BindingState;
  granted: Grant | undefined;
  lease: Lease | undefined;
  /** When its latest messages went out; for their rate. */
  readonly sent: Instant[];
  /** The Proxy Binding Update that waits for its answer. */
  request: Request | undefined;
  /** The lifetime is to be extended as soon as the node shows that it is here. */
  extensionWaits: boolean;
  /** Its attachments ask for the addresses of the profile, until the LMA refuses these. */
  asksForAddresses: boolean;
  /** An access point announced the node since the LMA last accepted: it may have been elsewhere. */
  returned: boolean;
  heldRevocation: HeldRevocation | undefined;
  /** The time in the first registration of this stay, as this gateway's clock had it; `undefined` without timestamps, and after a restart of the gateway until the LMA accepts again. */
  since: WireTimestamp | undefined;
  /** When the session ends, however often it is extended. */
  sessionEnds: Instant | undefined;
  sessionTimer: Timer<MagTimeout> | undefined;
  /** As what it is registered again when its de-registration is over. */
  successor: StationProfile | undefined;
  refreshTimer: Timer<MagTimeout> | undefined;
  expiryTimer: Timer<MagTimeout> | undefined;
}

/** A Binding Revocation Indication that is answered when it is known whether the node is here. */
export interface HeldRevocation {
  readonly from: PeerAddress;
  readonly indication: BindingRevocationIndication;
  readonly timer: Timer<MagTimeout>;
}

/** What a binding asks of its tunnel: as configured, and then as its LMA's answers allow. */
export interface TunnelWish {
  /** `preset`: nothing is negotiated, as both ends are configured alike. */
  readonly gre: 'none' | 'without-key' | 'with-keys' | 'preset';
  /** RFC 5844 §5 "Protocol Configuration Variables": ForceIPv4UDPEncapsulationSupport. */
  readonly udp: boolean;
  /** Of the profile; in the LMA's stead where it names no key. */
  readonly presetKeys: { readonly up?: number; readonly down?: number };
}

/** The LMA of a binding, by the address that it is spoken to at. */
export interface BindingLma {
  readonly name: string;
  readonly address: IpAddress;
  readonly interop: Interop;
}

/** What the LMA accepted. */
export interface Grant {
  readonly homeAddress: SessionHomeAddress | undefined;
  readonly prefixes: readonly Ipv6Prefix[];
  readonly lifetime: Duration;
  readonly expires: Instant;
  readonly path: Path;
  /** The gateway's on the access link. */
  readonly linkLocal: Ipv6Address;
  /** `undefined` where the LMA says nothing of it. */
  readonly dhcpSupport: DhcpSupport | undefined;
  /** Within which the LMA advises to be asked again. */
  readonly refreshAdvice: Duration | undefined;
}

export interface Request {
  readonly purpose: RequestPurpose;
  readonly handoffIndicator: number;
  readonly accessTechnology: number;
  readonly families: Families;
  /** The home address of purpose `release`, which the session no longer has. */
  readonly released: SessionHomeAddress | undefined;
  /** Of each transmission; a late answer to an earlier one is an answer. */
  readonly sequences: number[];
  interval: Duration;
  /** Of an arrival: a frame of the mobile node came since the first transmission, or since a revocation that was refused. */
  heard: boolean;
  /** A handover revocation was refused for this arrival. */
  contested: boolean;
  /** Answers of the LMA after which the same request went out again at once. */
  retries: number;
  timer: Timer<MagTimeout> | undefined;
}

/**
 * `attach`: the mobile node was just seen to attach, whatever was known before. `attach-further`: by one more interface. `handoff`: it moved, under this MAG, to an
 * interface of another access technology. `release`: it gave its IPv4 home address back, the prefixes stay.
 */
export type RequestPurpose = 'attach' | 'attach-further' | 'handoff' | 'refresh' | 'release' | 'deregister';

/** The mobile node was seen to come; until the LMA has accepted that, only the access link says that it is here. */
export function isArrival(request: Request | undefined): request is Request {
  return request !== undefined && (isAttach(request) || request.purpose === 'handoff');
}

/** It asks for whatever the mobile node has, without naming an address. */
export function isAttach({ purpose }: Pick<Request, 'purpose'>): boolean {
  return purpose === 'attach' || purpose === 'attach-further';
}

export interface Families {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

/** What an LMA refused a mobile node "until an administrative action is taken". */
export interface Denial {
  readonly all: string | undefined;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

export const NO_DENIAL: Denial = { all: undefined, ipv4: false, ipv6: false };

/** The families that a registration asks for: those of the profile less those denied. */
export function requestedFamilies(profile: MagProfile, denial: Denial): Families {
  return {
    ipv4: profile.service !== 'ipv6' && !denial.ipv4,
    ipv6: profile.service !== 'ipv4' && !denial.ipv6,
  };
}

/** Whether `after` has every address of `before`. */
export function keepsAddresses(before: Grant, after: Grant): boolean {
  const home = before.homeAddress;
  return (
    (home === undefined || (after.homeAddress !== undefined && sameHomeAddress(home, after.homeAddress))) &&
    keepsPrefixes(before, after)
  );
}

/** Whether the data plane has the same to do for both. */
export function forwardsAlike(a: Grant, b: Grant): boolean {
  return keepsAddresses(a, b) && keepsAddresses(b, a) && samePath(a.path, b.path);
}

/** Whether `after` has every prefix of `before`. */
export function keepsPrefixes(before: Grant, after: Grant): boolean {
  return before.prefixes.every((prefix) => after.prefixes.some((other) => other.equals(prefix)));
}

function sameHomeAddress(a: SessionHomeAddress, b: SessionHomeAddress): boolean {
  return a.address.equals(b.address) && a.prefixLength === b.prefixLength && a.defaultRouter.equals(b.defaultRouter);
}

/** What a timer is set for. */
export type MagTimeout =
  | { readonly kind: 'transmit'; readonly binding: Binding }
  | { readonly kind: 'retransmit'; readonly binding: Binding }
  | { readonly kind: 'refresh'; readonly binding: Binding }
  | { readonly kind: 'expire'; readonly binding: Binding }
  | { readonly kind: 'session-end'; readonly binding: Binding }
  /** No sign of a mobile node that its LMA says to be elsewhere. */
  | { readonly kind: 'proof'; readonly binding: Binding };
