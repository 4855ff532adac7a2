import type { Encapsulation } from '#dataplane/desired.ts';

/** Everything needed to restore one binding after a restart; JSON-able: addresses as text, times as UTC milliseconds. */
export interface BindingRecord {
  readonly id: string;
  /** Under which the mobile node is known here; `identifier` is what its MAG calls it. */
  readonly nai: string;
  /** The Mobile Node Identifier option, its octets in hexadecimal. */
  readonly identifier: { readonly subtype: number; readonly octets: string };
  readonly state: 'active' | 'deleting' | 'revoking' | 'invalid' | 'resting';
  readonly customer: number;
  /** Hexadecimal; empty when the MAG sent no Mobile Node Link-layer Identifier option. */
  readonly linkLayerIdentifier: string;
  readonly accessTechnology: number;
  readonly careOfAddresses: readonly CareOfAddressRecord[];
  readonly homeAddress?: { readonly address: string; readonly prefixLength: number; readonly defaultRouter: string };
  /** As `2001:db8:f00d:1::/64`. */
  readonly prefixes: readonly string[];
  /** The link-local address for MAGs on the mobile node's link, when the domain asked for one. */
  readonly linkLocalAddress?: string;
  readonly lifetimeSeconds: number;
  readonly expiresAtUtcMs: number;
  /** The end of the lifetime that was granted last. */
  readonly grantedUntilUtcMs: number;
  readonly registeredAtUtcMs: number;
  /** The last accepted RFC 5213 timestamp, as it was on the wire; absent when sequence numbers are in use. */
  readonly timestamp?: { readonly seconds: number; readonly fraction: number };
  /** The last option of RFC 4285 §6 "Mobility Message Replay Protection Option", likewise. */
  readonly messageId?: { readonly seconds: number; readonly fraction: number };
  readonly sequence: number;
  /** That its MAG asked for. */
  readonly service?: string;
  /** That this anchor gave the session. */
  readonly uplinkGreKey?: number;
}

export interface CareOfAddressRecord {
  /** The Proxy Care-of Address, of either family. */
  readonly address: string;
  /** The LMA's address which that MAG uses. */
  readonly local: string;
  /** The UDP port of its signalling over IPv4. */
  readonly port?: number;
  readonly encapsulation: Encapsulation;
}

/** `before-reply`: durable before the answer leaves. `within-window`: durable within a bounded time (a refresh). */
export type StoreUrgency = 'before-reply' | 'within-window';

export type StoreChange =
  | { readonly kind: 'put'; readonly record: BindingRecord; readonly urgency: StoreUrgency }
  | { readonly kind: 'delete'; readonly id: string; readonly urgency: StoreUrgency };
