import type { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Duration } from '#base/time.ts';
import { type AaaConfiguration, emptyAaa } from './aaa.ts';
import type { AccessListConfiguration } from './access-list.ts';
import type {
  DynamicAddressConfiguration,
  HybridAccessConfiguration,
  MobileMapConfiguration,
  MobileMapReference,
} from './multipath.ts';
import { emptyOperators, type OperatorsConfiguration } from './operators.ts';
import type { Secret } from './secret.ts';

/**
 * A node's configuration as the operator wrote it. A field that is absent was not configured: its value is then inherited (MAG or LMA
 * from the domain) or a default of `defaults.ts`, and `show running-config` does not print it. Names refer to each other by text; what
 * they name may be missing.
 */
export interface Configuration {
  hostname?: string;
  /** `service password-encryption`: secrets are printed as type 7. */
  passwordEncryption: boolean;
  aaa: AaaConfiguration;
  operators: OperatorsConfiguration;
  vrfs: VrfConfiguration[];
  /** Absent: IPv6 packets are routed, as an LMA or a MAG has to. */
  ipv6UnicastRouting?: boolean;
  /** What the kernel would only route goes past its stack. */
  ipCef: boolean;
  /** How long a refresh may wait until it is stored. */
  storeWindow?: Duration;
  /** Bindings that cannot be stored are served nonetheless. */
  storeContinueOnFailure: boolean;
  ipv4Pools: Ipv4PoolConfiguration[];
  ipv6Pools: Ipv6PoolConfiguration[];
  accessLists: AccessListConfiguration[];
  dhcpPools: DhcpPoolConfiguration<Ipv4Address>[];
  ipv6DhcpPools: DhcpPoolConfiguration<Ipv6Address>[];
  interfaces: InterfaceConfiguration[];
  domains: DomainConfiguration[];
  lmas: LmaConfiguration[];
  mags: MagConfiguration[];
}

export function emptyConfiguration(): Configuration {
  return {
    passwordEncryption: false,
    aaa: emptyAaa(),
    operators: emptyOperators(),
    vrfs: [],
    ipCef: false,
    storeContinueOnFailure: false,
    ipv4Pools: [],
    ipv6Pools: [],
    accessLists: [],
    dhcpPools: [],
    ipv6DhcpPools: [],
    interfaces: [],
    domains: [],
    lmas: [],
    mags: [],
  };
}

/** `vrf definition NAME`. */
export interface VrfConfiguration {
  name: string;
  description?: string;
}

/** `ip local pool NAME LOW HIGH`: the addresses from `low` to `high`, both included. */
export interface Ipv4PoolConfiguration {
  name: string;
  low: Ipv4Address;
  high: Ipv4Address;
}

/** `ipv6 local pool NAME PREFIX LENGTH`: prefixes of `assignedLength` out of `prefix`. */
export interface Ipv6PoolConfiguration {
  name: string;
  prefix: Ipv6Prefix;
  assignedLength: number;
}

/**
 * `ip dhcp pool NAME` or `ipv6 dhcp pool NAME`: what mobile nodes are told beside the addresses that the LMA gives. The pool named as the
 * network of a mobile node's profile is for that node; the first one for all others.
 */
export interface DhcpPoolConfiguration<Address> {
  name: string;
  dnsServers: Address[];
  domainName?: string;
  /** Of DHCPv4, in the order of the lines. */
  options?: DhcpOptionConfiguration[];
}

/** `option CODE`, as it was written. */
export interface DhcpOptionConfiguration {
  code: number;
  value:
    | { kind: 'ascii'; text: string }
    | { kind: 'hex'; octets: Uint8Array }
    | { kind: 'ip'; addresses: Ipv4Address[] };
}

/** `interface NAME` of global configuration. */
export interface InterfaceConfiguration {
  /** IOS spelling without a blank: `GigabitEthernet0/1/0.3074`; or the name of a Linux interface. */
  name: string;
  /** The Linux interface behind it; when absent, the one whose name is `name`. */
  linuxInterface?: string;
  description?: string;
  /** 802.1Q VLAN of `encapsulation dot1Q`. */
  vlan?: number;
  ipv4Address?: Ipv4Prefix;
  ipv6Addresses: Ipv6Prefix[];
  /** `ip tcp adjust-mss` and `ipv6 tcp adjust-mss`; without, what the tunnels carry. */
  tcpMss?: number;
  ipv6TcpMss?: number;
  /** DHCP servers that an access link's messages are relayed to; without any, the MAG is the server. */
  helperAddresses: Ipv4Address[];
}

