/** What the MAG's machine is told, what it answers, and the configuration that it runs with. */
import type { IpAddress } from '#base/ip-address.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Duration } from '#base/time.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import type { WireError } from '#wire/error.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import type { AuthorizationChange } from '../aaa/authorization-change.ts';
import type { Naming } from '../aaa/naming.ts';
import type { AaaProfile } from '../aaa/profile.ts';
import type { HeartbeatConfig } from '../heartbeat/index.ts';
import type {
  DebugEvent,
  ForwardingFailedEvent,
  Interop,
  LogOutput,
  MessageEvent,
  PeerAddress,
  SendOutput,
} from '../peer.ts';
import type { RestartGap } from '../record-change.ts';
import type { MagProfile } from './policy-profile.ts';
import type { SessionRecord, SessionStoreChange } from './record.ts';
import type { DhcpSupport, Lease, SessionHomeAddress } from './session-address.ts';

export type MagEvent =
  | AttachedEvent
  | DetachedEvent
  | HeardEvent
  | LeasedEvent
  | { readonly kind: 'link-down'; readonly interface: string }
  | MessageEvent
  | { readonly kind: 'malformed'; readonly from: PeerAddress; readonly error: WireError }
  | { readonly kind: 'timeout' }
  | ForwardingFailedEvent
  /** Tunnel packets to this peer may be at most so long; 1500 octets before it is told. */
  | { readonly kind: 'path-mtu'; readonly remote: IpAddress; readonly mtu: number }
  | ProfileAnswer
  /** An AAA server changes what a session was authorized for; `MagMachine.obstacleTo` has found nothing against it. */
  | { readonly kind: 'change'; readonly mac: MacAddress; readonly change: AuthorizationChange }
  /** The operator ends sessions: those for which everything given holds. */
  | { readonly kind: 'clear-bindings'; readonly nai?: string; readonly mac?: MacAddress }
  /** The gateway is about to end: it takes leave of its LMAs, and nobody attaches any more. */
  | { readonly kind: 'stopping' }
  | DebugEvent
  | { readonly kind: 'configure'; readonly config: MagConfig }
  /** Sessions read from the store at the start; `gap` when they may not be the latest. */
  | { readonly kind: 'restored'; readonly records: readonly SessionRecord[]; readonly gap?: RestartGap };

/** A mobile node was seen on an access link. */
export interface AttachedEvent {
  readonly kind: 'attached';
  /** The IOS name. */
  readonly interface: string;
  readonly mac: MacAddress;
  readonly trigger: AttachTrigger;
  /** The network access identifier that it has for a DHCP client identifier. */
  readonly clientNai?: string;
  /** The one that it proved to its access point. */
  readonly provedNai?: string;
  /** The address that it asks for by DHCP. */
  readonly requestedAddress?: Ipv4Address;
}

export interface DetachedEvent {
  readonly kind: 'detached';
  readonly interface: string;
  readonly mac: MacAddress;
  readonly reason: DetachReason;
}

/** Another frame of a mobile node whose attachment was reported and that waits for its session, or that was asked for by `ask-presence`. */
export interface HeardEvent {
  readonly kind: 'heard';
  readonly interface: string;
  readonly mac: MacAddress;
}

/** DHCP acknowledged a mobile node's address, once more or for the first time; to be kept. */
export interface LeasedEvent {
  readonly kind: 'leased';
  readonly mac: MacAddress;
  readonly lease: Lease;
}

export type AttachTrigger =
  | 'layer-2-update'
  /** An access point has the station now. */
  | 'hostapd'
  /** Whoever speaks to the control socket says so. */
  | 'control'
  /** An access point or a controller begins to account for it. */
  | 'accounting'
  | 'dhcp'
  | 'router-solicitation'
  | 'neighbor-solicitation'
  | 'arp'
  | 'data';
/** Whether it says that the node has just come, from wherever; any other says that it is here. */
export function isComing(trigger: AttachTrigger): boolean {
  return trigger === 'layer-2-update' || trigger === 'hostapd' || trigger === 'control' || trigger === 'accounting';
}

