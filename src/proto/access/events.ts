/** What the machine of the access links is told, what it answers, and the configuration that it runs with. */
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { AssociationChange } from '../hostapd/events.ts';
import type {
  AskPresence,
  AttachedEvent,
  DetachDetection,
  DetachedEvent,
  HeardEvent,
  LeasedEvent,
  MagEvent,
  SessionChange,
} from '../mag/events.ts';
import type { LogOutput } from '../peer.ts';
import type { NetworkParameters } from './host-parameters.ts';

export type AccessEvent =
  /** A whole Ethernet frame without its frame check sequence. */
  | { readonly kind: 'frame'; readonly interface: string; readonly frame: Uint8Array }
  | { readonly kind: 'session'; readonly change: SessionChange }
  | AskPresence
  | { readonly kind: 'link'; readonly interface: string; readonly up: boolean }
  /** Octets of a packet that fits the link; before it is told, what the tunnels take fits too. */
  | { readonly kind: 'link-mtu'; readonly interface: string; readonly mtu: number }
  /** What a DHCP server sent to an address that is relayed from: the payload of UDP. */
  | {
      readonly kind: 'relayed';
      readonly local: Ipv4Address;
      readonly server: Ipv4Address;
      readonly payload: Uint8Array;
    }
  | AssociationEvent
  /** It begins or ends: it has none of the stations that it had. */
  | { readonly kind: 'access-point-restarted'; readonly accessPoint: AccessPointName }
  /** Whether every access point behind the interface tells of its stations. */
  | { readonly kind: 'watched'; readonly interface: string; readonly watched: boolean }
  /** A controller or an operator says that the node has come, or is to be served no longer. */
  | { readonly kind: 'control-attach'; readonly interface: string; readonly mac: MacAddress }
  | { readonly kind: 'control-detach'; readonly interface: string; readonly mac: MacAddress }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'configure'; readonly config: AccessConfig };

/** An access point behind the interface says something of a station. */
export interface AssociationEvent {
  readonly kind: 'association';
  readonly interface: string;
  readonly accessPoint: AccessPointName;
  readonly change: AssociationChange;
  readonly mac: MacAddress;
  /** What the access point calls the node, which proved that to it. */
  readonly nai?: string;
}

/** An access point, or a part of one. */
export interface AccessPointName {
  /** Who tells of its stations: `hostapd` of each that comes and goes; RADIUS accounting may lose that one has gone. */
  readonly source: 'hostapd' | 'accounting';
  /** Names it among all. */
  readonly name: string;
  /** Tells apart the times that one station is there, where the access point does. */
  readonly session?: string;
}

export type AccessOutput =
  | { readonly kind: 'transmit'; readonly interface: string; readonly frame: Uint8Array }
  /** To port 67 of a DHCP server, from port 67 of `local`. */
  | { readonly kind: 'relay'; readonly local: Ipv4Address; readonly server: Ipv4Address; readonly payload: Uint8Array }
  | AttachedEvent
  | DetachedEvent
  | HeardEvent
  | LeasedEvent
  | { readonly kind: 'link-down'; readonly interface: string }
  /** IP packets of a mobile node that waited until it had forwarding; to be carried out after what the MAG machine wants forwarded. */
  | {
      readonly kind: 'forward-held';
      readonly interface: string;
      readonly mac: MacAddress;
      readonly packets: readonly Uint8Array[];
    }
  | LogOutput;

/** What the MAG machine is told of a station. */
export type StationReport = Extract<AccessOutput, MagEvent>;

export function isReport(output: AccessOutput): output is StationReport {
  return !['log', 'transmit', 'relay', 'forward-held'].includes(output.kind);
}

export interface AccessConfig {
  /** The IOS names of the links to serve; frames from others are counted and dropped. */
  readonly interfaces: readonly AccessInterface[];
  /** The same at every MAG of the domain: MAG's address on the links, in layer 2 and as source of router advertisements. */
  readonly linkLayer: MacAddress;
  readonly linkLocal: Ipv6Address;
  /** For all mobile nodes, or those of one network. Empty: only their addresses are told. */
  readonly parameters: readonly NetworkParameters[];
  /** Whether the node forwards IPv6 packets; it does when absent. */
  readonly routesIpv6?: boolean;
  /** How many mobile nodes one link may have. */
  readonly stationMaximum: number;
  /** How a silent mobile node is asked whether it is still there; without it, it is not asked. */
  readonly detection?: DetachDetection | undefined;
}

export interface AccessInterface {
  /** The IOS name. */
  readonly name: string;
  /** Without one, the gateway is the DHCP server, unless a session has a server of its own. */
  readonly relay?: DhcpRelay;
  /** An address of this node that can be relayed from to the server of a session. */
  readonly relayFrom?: Ipv4Address;
}

export interface DhcpRelay {
  /** Each gets every message. */
  readonly servers: readonly Ipv4Address[];
  /** An address of this node, in 'giaddr': the servers answer to it. */
  readonly address: Ipv4Address;
}

export const DEFAULT_STATION_MAXIMUM = 4096;
