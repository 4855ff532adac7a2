import type { ApplyResult, DataPlane } from '#dataplane/dataplane.ts';
import type { Forwarding, ForwardingChange, NodeForwarding } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import type { PollLoop } from '#host/poll-loop.ts';

/** The data plane in the kernel, with what the packet worker needs around it. */
export class NodeDataPlane {
  #node: NodeForwarding;
  readonly #held = new Map<string, Forwarding>();
  #plane = new BpfDataPlane();
  /** False when a change has failed half-way. */
  #whole = true;
  #loop: PollLoop | undefined;
  #watched: readonly number[] = [];

  /** Throws `DataPlaneError`. */
  constructor(node: NodeForwarding) {
    this.#node = node;
    this.#plane.start(node);
  }

  /** The forwarding that is in place. */
  forwardings(): Iterable<Forwarding> {
    return this.#held.values();
  }

  /** That of one binding. */
  forwarding(kind: Forwarding['kind'], id: string): Forwarding | undefined {
    return this.#held.get(key(kind, id));
  }

  counters(...binding: Parameters<DataPlane['counters']>): ReturnType<DataPlane['counters']> {
    return this.#plane.counters(...binding);
  }

  takePathMtus(): ReturnType<DataPlane['takePathMtus']> {
    return this.#plane.takePathMtus();
  }

  drops(): ReturnType<DataPlane['drops']> {
    return this.#plane.drops();
  }

  /** Returns what it could not do. */
  apply(changes: readonly ForwardingChange[]): ApplyResult['failed'] {
    const { failed } = this.#plane.apply(changes);
    this.#remember(changes, failed);
    return failed;
  }

  forwardHeld(...packet: Parameters<DataPlane['forwardHeld']>): void {
    this.#plane.forwardHeld(...packet);
  }

  /** The descriptor of the filter for packet sockets of access interfaces. */
  get accessFilter(): number {
    return this.#plane.accessFilterFd;
  }

  /** Lets the packets that the kernel leaves to the daemon be handled in the loop. */
  watch(loop: PollLoop): void {
    this.#loop = loop;
    this.#watchAnew();
  }

  /**
   * Makes the node ready to forward for another configuration; what is in place stays. Returns what it could not do. Throws `DataPlaneError`;
   * then it is to be called again with the former configuration.
   */
  reconfigure(node: NodeForwarding): ApplyResult['failed'] {
    if (this.#whole && describe(node) === describe(this.#node)) return [];
    this.#node = node;
    if (!this.#whole) return this.restart();
    this.#whole = false;
    const result = this.#plane.reconfigure(node);
    if (result === 'needs-restart') return this.restart();
    this.#whole = true;
    this.#watchAnew();
    for (const { kind, id } of result.failed) this.#held.delete(key(kind, id));
    return result.failed;
  }

  /** Sets everything up anew, after an interface that it was attached to has been replaced. Throws `DataPlaneError`. */
  restart(): ApplyResult['failed'] {
    this.#whole = false;
    this.#unwatch();
    this.#plane.close();
    this.#plane = new BpfDataPlane();
    this.#plane.start(this.#node);
    this.#whole = true;
    this.#watchAnew();
    const held = [...this.#held.values()];
    this.#held.clear();
    return this.apply(held.map((forwarding) => ({ kind: 'set', forwarding })));
  }

  /** With `keep`, forwarding goes on as it is, and only this process's hold on it ends. */
  close(keep: boolean): void {
    this.#unwatch();
    this.#plane.close({ keep });
  }

  #watchAnew(): void {
    this.#unwatch();
    if (!this.#loop) return;
    this.#watched = this.#plane.slowPathFds();
    for (const fd of this.#watched) this.#loop.watch(fd, () => this.#plane.handleSlowPath(fd));
  }

  #unwatch(): void {
    for (const fd of this.#watched) this.#loop?.unwatch(fd);
    this.#watched = [];
  }

  #remember(changes: readonly ForwardingChange[], failed: ApplyResult['failed']): void {
    const notDone = new Set(failed.map(({ kind, id }) => key(kind, id)));
    for (const change of changes) {
      if (change.kind === 'clear') this.#held.delete(key(change.forwardingKind, change.id));
      else {
        const name = key(change.forwarding.kind, change.forwarding.id);
        if (!notDone.has(name)) this.#held.set(name, change.forwarding);
      }
    }
  }
}

/** Equal for equal nodes: each address prints as itself. */
function describe(node: NodeForwarding): string {
  const { pools, accessInterfaces, localAddresses, ...rest } = node;
  const interfaces = accessInterfaces.map((one) =>
    [one.name, one.linkName, one.mac, one.linkLocal, one.tcpMss?.ipv4, one.tcpMss?.ipv6, ...one.addresses].join(' '),
  );
  const addresses = [...pools.ipv4, ...pools.ipv6, '', ...localAddresses].join(' ');
  return [addresses, ...interfaces, JSON.stringify(rest)].join('\n');
}

function key(kind: Forwarding['kind'], id: string): string {
  return `${kind} ${id}`;
}