export type DetachReason = 'link-down' | 'dhcp-release' | 'station-left' | 'no-answer' | 'operator';

export type MagOutput =
  | SendOutput
  | LogOutput
  | { readonly kind: 'forward'; readonly change: ForwardingChange }
  | { readonly kind: 'session'; readonly change: SessionChange }
  | { readonly kind: 'store'; readonly change: SessionStoreChange }
  | AskPresence
  | ProfileRequest
  /** The answer is not wanted any more. */
  | { readonly kind: 'profile-cancel'; readonly mac: MacAddress }
  | KeepAlive;

/** A packet without contents goes through the tunnel of a session, in the name of its mobile node, for the NAT on its way; after forwarding was told. */
export interface KeepAlive {
  readonly kind: 'keep-alive';
  readonly interface: string;
  readonly mac: MacAddress;
  /** One of the mobile node's. */
  readonly address: Ipv4Address | Ipv6Address;
}

/**
 * Whether the mobile node of a session is on the link: it is `heard` or `detached` then. `fresh`: within a fraction of a second, and only
 * a frame from now on counts; otherwise what the link knows counts too.
 */
export interface AskPresence {
  readonly kind: 'ask-presence';
  readonly interface: string;
  readonly mac: MacAddress;
  readonly fresh: boolean;
}

/** The AAA server is to say what the mobile node may have. */
export interface ProfileRequest {
  readonly kind: 'profile-request';
  /** The IOS name. */
  readonly interface: string;
  readonly mac: MacAddress;
  readonly accessTechnology: number;
  readonly clientNai?: string;
  readonly requestedAddress?: Ipv4Address;
  /** The access point name that the configuration has for it. */
  readonly service?: string;
}

/**
 * What came of it. `none`: the server has no profile for the node, or none answered in time. `refused`: what it says cannot be served; the reason is
 * for people.
 */
export interface ProfileAnswer {
  readonly kind: 'profile';
  readonly mac: MacAddress;
  readonly answer:
    | { readonly kind: 'found'; readonly profile: AaaProfile }
    | { readonly kind: 'none' | 'refused'; readonly reason: string };
}

/** What the access link is told about one mobile node, after the data plane was told. */
export type SessionChange =
  | { readonly kind: 'session-active'; readonly session: AccessSession }
  | {
      readonly kind: 'session-ended';
      readonly interface: string;
      readonly mac: MacAddress;
      readonly reason: SessionEnd;
    }
  | { readonly kind: 'session-refused'; readonly interface: string; readonly mac: MacAddress; readonly reason: string };

/** `withdrawn`: the node may still be on the link and must stop using its addresses; `departed`: it is gone from here. */
export type SessionEnd = 'withdrawn' | 'departed';

/** A session which the access link serves: what DHCP, router advertisements and proxy ARP say to this mobile node. */
export interface AccessSession {
  readonly interface: string;
  readonly mac: MacAddress;
  readonly nai: string;
  readonly homeAddress?: SessionHomeAddress;
  /** That was told by `leased`, perhaps to a former run. */
  readonly lease?: Lease;
  readonly prefixes: readonly Ipv6Prefix[];
  /** What the LMA granted. */
  readonly lifetime: Duration;
  /** Octets of the node's packets that fit the tunnel. */
  readonly mtu: number;
  /** What the LMA wants the gateway to be for the node. */
  readonly dhcpSupport?: DhcpSupport;
  /** Of the profile: where its DHCP messages are relayed to. */
  readonly dhcpServer?: Ipv4Address;
  /** Of the profile, before what its network has. */
  readonly naming?: Naming;
  /** Of the profile; for what it is told beside its addresses. */
  readonly network?: string;
  readonly linkLocal: Ipv6Address;
  readonly linkLayer: MacAddress;
}

export type { DhcpSupport, Lease, MagProfile, SessionHomeAddress };

