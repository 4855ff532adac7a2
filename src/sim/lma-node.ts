import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Duration } from '#base/time.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import { MemoryDataPlane } from '#dataplane/memory.ts';
import type { Departure } from '#dataplane/packet-forwarder.ts';
import type { AuthorizeOutput, LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import type { StoreChange } from '#proto/lma/index.ts';
import { LmaMachine } from '#proto/lma/index.ts';
import { DEFAULT_TUNNEL_MTU } from '#proto/mag/index.ts';
import type { LogOutput, SendOutput } from '#proto/peer.ts';
import { bindingChange } from '#store/records.ts';
import type { AaaServer } from './aaa-server.ts';
import { halved, OTHER_HEARTBEAT } from './domain.ts';
import { MachineDriver } from './driver.ts';
import { checkUnmoved } from './forgeries.ts';
import { Forwarder } from './forwarding.ts';
import type { SimNetwork } from './network.ts';
import { NodeClock } from './node-clock.ts';
import { NodeStore } from './node-store.ts';
import type { Scheduler } from './scheduler.ts';
import { callsForMore, packSignalling, unpackSignalling } from './signalling.ts';

export interface LmaNodeOptions {
  /** What messages that come at one instant lead to is carried out together. */
  readonly inBatches?: boolean;
  /** Asked before a session begins, where the configuration says so. */
  readonly aaa?: AaaServer;
}

/** A local mobility anchor: machine, store and forwarding. It can be killed, stopped and started again; its store's medium stays unless lost. */
export class LmaNode {
  readonly name: string;
  readonly clock: NodeClock;
  readonly forwarder: Forwarder;
  signalsSent = 0;
  /** Of them those that call for messages of its own. */
  signalsReceived = 0;
  /** Signalling that failed its checksum, or came while nobody ran. */
  signalsDropped = 0;
  /** How often it was started again. */
  starts = 0;
  /** Bindings that there were when an operator ended some. */
  cleared = 0;
  isUp = true;
  onLog: (output: LogOutput) => void = () => {};
  /** Called with each change that the store has made. */
  onStored: (change: StoreChange) => void = () => {};
  #config: LmaConfig;
  readonly #drawn: LmaConfig;
  readonly #scheduler: Scheduler;
  readonly #network: SimNetwork;
  readonly #inBatches: boolean;
  readonly #toInternet: (packet: Uint8Array) => void;
  readonly #store: NodeStore;
  readonly #aaa: AaaServer | undefined;
  /** What takes a question to the AAA server back, by its name. */
  readonly #questions = new Map<string, () => void>();
  #restartCounter = 1;
  #machine: LmaMachine;
  #driver: MachineDriver<LmaEvent, LmaOutput>;

  constructor(
    config: LmaConfig,
    scheduler: Scheduler,
    network: SimNetwork,
    toInternet: (packet: Uint8Array) => void,
    { inBatches = false, aaa }: LmaNodeOptions = {},
  ) {
    this.#aaa = aaa;
    this.#inBatches = inBatches;
    this.name = config.name;
    this.#config = config;
    this.#drawn = config;
    this.clock = new NodeClock(scheduler);
    this.#scheduler = scheduler;
    this.forwarder = new Forwarder(new MemoryDataPlane(undefined, () => scheduler.now));
    this.#network = network;
    this.#toInternet = toInternet;
    this.#startForwarding();
    this.#machine = new LmaMachine(config, this.#restartCounter);
    this.#driver = this.#drive(this.#machine);
    this.#store = new NodeStore(scheduler, this.clock);
  }

  /** Nothing of what was received has still to be carried out. */
  get isSettled(): boolean {
    return this.#driver.isSettled;
  }

  get machine(): LmaMachine {
    return this.#machine;
  }

  get addresses(): IpAddress[] {
    const { ipv6, ipv4 } = this.config.addresses;
    return [ipv6, ipv4].filter((address) => address !== undefined);
  }

  /** How many records the store holds. */
  get stored(): number {
    return this.#store.size;
  }

  get config(): LmaConfig {
    return this.#config;
  }

  handle(event: LmaEvent): void {
    if (event.kind === 'clear-bindings' || event.kind === 'change') this.cleared += this.#machine.snapshot().length;
    this.#driver.handle(event);
  }

  /** An operator halves lifetimes and turns heartbeats on or off; without `lifetime` everything is as at the start. */
  configure(lifetime: Duration | undefined): void {
    const { heartbeat, ...rest } = this.#drawn;
    const changed = { ...rest, maximumLifetime: halved(lifetime ?? rest.maximumLifetime) };
    this.#config =
      lifetime === undefined ? this.#drawn : { ...changed, ...(!heartbeat && { heartbeat: OTHER_HEARTBEAT }) };
    this.#driver.handle({ kind: 'configure', config: this.#config });
  }

  receive(bytes: Uint8Array): void {
    const arrival = unpackSignalling(bytes);
    if (arrival.kind === 'packet') this.#depart(this.forwarder.fromTransport(bytes));
    else if (arrival.kind === 'bad-checksum' || !this.isUp) this.signalsDropped++;
    else {
      if (callsForMore(arrival)) this.signalsReceived++;
      const handle = () => this.#driver.handle(arrival);
      if (this.#network.isForged(bytes)) checkUnmoved(this.name, handle, () => this.#provenEffects());
      else handle();
    }
  }

  /** What only those who have the key can bring about; `undefined` where no key protects, or not from all. */
  #provenEffects(): object | undefined {
    const { authentication, peers } = this.config;
    if (!authentication || !peers.every(({ interop = 'strict' }) => interop === 'strict')) return undefined;
    const { bindingsRevokedByMag, braByStatus, pbaByStatus } = this.#machine.stats;
    const { restartsDetected } = this.#machine.heartbeatStats;
    return { bindingsRevokedByMag, braByStatus, accepted: pbaByStatus[0], restartsDetected };
  }

  fromInternet(packet: Uint8Array): void {
    this.#depart(this.forwarder.counted(() => this.forwarder.dataPlane.fromCore(packet)));
  }

  /** Kills the process without warning; forwarding goes on as it is. */
  crash(): void {
    this.#driver.stop();
    for (const takeBack of this.#questions.values()) takeBack();
    this.#questions.clear();
    this.#store.crash();
    this.isUp = false;
  }

  /** What the store holds is gone with the machine that held it. */
  loseStore(): void {
    this.#store.lose();
    this.#restartCounter++;
  }

  /** After a crash: on what the store holds. */
  start(): void {
    this.isUp = true;
    this.starts++;
    this.forwarder.dataPlane.close();
    this.#startForwarding();
    this.#machine = new LmaMachine(this.config, this.#restartCounter);
    this.#driver = this.#drive(this.#machine);
    const { records, gap } = this.#store.open();
    this.#driver.handle({ kind: 'restored', records: records.bindings, ...(gap && { gap }) });
  }

  #startForwarding(): void {
    const { pools, bindingMaximum } = this.config;
    this.forwarder.dataPlane.start({
      pools: {
        ipv4: pools.ipv4.map(({ low, prefixLength }) => new Ipv4Prefix(low, prefixLength).network),
        ipv6: pools.ipv6.map(({ prefix }) => prefix),
      },
      accessInterfaces: [],
      localAddresses: this.addresses,
      tunnelMtu: DEFAULT_TUNNEL_MTU,
      maximumBindings: bindingMaximum,
    });
  }

  #depart(departures: Departure[]): void {
    for (const { kind, packet } of departures) {
      if (kind === 'transport') this.#network.forward(packet);
      if (kind === 'core') this.#toInternet(packet);
    }
  }

  #drive(machine: LmaMachine): MachineDriver<LmaEvent, LmaOutput> {
    const perform = (outputs: readonly LmaOutput[]) => this.#perform(outputs);
    return new MachineDriver(machine, this.#scheduler, this.clock, perform, this.#inBatches);
  }

  /** Store first, then forwarding, then what is to be sent, but for what relies on forwarding that cannot be. */
  #perform(outputs: readonly LmaOutput[]): void {
    const changes: ForwardingChange[] = [];
    const sends: SendOutput[] = [];
    for (const output of outputs) {
      if (output.kind === 'store') {
        this.#store.commit(bindingChange(output.change));
        this.onStored(output.change);
      }
      if (output.kind === 'forward') changes.push(output.change);
      if (output.kind === 'send') sends.push(output);
      if (output.kind === 'log') this.onLog(output);
      if (output.kind === 'authorize') this.#ask(output);
      if (output.kind === 'authorize-cancel') this.#takeBack(output.key);
    }
    const failed = new Map(this.forwarder.apply(changes).map(({ id, reason }) => [id, reason]));
    for (const [id, reason] of failed) this.#driver.handle({ kind: 'forwarding-failed', id, reason });
    for (const output of sends) {
      if (output.reliesOn !== undefined && failed.has(output.reliesOn)) continue;
      this.signalsSent++;
      this.#network.forward(packSignalling(output));
    }
  }

  #ask(question: AuthorizeOutput): void {
    const driver = this.#driver;
    const takeBack = this.#aaa?.authorize(question, (event) => {
      this.#questions.delete(question.key);
      driver.handle(event);
    });
    if (takeBack) this.#questions.set(question.key, takeBack);
  }

  #takeBack(key: string): void {
    this.#questions.get(key)?.();
    this.#questions.delete(key);
  }
}
