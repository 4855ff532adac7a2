import type { IpAddress } from '#base/ip-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { SeededRandom } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { keepalive } from '#dataplane/keepalive.ts';
import { MemoryDataPlane } from '#dataplane/memory.ts';
import type { Departure } from '#dataplane/packet-forwarder.ts';
import type { AuthorizationChange } from '#proto/aaa/authorization-change.ts';
import type { AccessConfig, AccessEvent, AccessOutput, DhcpRelay } from '#proto/access/events.ts';
import { AccessMachine, DEFAULT_STATION_MAXIMUM } from '#proto/access/index.ts';
import type { MagConfig, MagEvent, MagOutput, ProfileAnswer, SessionChange } from '#proto/mag/events.ts';
import { MagMachine } from '#proto/mag/index.ts';
import type { LogOutput } from '#proto/peer.ts';
import { sessionChange } from '#store/records.ts';
import { DHCPV4_SERVER_PORT } from '#wire/dhcpv4.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import type { AaaServer } from './aaa-server.ts';
import { accessMachineSees } from './access-filter.ts';
import { answerForKernel } from './access-kernel.ts';
import type { Air } from './air.ts';
import { halved, OTHER_HEARTBEAT } from './domain.ts';
import { MachineDriver } from './driver.ts';
import { checkUnmoved } from './forgeries.ts';
import { Forwarder } from './forwarding.ts';
import type { SimNetwork } from './network.ts';
import { destinationOf } from './network.ts';
import { NodeClock } from './node-clock.ts';
import { NodeStore } from './node-store.ts';
import type { Scheduler } from './scheduler.ts';
import { callsForMore, packSignalling, unpackSignalling } from './signalling.ts';
import { readUdpOverIpv4, udpOverIpv4 } from './udp-over-ipv4.ts';

/** How long a gateway that is stopped waits for the answers to its de-registrations. */
const FAREWELL = seconds(1);

export type AccessDeparture = Extract<Departure, { kind: 'access' }>;

export interface MagNodeOptions {
  /** How many mobile nodes one link may have. */
  readonly stationMaximum?: number;
  /** Asked about mobile nodes that the configuration does not know, where it says so. */
  readonly aaa?: AaaServer;
  /** Mobile nodes reach each other without their anchor. */
  readonly localRouting?: boolean;
  /** Absent: it is the DHCP server. */
  readonly relay?: DhcpRelay;
}

/** A mobile access gateway; each of its interfaces has an access point of its own. It can be killed, stopped and started again. */
export class MagNode {
  readonly name: string;
  readonly clock: NodeClock;
  readonly forwarder: Forwarder;
  signalsSent = 0;
  /** Of them those that call for messages of its own. */
  signalsReceived = 0;
  /** Signalling that failed its checksum, or came while nobody ran. */
  signalsDropped = 0;
  /** Of stations, as the gateway was told. */
  arrivals = 0;
  /** How often it was started again. */
  starts = 0;
  /** Bindings that there were when an operator ended some. */
  cleared = 0;
  isUp = true;
  onLog: (output: LogOutput) => void = () => {};
  /** Called with each packet of a mobile node that goes to another one here. */
  onRoutedLocally: (from: MacAddress, to: AccessDeparture) => void = () => {};
  /** Called with each frame that the access machine sends. */
  onTransmit: (frame: Uint8Array) => void = () => {};
  readonly localRouting: boolean;
  #config: MagConfig;
  readonly #drawn: MagConfig;
  readonly #scheduler: Scheduler;
  readonly #network: SimNetwork;
  readonly #air: Air;
  readonly #random: Random;
  readonly #accessConfig: AccessConfig;
  readonly #downLinks = new Set<string>();
  /** Of the sessions, by link-layer address: the kernel holds them. */
  readonly #routers = new Map<string, readonly string[]>();
  readonly #aaa: AaaServer | undefined;
  /** What takes a question to the AAA server back, by link-layer address. */
  readonly #questions = new Map<number, () => void>();
  readonly #store: NodeStore;
  #restartCounter = 1;
  #mag!: MagMachine;
  #access!: AccessMachine;
  #magDriver!: MachineDriver<MagEvent, MagOutput>;
  #accessDriver!: MachineDriver<AccessEvent, AccessOutput>;