export interface MagConfig {
  readonly name: string;
  readonly domain: string;
  readonly addresses: { readonly ipv6?: Ipv6Address; readonly ipv4?: Ipv4Address };
  readonly lmas: readonly MagLma[];
  /** By `nai`; a local profile's NAI is looked up here. */
  readonly profiles: readonly MagProfile[];
  readonly localProfiles: readonly LocalProfile[];
  readonly interfaces: readonly MagInterface[];
  /** Asked for in each PBU. */
  readonly lifetime: Duration;
  /** Time from an acceptance to the next re-registration. */
  readonly refreshTime: Duration;
  readonly retransmitInitial: Duration;
  readonly retransmitMaximum: Duration;
  readonly bindingMaximum: number;
  /** The largest packet of a mobile node, in octets, that the data plane takes. */
  readonly tunnelMtu: number;
  readonly bri: { readonly minimumDelay: Duration; readonly maximumDelay: Duration; readonly retries: number };
  /** Absent: heartbeats are answered, and none are sent. */
  readonly heartbeat?: HeartbeatConfig;
  /** The same at every MAG of the domain. */
  readonly linkLocal: Ipv6Address;
  readonly linkLayer: MacAddress;
  readonly detection: DetachDetection | undefined;
  /** The link-local address is exchanged with the LMA; `linkLocal` is for when that names none. */
  readonly linkLocalFromLma?: boolean;
  /** GRE keys are made for the mobile nodes whose tunnel has GRE or UDP. */
  readonly generateGreKeys?: boolean;
  /** RFC 5213 §9.2 "Mobile Access Gateway -Configuration Variables": TimestampBasedApproachInUse; on when absent. */
  readonly timestamps?: boolean;
  /** A mobile node gets service only with an access point name, as in the networks of 3GPP. */
  readonly needsApn?: boolean;
  /** Mobile nodes without a local profile have the one that the AAA server knows. */
  readonly aaa?: MagAaa;
}

/** What completes a profile of the AAA server. */
export interface MagAaa {
  /** What `nai` commands state, by NAI: it holds before what the server says. */
  readonly overrides: ReadonlyMap<string, Partial<MagProfile>>;
  readonly service: MagProfile['service'];
  /** Of the MAG, for profiles without one. */
  readonly apn?: string;
  /** For an LMA that the server names and the configuration does not. */
  readonly unlistedLma: Pick<MagLma, 'authentication' | 'ipsec' | 'interop' | 'tunnel'>;
}

export interface MagLma {
  readonly name: string;
  readonly ipv6?: Ipv6Address;
  readonly ipv4?: Ipv4Address;
  /** What registrations and their answers are authenticated with. */
  readonly authentication?: MobilitySecurityAssociation;
  /** IPsec protects all signalling with it, as the operator says. */
  readonly ipsec?: boolean;
  /** `strict` when absent. */
  readonly interop?: Interop;
  /** Plain IP over IPv6 when absent, or over IPv4 where one of the two has no IPv6 address. */
  readonly tunnel?: MagTunnel;
}

/** What is asked of an LMA: the family of the addresses, for messages and tunnel, and what the tunnel's packets look like. */
export interface MagTunnel {
  readonly transport: PeerAddress['transport'];
  readonly mode: 'ip' | 'gre' | 'udp';
}

/** A mobile node known by its link-layer address. */
export interface LocalProfile {
  readonly mac: MacAddress;
  readonly nai: string;
}

export interface MagInterface {
  /** The IOS name. */
  readonly name: string;
  /** The Linux name. */
  readonly linkName: string;
  /** Access Technology Type of RFC 5213 §8.5 "Access Technology Type Option". */
  readonly accessTechnology: number;
  /** For a mobile node without a profile of its own; its NAI is then its link-layer address as `0024.d78e.21a4`. */
  readonly defaultProfile?: MagProfile;
}

export interface DetachDetection {
  readonly pollInterval: Duration;
  readonly timeout: Duration;
  readonly retries: number;
}

/** Octets of an inner packet in IPv6-in-IPv6 over 1500 octets, 8 more spared for an option header. */
export const DEFAULT_TUNNEL_MTU = 1452;
