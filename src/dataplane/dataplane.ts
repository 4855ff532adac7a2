import type { MacAddress } from '#base/mac-address.ts';
import type { Forwarding, ForwardingChange, NodeForwarding } from './desired.ts';
import type { DropReason } from './drop-reason.ts';
import type { PathMtu } from './path-mtu.ts';

/** Forwards the packets of bindings. Synchronous: the packet worker calls it between two batches of messages. */
export interface DataPlane {
  /** Makes the node ready to forward; nothing is bound yet. Throws `DataPlaneError`, and then nothing of it remains. */
  start(node: NodeForwarding): void;
  /**
   * Makes the node ready to forward for another configuration, with all bindings. They forward on without a gap, those of an access
   * interface that is not the same any more after a short one; what cannot be held any longer is given as failed. Where it says
   * `needs-restart`, nothing was changed, and the data plane is to be closed and started with that configuration. Throws
   * `DataPlaneError` half-way: then that is to be done too.
   */
  reconfigure(node: NodeForwarding): ApplyResult | 'needs-restart';
  /** Carries the changes out in order. One that fails leaves what was held before it, and does not hold up the others. */
  apply(changes: readonly ForwardingChange[]): ApplyResult;
  /**
   * Sends on an IP packet of a mobile node, which waited until the node had its binding, as if it came in from its access link now. One
   * that cannot be sent on is dropped. Its source address has been checked.
   */
  forwardHeld(interfaceName: string, mac: MacAddress, packet: Uint8Array): void;
  /** What one binding has forwarded; `undefined` when it is not held. Without `kind`, an anchor's before an access binding's. */
  counters(id: string, kind?: Forwarding['kind']): BindingCounters | undefined;
  /** How long tunnel packets may be, of the peers of which that has changed since the last call; 1500 octets are taken for granted. */
  takePathMtus(): readonly PathMtu[];
  /** How many packets were dropped, by reason, since `start`. */
  drops(): Record<DropReason, number>;
  /** Ends forwarding and undoes what `start` and `apply` changed. */
  close(): void;
}

export interface ApplyResult {
  readonly failed: readonly FailedChange[];
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