  constructor(
    config: MagConfig,
    scheduler: Scheduler,
    network: SimNetwork,
    air: Air,
    random: Random,
    { stationMaximum = DEFAULT_STATION_MAXIMUM, aaa, localRouting = false, relay }: MagNodeOptions = {},
  ) {
    this.name = config.name;
    this.localRouting = localRouting;
    this.#config = config;
    this.#drawn = config;
    this.clock = new NodeClock(scheduler);
    this.#scheduler = scheduler;
    this.forwarder = new Forwarder(new MemoryDataPlane(undefined, () => scheduler.now));
    this.#network = network;
    this.#air = air;
    this.#random = random;
    this.#aaa = aaa;
    const { interfaces, linkLayer, linkLocal, detection } = config;
    this.#accessConfig = {
      interfaces: interfaces.map(({ name }) => ({ name, ...(relay && { relay }) })),
      linkLayer,
      linkLocal,
      parameters: [],
      stationMaximum,
      detection,
    };
    this.#store = new NodeStore(scheduler, this.clock);
    this.#startForwarding();
    this.#startMachines();
    for (const { name } of config.interfaces) {
      air.addAccessPoint(accessPointName(config, name), (frame) => this.#receiveFrame(name, frame));
    }
  }

  get mag(): MagMachine {
    return this.#mag;
  }

  get access(): AccessMachine {
    return this.#access;
  }

  get addresses(): IpAddress[] {
    const { ipv6, ipv4 } = this.config.addresses;
    return [ipv6, ipv4].filter((address) => address !== undefined);
  }

  get accessPoints(): string[] {
    return this.config.interfaces.map(({ name }) => accessPointName(this.config, name));
  }

  get config(): MagConfig {
    return this.#config;
  }

  handle(event: MagEvent): void {
    if (event.kind === 'clear-bindings') this.cleared += this.#mag.snapshot().length;
    this.#magDriver.handle(event);
  }

  /** An AAA server changes what a session was authorized for, if nothing is against it. */
  change(mac: MacAddress, change: AuthorizationChange): void {
    if (this.isUp && this.#mag.obstacleTo(mac, change) === undefined)
      this.#magDriver.handle({ kind: 'change', mac, change });
  }

  /** An operator halves lifetimes and turns heartbeats on or off; without `lifetime` everything is as at the start. */
  configure(lifetime: Duration | undefined): void {
    const { heartbeat, ...rest } = this.#drawn;
    const changed = { ...rest, lifetime: halved(lifetime ?? rest.lifetime) };
    this.#config =
      lifetime === undefined ? this.#drawn : { ...changed, ...(!heartbeat && { heartbeat: OTHER_HEARTBEAT }) };
    this.#magDriver.handle({ kind: 'configure', config: this.#config });
  }

  receive(bytes: Uint8Array): void {
    const arrival = unpackSignalling(bytes);
    if (arrival.kind === 'packet') this.#depart(this.forwarder.fromTransport(bytes));
    else if (arrival.kind === 'bad-checksum' || !this.isUp) this.signalsDropped++;
    else {
      if (callsForMore(arrival)) this.signalsReceived++;
      const handle = () => this.#magDriver.handle(arrival);
      if (this.#network.isForged(bytes)) checkUnmoved(this.name, handle, () => this.#provenEffects());
      else handle();
    }
  }

  /** What only those who have the key can bring about; `undefined` where no key protects. */
  #provenEffects(): object | undefined {
    const { lmas } = this.config;
    const isKeyed = lmas.every(({ authentication, interop = 'strict' }) => authentication && interop === 'strict');
    if (!isKeyed) return undefined;
    const { briAccepted, bindingsRevoked, pbaAccepted } = this.#mag.stats;
    const { restartsDetected } = this.#mag.heartbeatStats;
    return { briAccepted, bindingsRevoked, pbaAccepted, restartsDetected };
  }

  /** What comes for the address that it relays DHCP from. */
  receiveRelayed(bytes: Uint8Array): void {
    const datagram = readUdpOverIpv4(bytes);
    if (!this.isUp || datagram?.destinationPort !== DHCPV4_SERVER_PORT) return;
    const { source: server, destination: local, payload } = datagram;
    this.#accessDriver.handle({ kind: 'relayed', local, server, payload });
  }

  /** Kills the process without warning; forwarding goes on as it is. */
  crash(): void {
    this.#magDriver.stop();
    this.#accessDriver.stop();
    for (const takeBack of this.#questions.values()) takeBack();
    this.#questions.clear();
    this.#store.crash();
    this.isUp = false;
  }

  /** An operator's stop: it takes leave of its anchors, and forwards no more. */
  stop(): void {
    this.#magDriver.handle({ kind: 'stopping' });
    this.#scheduler.schedule(FAREWELL, () => {
      if (!this.isUp) return;
      this.crash();
      this.#restartForwarding();
    });
  }

