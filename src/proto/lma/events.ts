import type { IpAddress } from '#base/ip-address.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Duration } from '#base/time.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import type { WireError } from '#wire/error.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
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
import type { HomeAddress } from './home-address.ts';
import type { BindingRecord, StoreChange } from './record.ts';

/** What an LMA machine is told. */
export type LmaEvent =
  | MessageEvent
  | { readonly kind: 'malformed'; readonly from: PeerAddress; readonly error: WireError }
  | { readonly kind: 'timeout' }
  | DebugEvent
  | ForwardingFailedEvent
  | AuthorizationEvent
  /** Revokes and deletes bindings; every one without a selection. */
  | ({ readonly kind: 'clear-bindings' } & LmaBindingSelection)
  /** An AAA server changes sessions that go on. */
  | { readonly kind: 'change'; readonly selection: LmaBindingSelection; readonly change: LmaSessionChange }
  | { readonly kind: 'configure'; readonly config: LmaConfig }
  /** Bindings read from the store at the start; `gap` when they may not be the latest. */
  | { readonly kind: 'restored'; readonly records: readonly BindingRecord[]; readonly gap?: RestartGap };

/** Which bindings an operator means: those for which everything that is given holds. */
export interface LmaBindingSelection {
  readonly id?: string;
  readonly nai?: string;
  readonly mac?: MacAddress;
  /** A MAG's configured name, or its address. */
  readonly mag?: string;
  /** Customers are numbered from 1 in the order of the configuration; 0 is the node's own table. */
  readonly customer?: number;
}

/** What it wants; for one accepted Proxy Binding Update in the order store, forward, send. */
export type LmaOutput =
  | SendOutput
  | LogOutput
  | { readonly kind: 'forward'; readonly change: ForwardingChange }
  | { readonly kind: 'store'; readonly change: StoreChange }
  | AuthorizeOutput
  /** The answer is not wanted any more. */
  | { readonly kind: 'authorize-cancel'; readonly key: string };

/** The AAA server is to say whether a mobile node may have a session, and which; the answer comes by `authorization`, sooner or later. */
export interface AuthorizeOutput {
  readonly kind: 'authorize';
  /** Names the question. */
  readonly key: string;
  readonly nai: string;
  /** Hexadecimal; empty where the MAG names none. */
  readonly linkLayerIdentifier: string;
  readonly accessTechnology: number;
  readonly service?: string;
  /** The LMA's own address that the MAG talks to. */
  readonly lma: IpAddress;
  readonly asksForPrefix: boolean;
  readonly namedPrefixes: readonly Ipv6Prefix[];
  readonly asksForHomeAddress: boolean;
  readonly namedHomeAddress?: Ipv4Address;
}

/** What the AAA server says to an `authorize`. `unservable`: its answer cannot be read. Reasons are for people. */
export interface AuthorizationEvent {
  readonly kind: 'authorization';
  readonly key: string;
  readonly answer:
    | { readonly kind: 'granted'; readonly profile: AaaProfile; readonly accountingSession?: string }
    | { readonly kind: 'rejected'; readonly reason: string }
    | { readonly kind: 'unanswered'; readonly reason: string }
    | { readonly kind: 'unservable'; readonly reason: string };
}

/**
 * What an AAA server changes of sessions that go on (RFC 5176 §2.2 "Change-of-Authorization (CoA) Messages"); what is absent stays.
 * Chooses: no more than that, as everything else of a session is agreed upon with its MAG, which has to be asked.
 */
export interface LmaSessionChange {
  /** RFC 2865 §5.27 "Session-Timeout", from now on. */
  readonly sessionTimeout?: Duration;
  /** RFC 2869 §5.16 "Acct-Interim-Interval". */
  readonly interimInterval?: Duration;
}

