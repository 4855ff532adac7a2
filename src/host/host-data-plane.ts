import type { Agreement, DataPlane, Reconciliation } from '#dataplane/dataplane.ts';
import type { AnchorForwarding, Forwarding, Path } from '#dataplane/desired.ts';
import type { PacketFate, Sight } from '#dataplane/packet-fate.ts';
import type { ProxyView } from './proxied-links.ts';

/** Takes a frame of a station that is not attached; of a long one the head. It is only valid during the call. */
export type Stranger = (interfaceName: string, frame: Uint8Array) => void;

/** A data plane on a real host, with what the packet worker asks of it beside forwarding. */
export interface HostDataPlane extends DataPlane {
  /** Between `start` and `close`. */
  readonly running: boolean;
  /**
   * A socket filter in eBPF for the packet sockets of access interfaces, another one after `reconfigure`; `undefined` where there is none: `handleSlowPath`
   * then tells of data packets of stations that are not attached.
   */
  readonly accessFilterFd: number | undefined;
  /** `reconcile` in steps, between which bindings may come and go. */
  reconciling(kinds?: readonly Forwarding['kind'][]): Generator<undefined, Reconciliation>;
  /** `audit` in steps, between which bindings may come and go. */
  auditing(): Generator<undefined, Agreement>;
  /** What becomes of a packet that is seen at an interface, by the tables as they are now. */
  fateOf(packet: Uint8Array, interfaceIndex: number, way: Sight['way']): PacketFate;
  /** Whether what an earlier process left is all that a binding of an anchor needs: then it is held, and nothing else was done. */
  claim(forwarding: AnchorForwarding): boolean;
  /** That of one binding. */
  forwarding(kind: Forwarding['kind'], id: string): Forwarding | undefined;
  /** The longest packet of a mobile node that goes through a path in one piece; `undefined` when no binding uses it. */
  mtuOf(path: Path): number | undefined;
  /** Descriptors to poll for `handleSlowPath`; others after `reconfigure`, and when that says so. */
  slowPathFds(): number[];
  /** To be called when a descriptor of `slowPathFds` is readable; does a bounded amount of work. Whether there are others now. */
  handleSlowPath(fd: number, stranger?: Stranger): boolean;
  /** Where it answers ARP and neighbor discovery for mobile nodes. */
  readonly proxy: ProxyView;
  /** With `keep`, what was set up stays, for the next process, and only this one's hold on it ends. */
  close(options?: { readonly keep?: boolean }): void;
}
