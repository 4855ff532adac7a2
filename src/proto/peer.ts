import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';

/**
 * The two ends of a signalling exchange, as seen from here. `port` is the remote's, for UDP.
 * Chooses: only `ipv6` (raw Mobility Header) is used now; the other transport has its place so that nothing needs reshaping for it.
 */
export interface PeerAddress {
  readonly transport: 'ipv6' | 'ipv4-udp';
  readonly local: Ipv6Address | Ipv4Address;
  readonly remote: Ipv6Address | Ipv4Address;
  readonly port?: number;
}

export interface SendOutput {
  readonly kind: 'send';
  readonly to: PeerAddress;
  readonly message: MobilityMessage;
}

export interface LogOutput {
  readonly kind: 'log';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Kebab-case and stable: `pbu-rejected`. */
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | number>>;
}
