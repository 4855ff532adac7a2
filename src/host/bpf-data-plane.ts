import type { MacAddress } from '#base/mac-address.ts';
import { requireCustomers } from '#dataplane/customer.ts';
import {
  type Agreement,
  type ApplyResult,
  type BindingCounters,
  type DataPlane,
  DataPlaneError,
  type Reconciliation,
  type TunnelCounters,
} from '#dataplane/dataplane.ts';
import type { AnchorForwarding, Forwarding, ForwardingChange, NodeForwarding, Path } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { decapsulate } from '#dataplane/encapsulation.ts';
import { ForwardingTable } from '#dataplane/forwarding-table.ts';
import { deviceMtu } from '#dataplane/local-routing.ts';
import { type PacketFate, packetFate, type Sight } from '#dataplane/packet-fate.ts';
import type { PathPart } from '#dataplane/part.ts';
import type { PathMtu } from '#dataplane/path-mtu.ts';
import type { TranslatedPort } from '#dataplane/translated-port.ts';
import { removeDeadPins } from './bpf-dead-pins.ts';
import { filterHits } from './bpf-filters.ts';
import { PmipMaps } from './bpf-maps.ts';
import { type NodeDevices, NodeSetup } from './bpf-node.ts';
import { NodeState } from './bpf-node-state.ts';
import { Pins } from './bpf-pins.ts';
import {
  closePrograms,
  explainBpfFailure,
  loadPrograms,
  type PmipPrograms,
  pinPrograms,
  readPmipObject,
} from './bpf-programs.ts';
import { type ChangedRoutes, isWithin, RouteEvents } from './bpf-route-events.ts';
import { SlowPath } from './bpf-slow-path.ts';
import { BpfTables } from './bpf-tables.ts';
import { UndoStack } from './bpf-undo.ts';
import type { BpfObject } from './elf.ts';
import { type KernelFeature, type KernelFeatures, usableFeatures } from './kernel-features.ts';
import { Netlink, NetlinkError } from './netlink.ts';
import type { OurObject } from './netlink-requests.ts';
import { PmipSender } from './pmip-sender.ts';
import { close, ifNameToIndex } from './posix.ts';
import { ProgramAttachments } from './program-attachments.ts';
import { mayMovePools, type ProxyView } from './proxied-links.ts';
import { sameEntries } from './same-entries.ts';
import { keepTap, openTap } from './tap.ts';

export interface BpfDataPlaneOptions {
  /** Name of the TAP device. */
  readonly device?: string;
  /** The routing table for what comes from access links, and the priority of the rules that lead to it. */
  readonly table?: number;
  readonly priority?: number;
  /** The compiled programs. */
  readonly object?: URL;
  /** What the kernel may have and is not to be used. */
  readonly without?: readonly KernelFeature[];
}

export const DEFAULT_DEVICE = 'pmip0';
/** The number of the RFC that began it. */
const DEFAULT_TABLE = 5213;

/** What holds from `start` to `close`. */
interface Running {
  readonly object: BpfObject;
  readonly features: KernelFeatures;
  readonly pins: Pins | undefined;
  readonly state: NodeState;
  readonly netlink: Netlink;
  readonly maps: PmipMaps;
  readonly tap: number;
  readonly attachments: ProgramAttachments;
  readonly setup: NodeSetup;
  readonly tables: BpfTables;
  readonly forwarding: ForwardingTable;
  readonly events: RouteEvents;
  readonly sender: PmipSender;
  readonly slowPath: SlowPath;
  /** What changes when the node does. */
  node: NodeForwarding;
  devices: NodeDevices;
  programs: PmipPrograms;
  /** Programs of an older process run on, until what it forwarded has been set anew. */
  isTakingOver: boolean;
}

/**
 * The data plane in the kernel: BPF programs beside routes and neighbours, in the network namespace of the calling thread.
 *
 * What it sets up stays when the process dies, and forwards on; the next `start` adopts it. `close` removes all of it.
 */
export class BpfDataPlane implements DataPlane {
  readonly #options: BpfDataPlaneOptions;
  #running: Running | undefined;

