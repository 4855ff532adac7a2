import type { MacAddress } from '#base/mac-address.ts';
import { instant } from '#base/time.ts';
import { requireCustomers } from '#dataplane/customer.ts';
import {
  type Agreement,
  type ApplyResult,
  type BindingCounters,
  DataPlaneError,
  type Reconciliation,
  type TunnelCounters,
} from '#dataplane/dataplane.ts';
import type { AnchorForwarding, Forwarding, ForwardingChange, NodeForwarding, Path } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { counterSlots, ForwardingTable } from '#dataplane/forwarding-table.ts';
import { targetOf } from '#dataplane/ip-packet.ts';
import { MemoryTables } from '#dataplane/memory-tables.ts';
import { type PacketFate, packetFate, type Sight } from '#dataplane/packet-fate.ts';
import { PacketForwarder } from '#dataplane/packet-forwarder.ts';
import { accessKey, anchorKey } from '#dataplane/part.ts';
import type { PathMtu } from '#dataplane/path-mtu.ts';
import type { TranslatedPort } from '#dataplane/translated-port.ts';
import { markTowards } from '#dataplane/vrf.ts';
import { DEFAULT_DEVICE } from '../bpf-data-plane.ts';
import { type ChangedRoutes, isWithin, RouteEvents } from '../bpf-route-events.ts';
import { UndoStack } from '../bpf-undo.ts';
import { monotonicMilliseconds } from '../clock.ts';
import type { HostDataPlane, Stranger } from '../host-data-plane.ts';
import { Netlink, NetlinkError } from '../netlink.ts';
import { links } from '../netlink-requests.ts';
import { close, ifNameToIndex, SystemCallError } from '../posix.ts';
import { mayMovePools, type ProxyView } from '../proxied-links.ts';
import { sameEntries } from '../same-entries.ts';
import { keepTap, openOffloadTap, openTap } from '../tap.ts';
import { VlanDevices } from '../vlan-devices.ts';
import { NeighbourProxy } from './neighbour-proxy.ts';
import { customerCores, setUpNode, tearDownNode, type UserNodeDevices, type UserNodeParts } from './node-setup.ts';
import { PacketPorts } from './packet-ports.ts';
import { UserState } from './user-state.ts';
import { UserTables } from './user-tables.ts';
import { VlanBridge } from './vlan-bridge.ts';

export interface UserDataPlaneOptions {
  /** Name of the TAP device. */
  readonly device?: string;
  /** The first of the routing tables, and the priority of the rules. */
  readonly table?: number;
  readonly priority?: number;
}

/** The number of the RFC that began it. */
const DEFAULT_TABLE = 5213;

/** What holds from `start` to `close`. */
interface Running {
  readonly setup: UserNodeParts;
  readonly state: UserState;
  readonly tap: number;
  readonly memory: MemoryTables;
  readonly tables: UserTables;
  readonly forwarding: ForwardingTable;
  readonly forwarder: PacketForwarder;
  readonly events: RouteEvents;
  readonly ports: PacketPorts;
  readonly proxy: NeighbourProxy;
  readonly bridge: VlanBridge;
  /** What changes when the node does. */
  node: NodeForwarding;
  devices: UserNodeDevices;
}

/**
 * The data plane in this process, for kernels without BPF: every packet of a mobile node comes to it through a socket or the pmip device, in the network
 * namespace of the calling thread, and the same code decides on it as in the simulator.
 *
 * What is set up of the kernel stays when the process dies; packets are lost then until the next process has its bindings. `close` removes all of it.
 */
export class UserDataPlane implements HostDataPlane {
  readonly #options: UserDataPlaneOptions;
  #running: Running | undefined;

  constructor(options: UserDataPlaneOptions = {}) {
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

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** A program in classic BPF cannot know the stations. */
  get accessFilterFd(): undefined {
    return undefined;
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
      return change(running, node);
    } catch (error) {
      change(running, before);
      throw explain(error);
    }
  }

  reconcile(kinds?: readonly Forwarding['kind'][]): Reconciliation {
    return this.#started().forwarding.reconcile(kinds);
  }

  reconciling(kinds?: readonly Forwarding['kind'][]): Generator<undefined, Reconciliation> {
    return this.#started().forwarding.reconciling(kinds);
  }

  audit(): Agreement {
    return this.#started().forwarding.audit();
  }

  auditing(): Generator<undefined, Agreement> {
    return this.#started().forwarding.auditing();
  }

