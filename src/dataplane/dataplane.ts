import type { MacAddress } from '#base/mac-address.ts';
import type { Forwarding, ForwardingChange, NodeForwarding, Path } from './desired.ts';
import type { DropReason } from './drop-reason.ts';
import type { PathMtu } from './path-mtu.ts';
import type { TranslatedPort } from './translated-port.ts';

/** Forwards the packets of bindings. Synchronous: the packet worker calls it between two batches of messages. */
export interface DataPlane {
  /**
   * Makes the node ready to forward. What an earlier process left goes on as it was until `reconcile`; a binding that is set meanwhile takes over
   * what is there for its addresses, counters too. Throws `DataPlaneError`, and then there is no more of it than before.
   */
  start(node: NodeForwarding): void;
  /** Goes over to another node without a gap for what stays. Throws `DataPlaneError`, and then the former node holds. */
  reconfigure(node: NodeForwarding): ApplyResult;
  /**
   * Brings the tables into agreement with the bindings of these kinds, which is to say that all there are have been set: removes what is of none, and
   * makes anew what is missing or different.
   */
  reconcile(kinds?: readonly Forwarding['kind'][]): Reconciliation;
  /** Compares what the tables hold with what the bindings need, and changes nothing. */
  audit(): Agreement;
  /** Carries the changes out in order. One that fails leaves what was held before it, and does not hold up the others. */
  apply(changes: readonly ForwardingChange[]): ApplyResult;
  /**
   * Sends on an IP packet of a mobile node, which waited until the node had its binding, as if it came in from its access link now. One
   * that cannot be sent on is dropped. Its source address has been checked.
   */
  forwardHeld(interfaceName: string, mac: MacAddress, packet: Uint8Array): void;
  /** What is held of every binding. */
  forwardings(): Iterable<Forwarding>;
  /** What one binding has forwarded; `undefined` when it is not held. Without `kind`, an anchor's before an access binding's. */
  counters(id: string, kind?: Forwarding['kind']): BindingCounters | undefined;
  /** What each tunnel has carried since its first binding came, those too that have left; all in one go. */
  tunnelCounters(): readonly TunnelCounters[];
  /** How long tunnel packets may be, of the peers of which that has changed since the last call; 1500 octets are taken for granted. */
  takePathMtus(): readonly PathMtu[];
  /** Of a path with a NAT in front of its remote: the port that it has there; `undefined` before anything came from it. */
  translatedPort(path: Path): TranslatedPort | undefined;
  /** How many packets were dropped, by reason, since `start`. */
  drops(): Record<DropReason, number>;
  /** How many packets each rule of the filter on the tunnels of a kind has decided on, since the filter is what it is. */
  filterHits(kind: Forwarding['kind']): readonly number[];
  /** Ends forwarding and undoes what `start` and `apply` changed. */
  close(): void;
}

export interface ApplyResult {
  readonly failed: readonly FailedChange[];
}

export interface Reconciliation extends ApplyResult {
  /** Parts of bindings that were as they should be. */
  readonly confirmed: number;
  readonly removed: number;
  /** Made anew, because they were missing or different. */
  readonly repaired: number;
}

/** Of the parts in which a data plane holds its bindings, how many … */
export interface Agreement {
  readonly matching: number;
  readonly missing: number;
  readonly different: number;
  /** … belong to no binding. */
  readonly extra: number;
  /** … an earlier process left, of which it is not known yet whether they belong to one. */
  readonly unclaimed: number;
  /** The first ones that do not match, for people. */
  readonly examples: readonly string[];
}

export interface FailedChange {
  readonly kind: Forwarding['kind'];
  readonly id: string;
  readonly code: ApplyErrorCode;
  /** For people. */
  readonly reason: string;
}

export type ApplyErrorCode =
  /** The desired state asks for what this data plane does not do. */
  | 'unsupported'
  /** Another binding holds the address. */
  | 'address-in-use'
  | 'unknown-interface'
  /** It is of a customer that the node does not have, or its access interface is another's. */
  | 'unknown-customer'
  | 'too-many-bindings'
  /** The system refused. */
  | 'system';

/** Up is from the mobile node, down is to it; octets are those of the inner packets. */
export interface BindingCounters {
  readonly upPackets: number;
  readonly upOctets: number;
  readonly downPackets: number;
  readonly downOctets: number;
}

/** For all bindings of a kind that have this tunnel. */
export interface TunnelCounters extends BindingCounters {
  readonly kind: Forwarding['kind'];
  readonly customer: number;
  /** Keys of GRE are those of one of the bindings. */
  readonly path: Path;
}

export type DataPlaneErrorCode =
  | 'no-bpf'
  | 'not-permitted'
  | 'object-missing'
  | 'object-refused'
  | 'interface-missing'
  | 'device-busy'
  | 'no-tun'
  | 'system';

/** Why a data plane cannot start; the message says what to do about it. */
export class DataPlaneError extends Error {
  override readonly name = 'DataPlaneError';
  readonly code: DataPlaneErrorCode;

  constructor(code: DataPlaneErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
