/** What mobile nodes send to each other: whether it goes through anchors or not, it reaches only whom it is for. */
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import type { AccessDeparture, MagNode } from './mag-node.ts';
import type { MobileNode } from './mobile-node.ts';
import { destinationOf } from './network.ts';
import { stationOf } from './place.ts';
import { SimulationFault } from './scheduler.ts';
import { datagramFor, type Traffic } from './traffic.ts';
import type { World } from './world.ts';

const HAIL_PORT = 9;
/** For ARP at first, and for the way there. */
const TIME_FOR_ONE = seconds(1);

export class Hails {
  readonly #world: World;
  readonly #traffic: ReadonlyMap<MobileNode, Traffic>;
  /** Packets that went from one mobile node to another without their anchors. */
  routedLocally = 0;

  constructor(world: World, traffic: ReadonlyMap<MobileNode, Traffic>) {
    this.#world = world;
    this.#traffic = traffic;
    for (const mag of world.mags) {
      mag.onRoutedLocally = (from, to) => {
        this.routedLocally++;
        checkRoutedLocally(world, mag, from, to);
      };
    }
  }

  /** To each address that the other has. */
  send(from: MobileNode, to: MobileNode): void {
    if (from === to) return;
    for (const address of to.heldAddresses) from.sendDatagram(address, HAIL_PORT, this.#datagram(to));
  }

  /** Nothing happens in the world, and everybody can be reached by others: by the next at the same access point, most of all. */
  check(): void {
    const { air, mobileNodes, scheduler } = this.#world;
    const present = mobileNodes
      .flatMap((node) => this.#sessionOf(node) ?? [])
      .sort((a, b) => `${air.whereIs(a.node)}`.localeCompare(`${air.whereIs(b.node)}`));
    present.forEach((from, i) => {
      const to = present[(i + 1) % present.length] as Present;
      if (to === from) return;
      for (const [source, address] of pairsOf(from, to)) {
        // The first lets ARP find the next hop.
        for (let attempt = 0; attempt < 2; attempt++) {
          from.node.sendDatagram(address, HAIL_PORT, this.#datagram(to.node));
          const before = this.#received(to.node);
          scheduler.run(TIME_FOR_ONE);
          if (attempt === 0 || this.#received(to.node) > before) continue;
          throw new SimulationFault(
            'mobile nodes reach each other',
            `${from.node.name} ${source} hailed ${to.node.name} ${address}`,
          );
        }
      }
    });
  }

  #datagram(to: MobileNode): Uint8Array {
    return datagramFor(this.#world.mobileNodes.indexOf(to));
  }

  #received(node: MobileNode): number {
    return this.#traffic.get(node)?.counts.hailed ?? 0;
  }

  #sessionOf(node: MobileNode): Present | undefined {
    for (const { mag } of this.#world.mags) {
      const row = rowOf(mag.snapshot(), node.mac);
      if (row) return { node, row };
    }
    return undefined;
  }
}

interface Present {
  readonly node: MobileNode;
  readonly row: MagBindingRow;
}

/** Source and destination, of each family that both use as it was granted. */
function pairsOf(from: Present, to: Present): [IpAddress, IpAddress][] {
  const pairs: [IpAddress, IpAddress][] = [];
  const { homeAddress, autoconfiguration } = from.node;
  const granted = to.node.heldAddresses.filter((address) => owns(to.row, address));
  for (const source of [homeAddress, autoconfiguration.router && autoconfiguration.address]) {
    const destination = granted.find((address) => address instanceof Ipv4Address === source instanceof Ipv4Address);
    if (source && destination && owns(from.row, source)) pairs.push([source, destination]);
  }
  return pairs;
}

/**
 * RFC 5213 §6.10.5(4) "Forwarding Rules": where the policy of both allows it, and to a mobile node that is here.
 */
function checkRoutedLocally(
  world: World,
  { name, config, mag, localRouting }: MagNode,
  from: MacAddress,
  to: AccessDeparture,
): void {
  const destination = destinationOf(to.packet);
  const row = rowOf(mag.snapshot(), to.mac);
  if (row?.interface !== to.interface || !owns(row, destination)) {
    throw new SimulationFault('local routing leads to whom it is for', `${name} took ${destination} to ${to.mac}`);
  }
  for (const mac of [from, to.mac]) {
    const node = world.mobileNodes.find((one) => one.mac.equals(mac));
    const at = config.interfaces.find(({ name: each }) => each === rowOf(mag.snapshot(), mac)?.interface);
    const station = node && at && stationOf(world, config, at, node);
    if (station?.profile.localRouting ?? localRouting) continue;
    throw new SimulationFault('local routing is allowed', `${name} let ${from} reach ${to.mac}`);
  }
}

function rowOf(rows: readonly MagBindingRow[], mac: MacAddress): MagBindingRow | undefined {
  return rows.find(({ llid, state }) => llid === mac.toCiscoString() && state !== 'DISCONNECTING');
}

function owns({ hoa, hnps }: MagBindingRow, address: IpAddress): boolean {
  if (address instanceof Ipv4Address) return hoa === `${address}`;
  return hnps.some((prefix) => Ipv6Prefix.parse(prefix)?.contains(address));
}