  fateOf(packet: Uint8Array, interfaceIndex: number, way: Sight['way']): PacketFate {
    const { devices, memory, forwarding, forwarder, node } = this.#started();
    const access = [...devices.access].find(([, index]) => index === interfaceIndex)?.[0];
    const own = node.accessInterfaces.find(({ name }) => name === access)?.customer;
    const customer = own ?? devices.cores.get(interfaceIndex) ?? 0;
    const tables = {
      isPeer: (address: Path['remote']) => forwarder.isPeer(address),
      isLocal: (address: Path['local']) => node.localAddresses.some((local) => local.key === address.key),
      binding(kind: Forwarding['kind'], target: Parameters<typeof anchorKey>[1]) {
        const entry = memory.get((kind === 'anchor' ? anchorKey : accessKey)(customer, target));
        if (entry?.kind !== 'anchor-entry' && entry?.kind !== 'access-entry') return undefined;
        const here = entry.kind === 'anchor-entry' || entry.interface === access;
        return { path: forwarding.pathAt(entry.path), receiveKey: entry.keys?.receive ?? 0, here };
      },
    };
    return packetFate(packet, { way, access: access !== undefined }, tables);
  }

  forwardings(): Iterable<Forwarding> {
    return this.#started().forwarding.forwardings();
  }

  forwarding(kind: Forwarding['kind'], id: string): Forwarding | undefined {
    return this.#started().forwarding.held(kind, id)?.forwarding;
  }

  translatedPort(path: Path): TranslatedPort | undefined {
    return this.#started().forwarding.translatedPort(path);
  }

  forwardHeld(interfaceName: string, mac: MacAddress, packet: Uint8Array): void {
    this.#started().ports.forwardHeld(interfaceName, mac, packet);
  }

  counters(id: string, kind?: Forwarding['kind']): BindingCounters | undefined {
    const { forwarding, memory } = this.#started();
    const index = forwarding.counters(id, kind);
    return index === undefined ? undefined : { ...memory.counters(index) };
  }

  mtuOf(path: Path): number | undefined {
    const { forwarding, forwarder } = this.#started();
    return forwarding.partOf(path) && forwarder.mtuOf(path);
  }

  tunnelCounters(): readonly TunnelCounters[] {
    return this.#started().forwarder.tunnelCounters();
  }

  takePathMtus(): readonly PathMtu[] {
    return this.#started().forwarder.takePathMtus();
  }

  filterHits(kind: Forwarding['kind']): readonly number[] {
    return this.#started().forwarder.filterHits(kind);
  }

  drops(): Record<DropReason, number> {
    return { ...this.#started().forwarder.drops };
  }

  slowPathFds(): number[] {
    const { ports, events, proxy, bridge } = this.#started();
    return [...ports.fds(), ...bridge.fds(), ...proxy.fds(), events.fd];
  }

  handleSlowPath(fd: number, stranger?: Stranger): boolean {
    const running = this.#started();
    const { ports, events, proxy, bridge } = running;
    if (fd === events.fd) {
      const changed = events.changedRoutes();
      this.#followRoutes(changed);
      const others = changed === 'everything' && followLinks(running);
      return (mayMovePools(changed, running.node) && followProxies(running)) || others;
    }
    if (proxy.has(fd)) proxy.handle(fd);
    else if (bridge.has(fd)) bridge.handle(fd);
    else ports.handle(fd, stranger);
    return false;
  }

  get proxy(): ProxyView {
    const { proxy, ports } = this.#started();
    return { ...proxy.view, answeredMobileNodes: ports.arpAnswers };
  }

  close({ keep = false }: { readonly keep?: boolean } = {}): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const { forwarding, setup, state, ports, events, proxy, bridge, tap } = running;
    if (!keep) {
      forwarding.clearAll();
      tearDownNode(setup);
      state.remove();
      keepTap(tap, false);
    }
    ports.close();
    proxy.close();
    events.close();
    setup.vlans.close();
    bridge.close();
    setup.netlink.close();
    close(tap);
  }

