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
  /** The anchor's binding on whose forwarding the message relies: it is withheld when that cannot be set. */
  readonly reliesOn?: string;
}

/** The data plane could not forward for a binding as it was asked to; told with the `now` of the event that led to it. */
export interface ForwardingFailedEvent {
  readonly kind: 'forwarding-failed';
  /** As in the change. */
  readonly id: string;
  /** For people. */
  readonly reason: string;
}

export interface LogOutput {
  readonly kind: 'log';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Kebab-case and stable: `pbu-rejected`. */
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | number>>;
}