export type Encapsulation = 'ipv6-in-ipv6' | 'gre-ipv4' | 'gre-ipv6' | 'udptunnel';
/** How a peer that speaks another dialect is read and answered; see `Interop` of `proto/peer.ts`. Absent: as the RFCs say. */
export type InteropConfiguration = 'tolerant' | 'cisco';
export type Service = 'ipv4' | 'ipv6' | 'dual';
export type Role = '3gpp' | 'lte' | 'wimax' | 'wlan';

/** `auth-option spi … key …`: the key of the Mobility Message Authentication Option. */
export interface AuthenticationOption {
  spi: number;
  key: Secret & { format: 'ascii' | 'hex' };
}

/** `replay-protection timestamp`, or its `no` form. */
export type ReplayProtection = { timestamp: true; window?: Duration } | { timestamp: false };

/** `ipv6 mobile pmipv6-domain NAME`: what all nodes of the domain share. */
export interface DomainConfiguration {
  name: string;
  replayProtection?: ReplayProtection;
  /** Link-local address of every MAG on its access links. */
  fixedLinkLocal?: Ipv6Address;
  /** Link-layer address of every MAG on its access links. */
  fixedLinkLayer?: MacAddress;
  encapsulation?: Encapsulation;
  authentication?: AuthenticationOption;
  /** `signalling ipsec`: the operator says that IPsec protects the signalling of the domain. */
  signallingIpsec: boolean;
  localRouting: boolean;
  /** `ipv6 mobile pmipv6-domain NAME load-aaa`. */
  loadFromAaa: boolean;
  profilesFromAaa: boolean;
  mobileMaps: MobileMapConfiguration[];
  lmas: NodeConfiguration[];
  mags: NodeConfiguration[];
  profiles: ProfileConfiguration[];
}

/** `lma NAME` and `mag NAME` of a domain: where that node is. */
export interface NodeConfiguration {
  name: string;
  ipv4Address?: Ipv4Address;
  ipv6Address?: Ipv6Address;
}

/** `nai NAI` of a domain: a mobile node's profile, or one that is used as a default. */
export interface ProfileConfiguration {
  nai: string;
  apn?: string;
  /** Name of an LMA of the domain. */
  lma?: string;
  service?: Service;
  /** Name of a network of the LMA. */
  network?: string;
  /** `int att TYPE l2-addr MAC`: the interface by which the mobile node is recognised. */
  interface?: { accessTechnology: AccessTechnologyName; mac: MacAddress };
  greKeyUp?: number;
  greKeyDown?: number;
  multihomed: boolean;
  /** Its own policy, before that of the MAG. */
  localRouting?: 'permit' | 'deny';
}

/** Interface types of `int att`; `accessTechnologyNumber` gives the number of the Access Technology Type option. */
export type AccessTechnologyName = 'virtual' | 'ppp' | 'ethernet' | 'gigabitethernet' | 'wlan' | 'wimax';

export interface RevocationConfiguration {
  minimumDelay?: Duration;
  maximumDelay?: Duration;
  retries?: number;
}

/** `ipv6 mobile pmipv6-lma NAME domain DOMAIN`. */
export interface LmaConfiguration {
  name: string;
  domain: string;
  ipv4Address?: Ipv4Address;
  ipv6Address?: Ipv6Address;
  networks: NetworkConfiguration[];
  defaultProfile?: string;
  bindingMaximum?: number;
  /** Of the Proxy Binding Updates of each MAG. */
  updateRate?: { perSecond: number; burst?: number };
  maximumLifetime?: Duration;
  refreshTime?: Duration;
  deleteWait?: Duration;
  createWait?: Duration;
  prefixMaximum?: number;
  replayProtection?: ReplayProtection;
  bri: RevocationConfiguration;
  heartbeat?: HeartbeatConfiguration;
  encapsulation?: Encapsulation;
  dynamicMagLearning: boolean;
  accounting: boolean;
  /** An AAA server is asked before a session begins. */
  authorization: boolean;
  generateGreKey: boolean;
  multipath: boolean;
  mobileMap?: MobileMapReference;
  tunnelMtu?: number;
  ecnCompatibility?: true;
  /** Name of the access list for packets in tunnels. */
  tunnelAccessList?: string;
  /** Code point of the signalling messages. */
  dscp?: number;
  /** Interfaces towards the correspondent nodes. */
  interfaces: { name: string }[];
  role3gma?: Role3gmaConfiguration;
  mags: PeerConfiguration[];
  localLoop?: LocalLoopConfiguration;
}

/** `role 3gma` of an LMA. */
export interface Role3gmaConfiguration {
  interfaces: { name: string }[];
  /** `rat TYPE priority N`. */
  priorities: { accessTechnology: RadioAccessType; priority: number }[];
}

