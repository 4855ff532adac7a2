import { sameAddress } from '#base/ip-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { type Instant, instant } from '#base/time.ts';
import { requireCustomers } from './customer.ts';
import {
  type Agreement,
  type ApplyResult,
  type BindingCounters,
  type DataPlane,
  DataPlaneError,
  type Reconciliation,
  type TunnelCounters,
} from './dataplane.ts';
import type { Forwarding, ForwardingChange, NodeForwarding, Path } from './desired.ts';
import type { DropReason } from './drop-reason.ts';
import { decapsulate } from './encapsulation.ts';
import { counterSlots, ForwardingTable } from './forwarding-table.ts';
import { icmpErrorPacket } from './icmp-error.ts';
import { MemoryTables } from './memory-tables.ts';
import { type Departure, PacketForwarder, type Report } from './packet-forwarder.ts';
import { stationKey } from './part.ts';
import type { PathMtu } from './path-mtu.ts';
import type { TranslatedPort } from './translated-port.ts';
import { icmpIn, readTunnelError } from './tunnel-error.ts';

const TRANSPORT_MTU = 1500;
const ACCESS_MTU = 1500;
/** Where it stands still, nothing that was learnt is forgotten. */
const NO_TIME = instant(0);

interface Running {
  readonly node: NodeForwarding;
  readonly forwarding: ForwardingTable;
  readonly forwarder: PacketForwarder;
}

/**
 * A data plane that forwards in memory (`PacketForwarder`), for the simulator and for tests. The transport network carries 1500 octets.
 */
export class MemoryDataPlane implements DataPlane {
  readonly #tables: MemoryTables;
  readonly #now: () => Instant;
  readonly #accessMtu: (interfaceName: string) => number;
  #running: Running | undefined;

  /** With the tables of a data plane whose process died, it takes over what is in them. `accessMtu`: of the link of an access interface, in octets. */
  constructor(tables = new MemoryTables(), now = () => NO_TIME, accessMtu = (_interfaceName: string) => ACCESS_MTU) {
    this.#tables = tables;
    this.#now = now;
    this.#accessMtu = accessMtu;
  }

  start(node: NodeForwarding): void {
    if (this.#running) throw new DataPlaneError('system', 'the data plane is already started');
    requireCustomers(node);
    const tables = this.#tables;
    tables.counterSlots = counterSlots(node);
    tables.forgetStations();
    const forwarding = new ForwardingTable(node, tables, (remote) => forwarder.forgetPeer(remote));
    const surroundings = { isRouter: true, linkMtu: () => TRANSPORT_MTU, accessMtu: this.#accessMtu, now: this.#now };
    const forwarder = new PacketForwarder({ node, tables, forwarding, ...surroundings });
    this.#running = { node, forwarding, forwarder };
  }

  reconfigure(node: NodeForwarding): ApplyResult {
    const { forwarding, forwarder } = this.#started();
    requireCustomers(node);
    const failed = forwarding.configure(node);
    forwarder.node = node;
    this.#running = { node, forwarding, forwarder };
    this.#tables.counterSlots = counterSlots(node);
    forwarding.grow();
    return { failed };
  }

  reconcile(kinds?: readonly Forwarding['kind'][]): Reconciliation {
    return this.#started().forwarding.reconcile(kinds);
  }

  audit(): Agreement {
    return this.#started().forwarding.audit();
  }

  apply(changes: readonly ForwardingChange[]): ApplyResult {
    return this.#started().forwarding.apply(changes);
  }

  /** Gives where it leaves. */
  forwardHeld(interfaceName: string, mac: MacAddress, packet: Uint8Array): Departure[] {
    return this.fromAccess(interfaceName, mac, packet);
  }

  counters(id: string, kind?: Forwarding['kind']): BindingCounters | undefined {
    const { forwarding } = this.#started();
    const index = forwarding.counters(id, kind);
    return index === undefined ? undefined : { ...this.#tables.counters(index) };
  }

  tunnelCounters(): readonly TunnelCounters[] {
    return this.#started().forwarder.tunnelCounters();
  }

  takePathMtus(): readonly PathMtu[] {
    return this.#started().forwarder.takePathMtus();
  }

  translatedPort(path: Path): TranslatedPort | undefined {
    return this.#started().forwarding.translatedPort(path);
  }

  filterHits(kind: Forwarding['kind']): readonly number[] {
    return this.#started().forwarder.filterHits(kind);
  }

  drops(): Record<DropReason, number> {
    return { ...this.#started().forwarder.drops };
  }

  close(): void {
    this.#running = undefined;
    this.#tables.clear();
  }

  /** What is held of every binding. */
  forwardings(): Iterable<Forwarding> {
    return this.#started().forwarding.forwardings();
  }

  /** How many parts the tables have, of all bindings together. */
  get parts(): number {
    return this.#tables.size;
  }

  /** Whether frames of this station need not be shown to the access machine for attachment. */
  isAttached(interfaceName: string, mac: MacAddress): boolean {
    return this.#tables.get(stationKey(interfaceName, mac)) !== undefined;
  }

  /** A packet that a mobile node sent on an access link. */
  fromAccess(interfaceName: string, source: MacAddress, packet: Uint8Array): Departure[] {
    return this.#leaving(this.#started().forwarder.fromAccess(interfaceName, source, packet));
  }

  /** What an ARP packet of an access link is answered with, to its sender alone; `undefined`: nothing. */
  arpFromAccess(interfaceName: string, source: MacAddress, packet: Uint8Array): Uint8Array | undefined {
    return this.#started().forwarder.arpFromAccess(interfaceName, source, packet);
  }

  /** A packet from the transport network, addressed to this node. */
  fromTransport(packet: Uint8Array): Departure[] {
    const { forwarder, node } = this.#started();
    const tunnel = decapsulate(packet);
    if (tunnel) return this.#leaving(forwarder.fromTunnel(tunnel));
    const icmp = icmpIn(packet);
    const error = icmp && readTunnelError(icmp.version, icmp.message);
    const isForNode = error && node.localAddresses.some((local) => sameAddress(local, error.local));
    return isForNode ? this.#leaving(forwarder.fromTransportRouter(error)) : [];
  }

  /** A packet from anywhere else, where a customer's correspondent nodes are. */
  fromCore(packet: Uint8Array, customer = 0): Departure[] {
    return this.#leaving(this.#started().forwarder.fromCore(packet, customer));
  }

  /** What the node has to say comes from one of its addresses. */
  #leaving(departures: readonly (Departure | Report)[]): Departure[] {
    const { forwarder, node } = this.#started();
    return departures.flatMap((one) =>
      one.kind === 'report' ? this.#leaving(forwarder.fromNode(icmpErrorPacket(one.error, node), one.customer)) : [one],
    );
  }

  #started(): Running {
    if (!this.#running) throw new DataPlaneError('system', 'the data plane is not started');
    return this.#running;
  }
}