  constructor(options: BpfDataPlaneOptions = {}) {
    this.#options = options;
  }

  start(node: NodeForwarding): void {
    if (this.#running) throw new DataPlaneError('system', 'the data plane is already started');
    requireCustomers(node);
    try {
      this.#running = this.#start(node);
    } catch (error) {
      throw explain(error);
    }
  }

  /** Between `start` and `close`. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  apply(changes: readonly ForwardingChange[]): ApplyResult {
    return this.#started().forwarding.apply(changes);
  }

  claim(forwarding: AnchorForwarding): boolean {
    return this.#started().forwarding.claim(forwarding);
  }

  reconfigure(node: NodeForwarding): ApplyResult {
    const running = this.#started();
    requireCustomers(node);
    const before = running.node;
    try {
      return this.#change(running, node);
    } catch (error) {
      this.#change(running, before);
      throw explain(error);
    }
  }

  reconcile(kinds?: readonly Forwarding['kind'][]): Reconciliation {
    return this.#allSet().reconcile(kinds);
  }

  /** `reconcile` in steps, between which bindings may come and go. */
  reconciling(kinds?: readonly Forwarding['kind'][]): Generator<undefined, Reconciliation> {
    return this.#allSet().reconciling(kinds);
  }

  audit(): Agreement {
    return this.#started().forwarding.audit();
  }

  /** `audit` in steps, between which bindings may come and go. */
  auditing(): Generator<undefined, Agreement> {
    return this.#started().forwarding.auditing();
  }

  /** What becomes of a packet that is seen at an interface, by the tables as they are now. */
  fateOf(packet: Uint8Array, interfaceIndex: number, way: Sight['way']): PacketFate {
    const { maps, forwarding } = this.#started();
    const tunnel = decapsulate(packet);
    const isTunnel = tunnel !== undefined && tunnel !== 'malformed' && maps.isTunnelEnd(tunnel.destination);
    const customer = isTunnel
      ? maps.customerOfTunnel({ local: tunnel.destination, remote: tunnel.source, receiveKey: tunnel.key })
      : maps.customerOfDevice(interfaceIndex);
    return packetFate(
      packet,
      { way, access: maps.isAccess(interfaceIndex) },
      {
        isPeer: (address) => maps.isPeer(address),
        isLocal: (address) => maps.isTunnelEnd(address),
        binding(kind, target) {
          const held = maps.binding(kind, customer, target);
          if (!held) return undefined;
          const here = kind === 'anchor' || held.device === interfaceIndex;
          return { path: forwarding.pathAt(held.path), receiveKey: held.receiveKey, here };
        },
      },
    );
  }

  /** What is held of every binding. */
  forwardings(): Iterable<Forwarding> {
    return this.#started().forwarding.forwardings();
  }

  /** That of one binding. */
  forwarding(kind: Forwarding['kind'], id: string): Forwarding | undefined {
    return this.#started().forwarding.held(kind, id)?.forwarding;
  }

  forwardHeld(interfaceName: string, _mac: MacAddress, packet: Uint8Array): void {
    const { slowPath, maps, devices } = this.#started();
    slowPath.forwardHeld(packet, maps.customerOfDevice(devices.access.get(interfaceName) ?? 0));
  }

  counters(id: string, kind?: Forwarding['kind']): BindingCounters | undefined {
    const { forwarding, maps } = this.#started();
    const held =
      (kind === 'access' ? undefined : forwarding.held('anchor', id)) ??
      (kind === 'anchor' ? undefined : forwarding.held('access', id));
    return held && maps.shared.counters(held.counters, held.parts);
  }

  /** The longest packet of a mobile node that goes through a path in one piece; `undefined` when no binding uses it. */
  mtuOf(path: Path): number | undefined {
    const { forwarding, tables } = this.#started();
    const part = forwarding.partOf(path);
    return part && tables.mtuOf(part.index);
  }

  translatedPort(path: Path): TranslatedPort | undefined {
    return this.#started().forwarding.translatedPort(path);
  }

  tunnelCounters(): readonly TunnelCounters[] {
    const { forwarding, maps, features } = this.#started();
    const parts = [...forwarding.paths()];
    const indices = parts.map(({ index }) => index);
    return (['anchor', 'access'] as const).flatMap((kind) =>
      maps.pathCounters(kind, indices, features).map((counters, i) => {
        const { customer, path } = parts[i] as PathPart;
        return { kind, customer, path, ...counters };
      }),
    );
  }

  takePathMtus(): readonly PathMtu[] {
    return this.#started().tables.takePathMtus();
  }

  filterHits(kind: Forwarding['kind']): readonly number[] {
    return filterHits(this.#started().maps, kind);
  }

  drops(): Record<DropReason, number> {
    const { maps, slowPath, sender } = this.#started();
    const counts = maps.drops();
    for (const drops of [slowPath.drops, sender.drops]) {
      for (const [reason, count] of Object.entries(drops)) counts[reason as DropReason] += count;
    }
    return counts;
  }

  /** A socket filter for the packet socket of an access interface; belongs to the data plane, and is another one after `reconfigure`. */
  get accessFilterFd(): number {
    return this.#started().programs.accessFilter;
  }

  /** The loaded programs; they belong to the data plane. */
  get programs(): PmipPrograms {
    return this.#started().programs;
  }

  /** Descriptors to poll for `handleSlowPath`; others after `reconfigure`. */
  slowPathFds(): number[] {
    const { slowPath, events } = this.#started();
    return [...slowPath.fds(), events.fd];
  }

  /** To be called when a descriptor of `slowPathFds` is readable; does a bounded amount of work. Whether there are others now. */
  handleSlowPath(fd: number): boolean {
    const running = this.#started();
    const { setup, slowPath, events } = running;
    if (fd !== events.fd) {
      slowPath.handle(fd);
      return false;
    }
    const changed = events.changedRoutes();
    if (changed === 'everything') setup.followLinks();
    this.resolvePaths(changed);
    if (mayMovePools(changed, running.node)) followPools(running);
    return false;
  }

  /** Where it answers for mobile nodes. */
  get proxy(): ProxyView {
    const { setup, maps } = this.#started();
    const [answered, answeredMobileNodes] = [maps.answers('anchored'), maps.answers('home-subnet')];
    return { interfaces: setup.proxiedLinks, answered, answeredMobileNodes };
  }

  /** Looks up anew how each peer is reached to which a route may have changed. */
  resolvePaths(changed: ChangedRoutes = 'everything'): void {
    const { tables, forwarding } = this.#started();
    const paths = [...forwarding.paths()];
    const affected = ({ path }: PathPart) =>
      changed === 'everything' || changed.some((to) => isWithin(to, path.remote));
    tables.resolve(paths.filter(affected));
  }

  /** With `keep`, forwarding goes on as it is, and only this process's hold on it ends. */
  close({ keep = false }: { readonly keep?: boolean } = {}): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    if (!keep) {
      running.forwarding.clearAll();
      running.setup.remove();
      running.pins?.removeAll();
      keepTap(running.tap, false);
    }
    running.setup.close();
    running.slowPath.close();
    running.sender.close();
    running.events.close();
    closePrograms(running.programs);
    running.attachments.close();
    running.state.close();
    running.maps.close();
    running.netlink.close();
    close(running.tap);
  }

  #start(node: NodeForwarding): Running {
    const { device = DEFAULT_DEVICE, table = DEFAULT_TABLE, priority = DEFAULT_TABLE, without } = this.#options;
    const release = new UndoStack();
    try {
      const object = readPmipObject(this.#options.object);
      const features = usableFeatures(without);
      const isNew = ifNameToIndex(device) === 0;
      const tap = openTap(device);
      release.push(() => close(tap));
      if (isNew) release.push(() => keepTap(tap, false));
      const pins = features.pins ? Pins.of(device) : undefined;
      pins?.removeUnnamed();
      if (pins) removeDeadPins();
      const netlink = new Netlink();
      release.push(() => netlink.close());
      const attachments = new ProgramAttachments(netlink, pins, features);
      release.push(() => attachments.close());
      const runsHere = () => attachments.isAttached(ifNameToIndex(device), 'egress');
      const state = new NodeState(pins, features, runsHere);
      release.push(() => state.close());
      const maps = new PmipMaps(node, state.understood ? pins : undefined, features);
      release.push(() => maps.close());
      const programs = loadPrograms(object, maps.byName);
      release.push(() => closePrograms(programs));
      const parts = { netlink, maps, attachments, features, notes: state, device };
      const setup = new NodeSetup({ ...parts, routing: { table, priority } }, programs);
      release.push(() => setup.close());
      if (isNew) release.push(() => setup.remove());
      if (isNew) release.push(() => pins?.removeAll());
      const isTakingOver = !maps.adopted && runsHere();
      let there: readonly OurObject[] = [];
      const listed = (objects: readonly OurObject[]) => {
        there = objects;
      };
      const devices = setup.run(node, { later: isTakingOver, listed });
      const tables = new BpfTables(parts, devices, (index) => setup.attachTransport(index), node, there);
      maps.clearStations(features);
      const forwarding = new ForwardingTable(node, tables);
      tables.takeOver(forwarding.paths());
      const sender = new PmipSender(devices.pmip, deviceMtu(node));
      release.push(() => sender.close());
      const slowPath = new SlowPath({ tap, maps, forwarding, tables, sender });
      release.push(() => slowPath.close());
      slowPath.listenAt(node.localAddresses);
      slowPath.filters = node.tunnelFilters ?? {};
      const events = new RouteEvents();
      release.push(() => events.close());
      if (pins) pinAll(pins, maps, programs);
      state.save(!isTakingOver);
      const fixed = { object, features, pins, state, netlink, maps, tap, attachments, setup, tables, forwarding };
      return { ...fixed, events, sender, slowPath, node, devices, programs, isTakingOver };
    } catch (error) {
      release.run();
      throw error;
    }
  }

  /** Goes over to another node; may be called again with the former one when it fails. */
  #change(running: Running, node: NodeForwarding): ApplyResult {
    const { object, maps, forwarding, setup, tables, state, pins } = running;
    const programs = maps.grow(node, (larger) => loadPrograms(object, larger));
    // Before anything else can fail: no others see what is in the larger maps from now on.
    if (programs) {
      closePrograms(running.programs);
      running.programs = programs;
      setup.exchange(programs);
      if (pins) pinAll(pins, maps, programs);
    }
    const devices = setup.run(node, { later: running.isTakingOver });
    // Not before: what ends here would not come back if the node could not be gone over to.
    const failed = forwarding.configure(node);
    tables.devices = devices;
    state.save(!running.isTakingOver);
    forwarding.grow();
    running.sender.setMtu(deviceMtu(node));
    tables.setLimits(node);
    running.slowPath.filters = node.tunnelFilters ?? {};
    running.slowPath.listenAt(node.localAddresses);
    running.node = node;
    const former = running.devices;
    running.devices = devices;
    if (sameInterfaces(devices, former) && !devices.disturbed) return { failed };
    return { failed: [...failed, ...forwarding.reconcile([]).failed] };
  }

  /** Its programs are in charge from now on. */
  #allSet(): ForwardingTable {
    const running = this.#started();
    if (running.isTakingOver) {
      running.setup.attachAll();
      running.isTakingOver = false;
      running.state.save(true);
    }
    return running.forwarding;
  }

  #started(): Running {
    if (!this.#running) throw new DataPlaneError('system', 'the data plane is not started');
    return this.#running;
  }
}

function followPools({ setup, state, node, devices, isTakingOver }: Running): void {
  setup.followPools(node, new Set([devices.pmip, ...devices.access.values()]));
  state.save(!isTakingOver);
}

/** Whether what is on access links for bindings is where it was. */
function sameInterfaces({ access, tables }: NodeDevices, other: NodeDevices): boolean {
  return sameEntries(access, other.access) && sameEntries(tables, other.tables);
}

function pinAll(pins: Pins, maps: PmipMaps, programs: PmipPrograms): void {
  maps.pin(pins);
  pinPrograms(programs, pins);
}

function explain(error: unknown): unknown {
  if (error instanceof NetlinkError) return new DataPlaneError('system', error.message, { cause: error });
  return explainBpfFailure(error);
}