export type RadioAccessType =
  | 'virtual'
  | 'ppp'
  | 'ethernet'
  | 'wlan'
  | 'wimax'
  | '3gppgeran'
  | '3gpputran'
  | '3gppeutran'
  | '3gpp2ehrpd'
  | '3gpp2hrpd'
  | '3gpp21rtt'
  | '3gpp2umb';

/** `mobility-service mobile-local-loop` of an LMA. */
export interface LocalLoopConfiguration {
  customers: CustomerConfiguration[];
}

/** `customer NAME vrf VRF`. */
export interface CustomerConfiguration {
  name: string;
  vrf: string;
  authentication?: AuthenticationOption;
  heartbeat?: HeartbeatConfiguration;
  networkUnauthorized: boolean;
  transports: TransportConfiguration[];
}

/** `transport vrf VRF` of a customer: the LMA's addresses for it there; without a VRF, in the global table. */
export interface TransportConfiguration {
  vrf?: string;
  ipv4Address?: Ipv4Address;
  ipv6Address?: Ipv6Address;
}

/** `network NAME` of an LMA. */
export interface NetworkConfiguration {
  name: string;
  ipv4Pool?: PoolReference;
  ipv6Pool?: PoolReference;
  /** The gateway that mobile nodes are given; when absent, the last usable address of the pool's prefix. */
  defaultRouter?: Ipv4Address;
  ipv4MobileNetworks: MobileNetworkPool<Ipv4Address>[];
  ipv6MobileNetworks: MobileNetworkPool<Ipv6Address>[];
}

/** `mobile-network pool ADDRESS pool-prefix N network-prefix M`: networks of length M, out of a prefix of length N, for mobile routers. */
export interface MobileNetworkPool<Address> {
  address: Address;
  poolLength: number;
  networkLength: number;
}

/** `pool ipv4|ipv6 NAME pfxlen LENGTH`. */
export interface PoolReference {
  pool: string;
  prefixLength: number;
}

export interface HeartbeatConfiguration {
  interval: Duration;
  retries: number;
  /** Label of the links that are watched. */
  label?: string;
  /** Whether a changed address behind a NAT counts as a restart. */
  natReboot: boolean;
}

/** `mag NAME` of an LMA, `lma NAME` of a MAG: overrides what the domain says of that node. */
export interface PeerConfiguration {
  name: string;
  domain?: string;
  ipv4Addresses: Ipv4Address[];
  ipv6Addresses: Ipv6Address[];
  encapsulation?: Encapsulation;
  /** The peer does not propagate congestion out of tunnels. */
  ecnCompatibility?: true;
  authentication?: AuthenticationOption;
  interop?: InteropConfiguration;
  /** As that of the domain, for this peer alone. */
  signallingIpsec: boolean;
  /** `bri global`, only of an LMA's MAG. */
  globalRevocation?: boolean;
  /** `vrfid`, only of a MAG's LMA. */
  vrf?: string;
}

/** `ipv6 mobile pmipv6-mag NAME domain DOMAIN`. */
export interface MagConfiguration {
  name: string;
  domain: string;
  role?: Role;
  apn?: string;
  ipv4Address?: Ipv4Address;
  ipv6Address?: Ipv6Address;
  interfaces: MagInterfaceConfiguration[];
  detection?: DetachDetection;
  localRouting: boolean;
  sessionManager: boolean;
  bindingMaximum?: number;
  lifetime?: Duration;
  refreshTime?: Duration;
  /** As they were typed; `retransmissionsOf` has them as durations. */
  initRetransmission?: number;
  maxRetransmission?: number;
  replayProtection?: ReplayProtection;
  bri: RevocationConfiguration;
  heartbeat?: HeartbeatConfiguration;
  encapsulation?: Encapsulation;
  generateGreKey: boolean;
  multipath: boolean;
  mobileMap?: MobileMapReference;
  tunnelMtu?: number;
  ecnCompatibility?: true;
  tunnelAccessList?: string;
  dynamicAddress?: DynamicAddressConfiguration;
  lmas: PeerConfiguration[];
  hybridAccess?: HybridAccessConfiguration;
}

/** `interface NAME` of a MAG: an access interface. */
export interface MagInterfaceConfiguration {
  name: string;
  /** `enable pmipv6 default PROFILE`: the profile of mobile nodes that have none of their own. */
  defaultProfile?: string;
  /** `hostapd control-interface PATH`: the access points behind the interface that tell of their stations. */
  accessPoints: AccessPointConfiguration[];
}

export interface AccessPointConfiguration {
  /** hostapd's Unix socket. */
  controlInterface: string;
}

/** `discover-mn-detach`: how a MAG finds out that a silent mobile node has left. */
export interface DetachDetection {
  pollInterval: Duration;
  timeout: Duration;
  retries: number;
}
