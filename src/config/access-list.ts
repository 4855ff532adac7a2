import type { Ipv4Address } from '#base/ipv4-address.ts';

/** `ip access-list extended NAME`. The first rule that fits a packet decides; a packet that none fits is denied. */
export interface AccessListConfiguration {
  name: string;
  /** In the order of their sequence numbers. */
  rules: AccessListRule[];
}

export interface AccessListRule {
  sequence: number;
  action: 'permit' | 'deny';
  /** `ip` for every one, or a protocol number. */
  protocol: 'ip' | number;
  source: AccessListEndpoint;
  sourcePorts?: PortRange;
  destination: AccessListEndpoint;
  destinationPorts?: PortRange;
  /** Only TCP segments with ACK or RST. */
  established: boolean;
  log: boolean;
}

/** All addresses that differ from `address` only where `wildcard` has a one. */
export interface AccessListEndpoint {
  address: Ipv4Address;
  wildcard: Ipv4Address;
}

/** The ports from `low` to `high`, both included; when `except` is set, all others. */
export interface PortRange {
  low: number;
  high: number;
  except: boolean;
}
