import type { MacAddress } from '#base/mac-address.ts';
import { type ApplyResult, type BindingCounters, type DataPlane, DataPlaneError } from '#dataplane/dataplane.ts';
import type { Forwarding, ForwardingChange, NodeForwarding } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { ForwardingTable } from '#dataplane/forwarding-table.ts';
import type { PathPart } from '#dataplane/part.ts';
import type { PathMtu } from '#dataplane/path-mtu.ts';
import { mapsFit, PmipMaps } from './bpf-maps.ts';
import { deviceMtu, NodeSetup } from './bpf-node.ts';
import { closePrograms, explainBpfFailure, loadPrograms, type PmipPrograms, readPmipObject } from './bpf-programs.ts';
import { type ChangedRoutes, isWithin, RouteEvents } from './bpf-route-events.ts';
import { SlowPath } from './bpf-slow-path.ts';
import { BpfTables } from './bpf-tables.ts';
import { UndoStack } from './bpf-undo.ts';
import { Netlink, NetlinkError } from './netlink.ts';
import { PmipSender } from './pmip-sender.ts';
import { close } from './posix.ts';
import { keepTap, openTap } from './tap.ts';

export interface BpfDataPlaneOptions {
  /** Name of the TAP device. */
  readonly device?: string;
  /** The routing table for what comes from access links, and the priority of the rules that lead to it. */
  readonly table?: number;
  readonly priority?: number;
  /** The compiled programs. */
  readonly object?: URL;
}

export const DEFAULT_DEVICE = 'pmip0';
/** The number of the RFC that began it. */
const DEFAULT_TABLE = 5213;

interface Running {
  /** What the maps were made for. */
  readonly madeFor: NodeForwarding;
  readonly setup: NodeSetup;
  readonly netlink: Netlink;
  readonly maps: PmipMaps;
  readonly programs: PmipPrograms;
  readonly tap: number;
  readonly tables: BpfTables;
  readonly forwarding: ForwardingTable;
  readonly slowPath: SlowPath;
  readonly sender: PmipSender;
  readonly events: RouteEvents;
}

/**
 * The data plane in the kernel: BPF programs beside routes and neighbours, in the network namespace of the calling thread.
 *
 * What it sets up stays when the process dies, and forwards on; the next `start` takes over the device, replaces the programs and removes
 * what else the dead one left. `close` removes all of it.
 */
export class BpfDataPlane implements DataPlane {
  readonly #options: BpfDataPlaneOptions;
  readonly #undo = new UndoStack();
  #running: Running | undefined;

  constructor(options: BpfDataPlaneOptions = {}) {
    this.#options = options;
  }

  start(node: NodeForwarding): void {
    if (this.#running) throw new DataPlaneError('system', 'the data plane is already started');
    try {
      this.#running = this.#start(node);
    } catch (error) {
      this.#undo.run();
      throw explain(error);
    }
  }

  /** Between `start` and `close`. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  reconfigure(node: NodeForwarding): ApplyResult | 'needs-restart' {
    const { madeFor, setup, tables, forwarding, slowPath, sender } = this.#started();
    if (!mapsFit(madeFor, node) || rest(madeFor) !== rest(node)) return 'needs-restart';
    try {
      const present = setup.present();
      const result = forwarding.reconfigure(node, setup.changedInterfaces(node, present), () =>
        setup.become(node, present),
      );
      slowPath.listenAt(node.localAddresses);
      sender.setMtu(deviceMtu(node));
      tables.setLimits(node);
      return result;
    } catch (error) {
      throw explain(error);
    }
  }

  apply(changes: readonly ForwardingChange[]): ApplyResult {
    return this.#started().forwarding.apply(changes);
  }

  forwardHeld(_interfaceName: string, _mac: MacAddress, packet: Uint8Array): void {
    this.#started().slowPath.forwardHeld(packet);
  }

  counters(id: string, kind?: Forwarding['kind']): BindingCounters | undefined {
    const { forwarding, maps } = this.#started();
    const held = kind ? forwarding.held(kind, id) : (forwarding.held('anchor', id) ?? forwarding.held('access', id));
    return held && maps.counters(held.counters);
  }

  takePathMtus(): readonly PathMtu[] {
    return this.#started().tables.takePathMtus();
  }

  drops(): Record<DropReason, number> {
    const { maps, slowPath, sender } = this.#started();
    const counts = maps.drops();
    for (const drops of [slowPath.drops, sender.drops]) {
      for (const [reason, count] of Object.entries(drops)) counts[reason as DropReason] += count;
    }
    return counts;
  }

  /** A socket filter for the packet socket of an access interface; belongs to the data plane. */
  get accessFilterFd(): number {
    return this.#started().programs.accessFilter;
  }

  /** Descriptors to poll for `handleSlowPath`. */
  slowPathFds(): number[] {
    const { slowPath, events } = this.#started();
    return [...slowPath.fds(), events.fd];
  }

  /** To be called when a descriptor of `slowPathFds` is readable; does a bounded amount of work. */
  handleSlowPath(fd: number): void {
    const { slowPath, events } = this.#started();
    if (fd !== events.fd) slowPath.handle(fd);
    else this.resolvePaths(events.changedRoutes());
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
    if (!this.#running) return;
    if (keep) this.#undo.forget();
    else this.#running.forwarding.clearAll();
    this.#undo.run();
    const { netlink, maps, programs, tap, slowPath, sender, events } = this.#running;
    this.#running = undefined;
    slowPath.close();
    sender.close();
    events.close();
    closePrograms(programs);
    maps.close();
    netlink.close();
    close(tap);
  }

  #start(node: NodeForwarding): Running {
    const { device = DEFAULT_DEVICE, table = DEFAULT_TABLE, priority = DEFAULT_TABLE, object } = this.#options;
    const release = new UndoStack();
    try {
      const programFile = readPmipObject(object);
      const maps = new PmipMaps(node);
      release.push(() => maps.close());
      const programs = loadPrograms(programFile, maps);
      release.push(() => closePrograms(programs));
      const netlink = new Netlink();
      release.push(() => netlink.close());
      const tap = openTap(device);
      release.push(() => close(tap));
      this.#undo.push(() => keepTap(tap, false));
      const setup = new NodeSetup({ netlink, maps, programs, undo: this.#undo }, device, { table, priority });
      const devices = setup.run(node);
      const tables = new BpfTables(maps, netlink, devices.access, (index) => setup.attachTransport(index), node);
      const forwarding = new ForwardingTable(node, tables);
      const sender = new PmipSender(devices.pmip, deviceMtu(node));
      release.push(() => sender.close());
      const slowPath = new SlowPath({ tap, maps, forwarding, tables, sender });
      release.push(() => slowPath.close());
      slowPath.listenAt(node.localAddresses);
      const events = new RouteEvents();
      return { madeFor: node, setup, netlink, maps, programs, tap, tables, forwarding, slowPath, sender, events };
    } catch (error) {
      this.#undo.run();
      release.run();
      throw error;
    }
  }

  #started(): Running {
    if (!this.#running) throw new DataPlaneError('system', 'the data plane is not started');
    return this.#running;
  }
}

/** What cannot be changed without a new start; equal for equal nodes. */
function rest(node: NodeForwarding): string {
  const changeable = { pools: 0, accessInterfaces: 0, localAddresses: 0, tunnelMtu: 0, tcpMss: 0, maximumBindings: 0 };
  return JSON.stringify({ ...node, ...changeable });
}

function explain(error: unknown): unknown {
  if (error instanceof NetlinkError) return new DataPlaneError('system', error.message, { cause: error });
  return explainBpfFailure(error);
}
