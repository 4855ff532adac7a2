import { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { Departure } from '#dataplane/memory.ts';
import { MemoryDataPlane } from '#dataplane/memory.ts';
import type { LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import { LmaMachine } from '#proto/lma/index.ts';
import { DEFAULT_TUNNEL_MTU } from '#proto/mag/index.ts';
import type { MemoryMedium } from '#store/memory.ts';
import { createMemoryMedium, MemoryBindingStore } from '#store/memory.ts';
import type { BindingStore } from '#store/store.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import { MachineDriver } from './driver.ts';
import { applyOrFault } from './forwarding.ts';
import type { SimNetwork } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import { MOBILITY_HEADER, packSignalling, unpackSignalling } from './signalling.ts';

/** A local mobility anchor: machine, store and forwarding. It can be killed and started again; its store's medium stays. */
export class LmaNode {
  readonly address: Ipv6Address;
  readonly dataPlane = new MemoryDataPlane();
  signalsSent = 0;
  /** It lost its bindings once: addresses may be given to others while their nodes still use them. */
  hasForgotten = false;
  readonly #config: LmaConfig;
  readonly #scheduler: Scheduler;
  readonly #network: SimNetwork;
  readonly #toInternet: (packet: Uint8Array) => void;
  #medium: MemoryMedium = createMemoryMedium();
  #machine: LmaMachine;
  #driver: MachineDriver<LmaEvent, LmaOutput>;
  #store: BindingStore;

  constructor(
    config: LmaConfig,
    address: Ipv6Address,
    scheduler: Scheduler,
    network: SimNetwork,
    toInternet: (packet: Uint8Array) => void,
  ) {
    this.address = address;
    this.#config = config;
    this.#scheduler = scheduler;
    this.#network = network;
    this.#toInternet = toInternet;
    this.dataPlane.start({
      pools: {
        ipv4: config.pools.ipv4.map(({ low, prefixLength }) => new Ipv4Prefix(low, prefixLength).network),
        ipv6: config.pools.ipv6.map(({ prefix }) => prefix),
      },
      accessInterfaces: [],
      localAddresses: [address],
      tunnelMtu: DEFAULT_TUNNEL_MTU,
      maximumBindings: config.bindingMaximum,
    });
    this.#machine = new LmaMachine(config);
    this.#driver = this.#drive(this.#machine);
    this.#store = new MemoryBindingStore(this.#medium);
  }

  get machine(): LmaMachine {
    return this.#machine;
  }

  handle(event: LmaEvent): void {
    this.#driver.handle(event);
  }

  receive(bytes: Uint8Array): void {
    const packet = decodeIpv6(bytes);
    if (!packet.ok) return;
    if (packet.value.nextHeader !== MOBILITY_HEADER) {
      this.#depart(this.dataPlane.fromTransport(bytes));
      return;
    }
    const event = unpackSignalling(packet.value);
    if (event) this.#driver.handle(event);
  }

  fromInternet(packet: Uint8Array): void {
    this.#depart(this.dataPlane.fromCore(packet));
  }

  /** Kills the process without warning and starts it anew on the same store; forwarding goes on meanwhile. */
  restart(): void {
    this.#driver.stop();
    this.#machine = new LmaMachine(this.#config);
    this.#driver = this.#drive(this.#machine);
    this.#store = new MemoryBindingStore(this.#medium);
    this.#driver.handle({ kind: 'restored', records: this.#store.load() });
  }

  /** Loses every binding, and what it forwards with them, and starts anew. */
  restartForgetting(): void {
    const ids = this.#machine.snapshot().map(({ id }) => id);
    this.dataPlane.apply(ids.map((id) => ({ kind: 'clear', forwardingKind: 'anchor', id })));
    this.#medium = createMemoryMedium();
    this.hasForgotten = true;
    this.restart();
  }

  #depart(departure: Departure | undefined): void {
    if (departure?.kind === 'transport') this.#network.forward(departure.packet);
    if (departure?.kind === 'core') this.#toInternet(departure.packet);
  }

  #drive(machine: LmaMachine): MachineDriver<LmaEvent, LmaOutput> {
    return new MachineDriver<LmaEvent, LmaOutput>(machine, this.#scheduler, (output) => this.#perform(output));
  }

  #perform(output: LmaOutput): void {
    switch (output.kind) {
      case 'store':
        this.#store.commit([output.change]);
        return;
      case 'forward':
        applyOrFault(this.dataPlane, output.change);
        return;
      case 'send': {
        this.signalsSent++;
        const packet = packSignalling(output);
        if (packet) this.#network.forward(packet);
        return;
      }
      case 'log':
        return;
    }
  }
}
