import type { Duration } from '#base/time.ts';

/** `mobile-map NAME SEQUENCE` of a domain: over which links packets of an application go. */
export interface MobileMapConfiguration {
  name: string;
  sequence: number;
  /** `match access-list`. */
  accessList?: string;
  linkTypes?: LinkTypes;
  /** `traffic-profile`: the name of a profile of `mobility-service hybrid-access`. */
  trafficProfile?: string;
}

/** `set link-type`: labels of links, the preferred first. */
export interface LinkTypes {
  labels: string[];
  /** Whether packets are dropped (`null`) when there is none of these links. */
  orDrop: boolean;
}

/** `mobile-map NAME` of an LMA or a MAG: the map that is in force. */
export interface MobileMapReference {
  name: string;
  sequence?: number;
}

/** `address dynamic` of a MAG: it registers with the addresses of these interfaces. */
export interface DynamicAddressConfiguration {
  roamingInterfaces: RoamingInterfaceConfiguration[];
}

/** `roaming interface NAME priority N egress-att ATT label LABEL`. */
export interface RoamingInterfaceConfiguration {
  name: string;
  egress?: { priority: number; accessTechnology: string; label: string };
}

/** `mobility-service hybrid-access` of a MAG. */
export interface HybridAccessConfiguration {
  profiles: TrafficProfileConfiguration[];
}

/** `profile-definition NAME`: what an application needs of a link. */
export interface TrafficProfileConfiguration {
  name: string;
  jitter?: Duration;
  roundTripTime?: Duration;
  /** Percent. */
  packetLoss?: number;
}
