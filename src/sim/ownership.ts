import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import { after } from '#base/time.ts';
import type { StoreChange } from '#proto/lma/index.ts';
import { changedId } from '#proto/record-change.ts';
import type { LmaNode } from './lma-node.ts';
import type { MobileNode } from './mobile-node.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulationFault } from './scheduler.ts';

/** An address or prefix belongs to one mobile node: at each anchor, and in what hosts believe. Told of every change. */
export class Ownership {
  readonly #scheduler: Scheduler;
  /** By anchor and address, the id of the binding. */
  readonly #bound = new Map<string, string>();
  readonly #records = new Map<string, readonly string[]>();
  readonly #hosts = new Map<string, MobileNode>();
  readonly #believed = new Map<MobileNode, ReadonlySet<string>>();
  /** Until then what hosts believe may be wrong: an anchor has forgotten what it granted. */
  #amnestyUntil: Instant | undefined;
  /** Addresses are scarce, and given to others before what was granted has run out. */
  readonly #scarce: boolean;

  constructor(scheduler: Scheduler, lmas: readonly LmaNode[], mobileNodes: readonly MobileNode[], scarce: boolean) {
    this.#scheduler = scheduler;
    this.#scarce = scarce;
    for (const lma of lmas) lma.onStored = (change) => this.#stored(lma, change);
    for (const node of mobileNodes) node.onAddressChange = () => this.#changed(node);
  }

  /** An anchor has lost its store. */
  forgotten(lma: LmaNode, granted: Duration): void {
    for (const [key, addresses] of this.#records) {
      if (!key.startsWith(`${lma.name} `)) continue;
      for (const address of addresses) this.#bound.delete(address);
      this.#records.delete(key);
    }
    this.#amnestyUntil = after(this.#scheduler.now, granted);
  }

  get amnesty(): boolean {
    return this.#scarce || (this.#amnestyUntil !== undefined && this.#scheduler.now < this.#amnestyUntil);
  }

  #stored(lma: LmaNode, change: StoreChange): void {
    const id = changedId(change);
    const key = `${lma.name} ${id}`;
    for (const address of this.#records.get(key) ?? []) {
      if (this.#bound.get(address) === id) this.#bound.delete(address);
    }
    this.#records.delete(key);
    if (change.kind !== 'put' || change.record.state === 'resting') return;
    const { homeAddress, prefixes } = change.record;
    const addresses = [...prefixes, ...(homeAddress ? [homeAddress.address] : [])].map((one) => `${lma.name} ${one}`);
    for (const address of addresses) {
      const other = this.#bound.get(address);
      if (other !== undefined) {
        throw new SimulationFault('an address belongs to one binding', `${address} to ${other} and ${id}`);
      }
      this.#bound.set(address, id);
    }
    this.#records.set(key, addresses);
  }

  #changed(node: MobileNode): void {
    const held = new Set(usable(node).map(ownedKey));
    for (const key of this.#believed.get(node) ?? []) if (this.#hosts.get(key) === node) this.#hosts.delete(key);
    for (const key of held) {
      const other = this.#hosts.get(key);
      const stillHeld = other && other !== node && usable(other).some((address) => ownedKey(address) === key);
      if (stillHeld && !this.amnesty) {
        const address = usable(node).find((one) => ownedKey(one) === key);
        throw new SimulationFault('an address belongs to one host', `${address} to ${other.name} and ${node.name}`);
      }
      this.#hosts.set(key, node);
    }
    this.#believed.set(node, held);
  }
}

/** What a host may use for new traffic. */
function usable(node: MobileNode): IpAddress[] {
  const { preferred } = node.autoconfiguration;
  return node.homeAddress ? [node.homeAddress, ...preferred] : preferred;
}

/** Hosts own prefixes of 64 bits. */
function ownedKey(address: IpAddress): string {
  return address instanceof Ipv4Address ? address.key : address.key.slice(0, 4);
}