/** `burst` at once, then so many a second. */
export interface UpdateRate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface LmaConfig {
  readonly name: string;
  readonly domain: string;
  readonly addresses: { readonly ipv6?: Ipv6Address; readonly ipv4?: Ipv4Address };
  readonly timestampWindow: Duration;
  /** False: a Timestamp option is echoed and not judged. */
  readonly timestampCheck: boolean;
  readonly bindingMaximum: number;
  /** Of the Proxy Binding Updates of one MAG; no limit when absent. */
  readonly updateRate?: UpdateRate;
  /** Home network prefixes of one interface of a mobile node; 1 when absent. */
  readonly prefixMaximum?: number;
  readonly maximumLifetime: Duration;
  /** What a MAG is advised to refresh its bindings within; no advice when absent. */
  readonly refreshTime?: Duration;
  /** MinDelayBeforeBCEDelete. */
  readonly deleteWait: Duration;
  /** MaxDelayBeforeNewBCEAssign. */
  readonly createWait: Duration;
  readonly bri: RevocationConfig;
  /** Absent: heartbeats are answered, and none are sent. */
  readonly heartbeat?: HeartbeatConfig;
  /** Of the domain: what registrations and their answers are authenticated with. */
  readonly authentication?: MobilitySecurityAssociation;
  /** Of the domain: IPsec protects all signalling, as the operator says. */
  readonly ipsec?: boolean;
  readonly peers: readonly LmaPeer[];
  /** True: MAGs that are not in `peers` are served too. */
  readonly dynamicMagLearning: boolean;
  /** True: an AAA server is asked before a session begins. */
  readonly authorization?: boolean;
  readonly profiles: readonly NaiProfile[];
  /** For mobile nodes that have no profile of their own; without it they are refused. */
  readonly defaultProfile?: NaiProfile;
  readonly tunnel?: TunnelConfig;
  /** GRE keys are exchanged for every tunnel that has GRE, and not only where the MAG does so. */
  readonly generateGreKeys?: boolean;
  readonly pools: {
    readonly ipv4: readonly Ipv4PoolConfig[];
    readonly ipv6: readonly Ipv6PoolConfig[];
    /** How long a returned address is given to nobody but its last owner. */
    readonly quarantine?: Duration;
  };
}

/** RFC 5846 §11 "Protocol Configuration Variables": InitMINDelayBRIs, MAX_BRACK_TIMEOUT, BRIMaxRetriesNumber. */
export interface RevocationConfig {
  readonly minimumDelay: Duration;
  readonly maximumDelay: Duration;
  readonly retries: number;
}

export interface LmaPeer {
  readonly name: string;
  readonly ipv6?: Ipv6Address;
  readonly ipv4?: Ipv4Address;
  /** Instead of that of the domain. */
  readonly authentication?: MobilitySecurityAssociation;
  /** IPsec protects all signalling with it, as the operator says. */
  readonly ipsec?: boolean;
  /** `strict` when absent. */
  readonly interop?: Interop;
  /** Instead of that of the LMA. */
  readonly tunnel?: TunnelConfig;
  /** It may end all its bindings by one message. */
  readonly globalRevocation?: boolean;
}

/** What a MAG's tunnels may be. */
export interface TunnelConfig {
  /** `refused`: never. `asked`: where the MAG has the GRE Key option in its request. `required`: always. */
  readonly gre: 'refused' | 'asked' | 'required';
  /** RFC 5844 §5.1 "Local Mobility Anchor -Configuration Variables": AcceptForcedIPv4UDPEncapsulationRequest. */
  readonly udp: boolean;
}

/** What a mobile node, named by its Network Access Identifier, may have. */
export interface NaiProfile {
  readonly nai: string;
  readonly apn?: string;
  readonly lma?: string;
  readonly service: 'ipv4' | 'ipv6' | 'dual';
  /** Of whose pools it has its addresses; the first one's when absent. */
  readonly network?: string;
  /** RFC 5213 §5.3.1(8) "Processing Proxy Binding Updates": false when it is not authorized for network-based mobility management; an AAA server may say so. */
  readonly proxyRegistration?: boolean;
  /** Addresses that are its own whatever the pools hold, as an AAA server may give them. */
  readonly fixed?: { readonly homeAddress?: HomeAddress; readonly prefixes?: readonly Ipv6Prefix[] };
  /** It attaches by several interfaces at once. */
  readonly multihomed?: boolean;
  /** Of its GRE tunnel, as seen from the mobile node: `up` in packets to the LMA. */
  readonly greKeys?: { readonly up?: number; readonly down?: number };
}

/** Home addresses `low` to `high`, both included; the gateway and the ends of the prefix are never given out. */
export interface Ipv4PoolConfig {
  readonly low: Ipv4Address;
  readonly high: Ipv4Address;
  readonly prefixLength: number;
  readonly gateway: Ipv4Address;
  /** The network that it is for. */
  readonly network?: string;
}

/** Home network prefixes of `assignedLength` out of `prefix`. */
export interface Ipv6PoolConfig {
  readonly prefix: Ipv6Prefix;
  readonly assignedLength: number;
  /** The network that it is for. */
  readonly network?: string;
}
