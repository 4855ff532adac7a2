import type { Agreement, ApplyResult, DataPlane, FailedChange } from '#dataplane/dataplane.ts';
import type { Forwarding, ForwardingChange, NodeForwarding, Path } from '#dataplane/desired.ts';
import type { PacketFate } from '#dataplane/packet-fate.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import type { HostDataPlane, Stranger } from '#host/host-data-plane.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import { withHeldPools } from './held-pools.ts';
import type { DataPlaneChoice } from './preflight.ts';
import { type Restoration, RestoredForwarding } from './restored-forwarding.ts';
import { workSlice } from './sliced.ts';
import { type StartedDataPlane, startDataPlane } from './start-data-plane.ts';

/**
 * How long a mobile node is forwarded for that was attached before the daemon was killed and has not sent anything since. A host that is
 * there asks for its router's address more often.
 */
const ACCESS_GRACE_MS = 120_000;

/**
 * How long a restart may set forwarding before it serves anybody; the rest is set a slice at a time while it serves. Few bindings are all set by then, and a mobile node that
 * is new does not share the processor with the rest of many for long.
 */
const SERVED_WITHIN_MS = 300;

/** The data plane of a node, with what the packet worker needs around it. */
export class NodeDataPlane {
  readonly kind: StartedDataPlane['kind'];
  /** Why it is not in eBPF, where nobody asked for that. */
  readonly reason: string | undefined;
  #node: NodeForwarding;
  readonly #plane: HostDataPlane;
  #outsidePools = 0;
  #loop: PollLoop | undefined;
  #stranger: Stranger | undefined;
  #watched: readonly number[] = [];
  /** When what no mobile node has claimed on the access links goes. */
  #graceEnds: number | undefined;
  /** What of the bindings of before is to be set or to go, a slice at each review. */
  #work: Iterator<undefined> | undefined;
  #restored: RestoredForwarding | undefined = new RestoredForwarding({
    claim: (forwarding) => this.#plane.claim(forwarding),
    apply: (changes) => this.#failed.push(...this.#plane.apply(changes).failed),
  });
  #failed: FailedChange[] = [];

  /** Adopts what an earlier daemon left. Throws `DataPlaneError`. */
  constructor(node: NodeForwarding, choice: DataPlaneChoice) {
    this.#node = node;
    const { plane, kind, reason } = startDataPlane(choice, node);
    this.#plane = plane;
    this.kind = kind;
    this.reason = reason;
  }

  /** The forwarding that is in place, or about to be. */
  *forwardings(): Iterable<Forwarding> {
    yield* this.#plane.forwardings();
    yield* this.#restored?.waiting() ?? [];
  }

  /** That of one binding. */
  forwarding(kind: Forwarding['kind'], id: string): Forwarding | undefined {
    return this.#plane.forwarding(kind, id) ?? (kind === 'anchor' ? this.#restored?.get(id) : undefined);
  }

  counters(...binding: Parameters<DataPlane['counters']>): ReturnType<DataPlane['counters']> {
    this.#restored?.require(binding[0]);
    return this.#plane.counters(...binding);
  }

  /** How far the bindings of before are set; `undefined` when they all are. */
  get restoration(): Restoration | undefined {
    return this.#restored?.progress;
  }

  /** The longest packet of a mobile node that goes through a path in one piece; `undefined` when no binding uses it. */
  mtuOf(path: Path): number | undefined {
    return this.#plane.mtuOf(path);
  }

  /** Of a path with a NAT in front of its remote: the port that it has there. */
  translatedPort(path: Path): ReturnType<DataPlane['translatedPort']> {
    return this.#plane.translatedPort(path);
  }

  tunnelCounters(): ReturnType<DataPlane['tunnelCounters']> {
    return this.#plane.tunnelCounters();
  }

  takePathMtus(): ReturnType<DataPlane['takePathMtus']> {
    return this.#plane.takePathMtus();
  }

  filterHits(...kind: Parameters<DataPlane['filterHits']>): ReturnType<DataPlane['filterHits']> {
    return this.#plane.filterHits(...kind);
  }

  /** Where it answers ARP and neighbor discovery for mobile nodes. */
  get proxy(): HostDataPlane['proxy'] {
    return this.#plane.proxy;
  }

  drops(): ReturnType<DataPlane['drops']> {
    return this.#plane.drops();
  }

  /** Whether the tables hold what the bindings need. A step for each part; bindings may change meanwhile. */
  auditing(): Generator<undefined, Agreement> {
    return this.#plane.auditing();
  }

  /** What becomes of a packet that is seen at an interface. */
  fateOf(...seen: Parameters<HostDataPlane['fateOf']>): PacketFate {
    return this.#plane.fateOf(...seen);
  }

  /** Returns what it could not do. Until `restored`, bindings of anchors wait for that. */
  apply(changes: readonly ForwardingChange[]): ApplyResult['failed'] {
    if (this.#work === undefined && this.#restored) return this.#plane.apply(this.#restored.take(changes)).failed;
    for (const change of this.#restored ? changes : [])
      this.#restored?.require(change.kind === 'set' ? change.forwarding.id : change.id);
    return this.#plane.apply(changes).failed;
  }

  /**
   * All bindings of the anchors that an earlier daemon had have been given to `apply` by now: they are set, and what it left beside them goes. The gateways' bindings are
   * not stored; their mobile nodes have some time to show that they are there.
   */
  restored(): void {
    this.#restored?.begin();
    this.#work = this.#settingAnchors();
    const now = monotonicMilliseconds();
    this.#graceEnds = now + ACCESS_GRACE_MS;
    while (this.#work && monotonicMilliseconds() < now + SERVED_WITHIN_MS) this.#goOn();
  }

  /** Whether the next review has something to go on with. */
  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  /** Does what is due by now. */
  review(): void {
    if (this.#work) this.#goOn();
    else if (this.#graceEnds !== undefined && monotonicMilliseconds() >= this.#graceEnds) {
      this.#graceEnds = undefined;
      this.#work = this.#reconciling();
    }
  }

  /** What could not be set since the last call, but for what `apply` has returned. */
  takeFailed(): ApplyResult['failed'] {
    const failed = this.#failed;
    if (failed.length > 0) this.#failed = [];
    return failed;
  }

  forwardHeld(...packet: Parameters<DataPlane['forwardHeld']>): void {
    this.#plane.forwardHeld(...packet);
  }

  /** Bindings with addresses of pools that the last change took away; they keep them until they end. */
  get outsidePools(): number {
    return this.#outsidePools;
  }

  /** The descriptor of the filter for packet sockets of access interfaces, where the data plane has one. */
  get accessFilter(): number | undefined {
    return this.#plane.accessFilterFd;
  }

  /** Lets the packets that the kernel leaves to the daemon, or all of them, be handled in the loop; `stranger` as `HostDataPlane` has it. */
  watch(loop: PollLoop, stranger: Stranger): void {
    this.#loop = loop;
    this.#stranger = stranger;
    this.#watchAnew();
  }

  /** Goes over to another configuration; what is the same in both is not touched. Returns what it could not do. Throws `DataPlaneError`. */
  reconfigure(wished: NodeForwarding): ApplyResult['failed'] {
    const [node, bindings] = withHeldPools(wished, this.#node, this.forwardings());
    this.#outsidePools = bindings;
    if (describe(node) === describe(this.#node)) return [];
    const { failed } = this.#change(node);
    this.#node = node;
    return failed;
  }

  /** After an interface has been replaced by another of its name. Throws `DataPlaneError`. */
  renew(): ApplyResult['failed'] {
    return this.#change(this.#node).failed;
  }

  /** With `keep`, forwarding goes on as it is, and only this process's hold on it ends. */
  close(keep: boolean): void {
    this.#unwatch();
    this.#plane.close({ keep });
  }

  #goOn(): void {
    if (this.#work && workSlice(this.#work).done) this.#work = undefined;
  }

  *#settingAnchors(): Generator<undefined, void> {
    yield* this.#restored?.working() ?? [];
    this.#restored = undefined;
    yield* this.#reconciling(['anchor']);
  }

  *#reconciling(kinds?: readonly Forwarding['kind'][]): Generator<undefined, void> {
    const { failed } = yield* this.#plane.reconciling(kinds);
    this.#failed.push(...failed);
  }

  #change(node: NodeForwarding): ApplyResult {
    try {
      return this.#plane.reconfigure(node);
    } finally {
      this.#watchAnew();
    }
  }

  #watchAnew(): void {
    this.#unwatch();
    if (!this.#loop) return;
    this.#watched = this.#plane.slowPathFds();
    for (const fd of this.#watched)
      this.#loop.watch(fd, () => {
        if (this.#plane.handleSlowPath(fd, this.#stranger)) this.#watchAnew();
      });
  }

  #unwatch(): void {
    for (const fd of this.#watched) this.#loop?.unwatch(fd);
    this.#watched = [];
  }
}

/** Equal for equal nodes: each address prints as itself. */
function describe(node: NodeForwarding): string {
  const { pools, accessInterfaces, localAddresses, vrfs = [], ...rest } = node;
  const interfaces = accessInterfaces.map(({ name, linkName, mac, linkLocal, addresses, ...more }) =>
    [name, linkName, mac, linkLocal, ...addresses, JSON.stringify(more)].join(' '),
  );
  const tables = vrfs.map(({ name, table, peers }) => ['', name, table, ...peers].join(' '));
  const addresses = [...pools.ipv4, ...pools.ipv6, '', ...localAddresses, ...tables].join(' ');
  return [addresses, ...interfaces, JSON.stringify(rest)].join('\n');
}