  /** What the store holds is gone with the machine that held it. */
  loseStore(): void {
    this.#store.lose();
    this.#restartCounter++;
  }

  /** On what the store holds. */
  start(): void {
    this.isUp = true;
    this.starts++;
    this.#restartForwarding();
    this.#startMachines();
    const { records, gap } = this.#store.open();
    this.#magDriver.handle({ kind: 'restored', records: records.sessions, ...(gap && { gap }) });
  }

  /** An access link loses or regains its carrier. */
  setLink(interfaceName: string, up: boolean): void {
    if (up) this.#downLinks.delete(interfaceName);
    else this.#downLinks.add(interfaceName);
    this.#accessDriver.handle({ kind: 'link', interface: interfaceName, up });
  }

  #startMachines(): void {
    const random = () => new SeededRandom(this.#random.nextU32());
    this.#mag = new MagMachine(this.config, random(), this.#restartCounter);
    this.#access = new AccessMachine(this.#accessConfig, random());
    this.#magDriver = new MachineDriver<MagEvent, MagOutput>(this.#mag, this.#scheduler, this.clock, (outputs) =>
      this.#performMag(outputs),
    );
    this.#accessDriver = new MachineDriver<AccessEvent, AccessOutput>(
      this.#access,
      this.#scheduler,
      this.clock,
      (outputs) => {
        for (const output of outputs) this.#performAccess(output);
      },
    );
  }

  #restartForwarding(): void {
    this.forwarder.dataPlane.close();
    this.#startForwarding();
  }

  #startForwarding(): void {
    this.#routers.clear();
    const { interfaces, linkLayer: mac, linkLocal, tunnelMtu, bindingMaximum } = this.config;
    const { localRouting } = this;
    this.forwarder.dataPlane.start({
      pools: { ipv4: [], ipv6: [] },
      accessInterfaces: interfaces.map(({ name, linkName }) => {
        return { name, linkName, mac, linkLocal, addresses: [], localRouting };
      }),
      localAddresses: this.addresses,
      tunnelMtu,
      maximumBindings: bindingMaximum,
    });
  }

  /** A frame of an access link: the access machine sees what its socket filter passes, the kernel answers what is its own, and the data plane has the rest. */
  #receiveFrame(interfaceName: string, bytes: Uint8Array): void {
    if (this.#downLinks.has(interfaceName)) return;
    const frame = decodeEthernet(bytes);
    if (!frame.ok) return;
    const { dataPlane } = this.forwarder;
    const isAttached = dataPlane.isAttached(interfaceName, frame.value.source);
    if (accessMachineSees(frame.value, isAttached)) {
      this.#accessDriver.handle({ kind: 'frame', interface: interfaceName, frame: bytes });
    }
    const answer = answerForKernel(frame.value, this.config, (address) => this.#isRouter(address));
    if (answer) {
      this.#transmit(interfaceName, answer);
      return;
    }
    const { destination, source, etherType, payload } = frame.value;
    if (etherType === EtherType.ARP) this.#answerArp(interfaceName, source, payload);
    const isPacket = etherType === EtherType.IPV4 || etherType === EtherType.IPV6;
    if (isPacket && destination.equals(this.config.linkLayer) && !this.#isForRouter(payload)) {
      const departures = this.forwarder.counted(() => dataPlane.fromAccess(interfaceName, source, payload));
      for (const departure of departures) if (departure.kind === 'access') this.onRoutedLocally(source, departure);
      this.#depart(departures);
    }
  }

  #answerArp(interfaceName: string, destination: MacAddress, packet: Uint8Array): void {
    const answer = this.forwarder.dataPlane.arpFromAccess(interfaceName, destination, packet);
    const { linkLayer: source } = this.config;
    if (answer)
      this.#transmit(
        interfaceName,
        encodeEthernet({ destination, source, tags: [], etherType: EtherType.ARP, payload: answer }),
      );
  }

  #depart(departures: Departure[]): void {
    for (const departure of departures) {
      if (departure.kind === 'transport') this.#network.forward(departure.packet);
      if (departure.kind === 'access') this.#toStation(departure.interface, departure.mac, departure.packet);
    }
  }

  #isForRouter(packet: Uint8Array): boolean {
    const isIpv4 = (packet[0] ?? 0) >>> 4 === 4 && packet.length >= 20;
    return isIpv4 && this.#isRouter(destinationOf(packet));
  }

  #isRouter(address: IpAddress): boolean {
    const { key } = address;
    for (const routers of this.#routers.values()) if (routers.includes(key)) return true;
    return false;
  }

  #toStation(interfaceName: string, destination: MacAddress, packet: Uint8Array): void {
    const etherType = (packet[0] ?? 0) >>> 4 === 4 ? EtherType.IPV4 : EtherType.IPV6;
    const { linkLayer: source } = this.config;
    this.#transmit(interfaceName, encodeEthernet({ destination, source, tags: [], etherType, payload: packet }));
  }

  #transmit(interfaceName: string, frame: Uint8Array): void {
    if (this.#downLinks.has(interfaceName)) return;
    this.#air.fromAccessPoint(accessPointName(this.config, interfaceName), frame);
  }

  /** Forwarding first, then sessions and messages; a session without forwarding does not begin. */
  #performMag(outputs: readonly MagOutput[]): void {
    // What becomes of a failure is stored later than what failed.
    for (const output of outputs) if (output.kind === 'store') this.#store.commit(sessionChange(output.change));
    const changes = outputs.flatMap((output) => (output.kind === 'forward' ? [output.change] : []));
    const failed = new Map(this.forwarder.apply(changes).map(({ id, reason }) => [id, reason]));
    for (const [id, reason] of failed) this.#magDriver.handle({ kind: 'forwarding-failed', id, reason });
    for (const output of outputs) {
      if (output.kind === 'log') this.onLog(output);
      else if (output.kind === 'ask-presence') this.#accessDriver.handle(output);
      else if (output.kind === 'profile-request') this.#askFor(output.mac);
      else if (output.kind === 'profile-cancel') this.#takeBack(output.mac);
      else if (output.kind === 'keep-alive') this.#forwardHeld({ ...output, packets: [keepalive(output.address)] });
      else if (output.kind === 'send') {
        this.signalsSent++;
        this.#network.forward(packSignalling(output));
      } else if (output.kind === 'session') {
        const { change } = output;
        if (change.kind === 'session-active' && failed.has(`${change.session.mac}`)) continue;
        this.#noteRouter(change);
        this.#accessDriver.handle({ kind: 'session', change });
      }
    }
  }

  #askFor(mac: MacAddress): void {
    const driver = this.#magDriver;
    const tell = (answer: ProfileAnswer) => {
      this.#questions.delete(mac.key);
      driver.handle(answer);
    };
    if (this.#aaa) this.#questions.set(mac.key, this.#aaa.ask(mac, tell));
  }

  #forwardHeld({ interface: at, mac, packets }: HeldPackets): void {
    for (const packet of packets)
      this.#depart(this.forwarder.counted(() => this.forwarder.dataPlane.forwardHeld(at, mac, packet)));
  }

  #takeBack(mac: MacAddress): void {
    this.#questions.get(mac.key)?.();
    this.#questions.delete(mac.key);
  }

  #noteRouter(change: SessionChange): void {
    if (change.kind !== 'session-active') {
      this.#routers.delete(`${change.mac}`);
      return;
    }
    const { mac, homeAddress, linkLocal } = change.session;
    this.#routers.set(`${mac}`, [linkLocal.key, ...(homeAddress ? [homeAddress.defaultRouter.key] : [])]);
  }

  #performAccess(output: AccessOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.onTransmit(output.frame);
        this.#transmit(output.interface, output.frame);
        return;
      case 'forward-held':
        this.#forwardHeld(output);
        return;
      case 'attached':
        this.arrivals++;
        this.#magDriver.handle(output);
        return;
      case 'detached':
      case 'heard':
      case 'leased':
      case 'link-down':
        this.#magDriver.handle(output);
        return;
      case 'log':
        this.onLog(output);
        return;
      case 'relay': {
        const { local, server, payload } = output;
        this.#network.forward(udpOverIpv4(local, server, DHCPV4_SERVER_PORT, DHCPV4_SERVER_PORT, payload));
        return;
      }
    }
  }
}

type HeldPackets = Pick<Extract<AccessOutput, { kind: 'forward-held' }>, 'interface' | 'mac' | 'packets'>;

/** The first interface's access point has the gateway's name. */
export function accessPointName({ name, interfaces }: MagConfig, interfaceName: string): string {
  const index = interfaces.findIndex((one) => one.name === interfaceName);
  return index <= 0 ? name : `${name}-${index + 1}`;
}

/** Time for a farewell and some more, before a stopped gateway may be started again. */
export const STOP_TIME = milliseconds(FAREWELL + 100);