  #start(node: NodeForwarding): Running {
    const { device = DEFAULT_DEVICE, table = DEFAULT_TABLE, priority = DEFAULT_TABLE } = this.#options;
    const release = new UndoStack();
    try {
      const isNew = ifNameToIndex(device) === 0;
      const tap = openTap(device);
      release.push(() => close(tap));
      if (isNew) release.push(() => keepTap(tap, false));
      const state = new UserState(device, isNew);
      if (isNew) release.push(() => state.remove());
      const netlink = new Netlink();
      release.push(() => netlink.close());
      const bridge = new VlanBridge();
      release.push(() => bridge.close());
      const vlans = new VlanDevices({ netlink, notes: state, carrier: bridge, open: openOffloadTap });
      release.push(() => vlans.close());
      const setup = { netlink, notes: state, device, routing: { table, priority }, vlans };
      if (isNew) release.push(() => tearDownNode(setup));
      const devices = setUpNode(setup, node);
      state.note();
      const memory = new MemoryTables();
      memory.counterSlots = counterSlots(node);
      const tables = new UserTables(
        {
          memory,
          netlink,
          markTowards: ({ remote }) => markTowards(running.node.vrfs, remote),
          onPath: (path) => forwarder.noteMtu(path),
        },
        devices,
      );
      const forwarding = new ForwardingTable(node, tables, (remote) => forwarder.forgetPeer(remote));
      const now = () => instant(monotonicMilliseconds());
      const linkMtu = (path: Path) => tables.linkMtu(path);
      const accessMtu = (name: string) => tables.accessMtu(name);
      const surroundings = { isRouter: false, linkMtu, accessMtu, now };
      const forwarder = new PacketForwarder({ node, tables: memory, forwarding, ...surroundings });
      const events = new RouteEvents();
      release.push(() => events.close());
      const ports = new PacketPorts({ tap, forwarder, memory, netlink });
      release.push(() => ports.close());
      ports.open(node, devices.access);
      ports.openCores(devices.cores);
      const proxy = new NeighbourProxy(
        netlink,
        (customer, address) => memory.get(anchorKey(customer, targetOf(address))) !== undefined,
      );
      release.push(() => proxy.close());
      const running: Running = {
        ...{ setup, state, tap, memory, tables, forwarding, forwarder, events, ports, proxy, bridge },
        node,
        devices,
      };
      followProxies(running);
      return running;
    } catch (error) {
      release.run();
      throw error;
    }
  }

  #followRoutes(changed: ChangedRoutes): void {
    const { tables, forwarding, ports } = this.#started();
    const affected = [...forwarding.paths()].filter(
      ({ path }) => changed === 'everything' || changed.some((to) => isWithin(to, path.remote)),
    );
    tables.resolve(affected);
    ports.followAddresses();
  }

  #started(): Running {
    if (!this.#running) throw new DataPlaneError('system', 'the data plane is not started');
    return this.#running;
  }
}

/** Whether its descriptors have changed. */
function followProxies({ proxy, node, devices }: Running): boolean {
  return proxy.follow(node, new Set([devices.pmip, ...devices.access.values()]));
}

/** Interfaces that have VLANs, or lead to mobile nodes or customers' correspondent nodes, may be others now, or up or down; whether there are other descriptors. */
function followLinks({ setup, bridge, ports, tables, node }: Running): boolean {
  const fds = () => [...bridge.fds(), ...ports.fds()];
  const before = fds();
  const present = links(setup.netlink);
  setup.vlans.join(present);
  tables.followLinks(present);
  ports.openCores(customerCores(node, present));
  const after = fds();
  return after.length !== before.length || after.some((fd, i) => fd !== before[i]);
}

/** Goes over to another node; may be called again with the former one when it fails. */
function change(running: Running, node: NodeForwarding): ApplyResult {
  const { setup, state, memory, tables, forwarding, forwarder, ports } = running;
  const devices = setUpNode(setup, node);
  // Not before: what ends here would not come back if the node could not be gone over to.
  const failed = forwarding.configure(node);
  state.note();
  running.node = node;
  forwarder.node = node;
  memory.counterSlots = counterSlots(node);
  forwarding.grow();
  tables.devices = devices;
  tables.resolve(forwarding.paths());
  ports.open(node, devices.access);
  ports.openCores(devices.cores);
  const same = running.devices;
  running.devices = devices;
  followProxies(running);
  if (sameInterfaces(devices, same) && !devices.disturbed) return { failed };
  return { failed: [...failed, ...forwarding.reconcile([]).failed] };
}

function sameInterfaces({ access, tables }: UserNodeDevices, other: UserNodeDevices): boolean {
  return sameEntries(access, other.access) && sameEntries(tables, other.tables);
}

function explain(error: unknown): unknown {
  const isOfSystem = error instanceof NetlinkError || error instanceof SystemCallError;
  return isOfSystem ? new DataPlaneError('system', error.message, { cause: error }) : error;
}
