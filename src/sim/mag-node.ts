import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import type { Departure } from '#dataplane/memory.ts';
import { MemoryDataPlane } from '#dataplane/memory.ts';
import type { AccessEvent, AccessOutput } from '#proto/access/events.ts';
import { AccessMachine, DEFAULT_STATION_MAXIMUM } from '#proto/access/index.ts';
import type { MagConfig, MagEvent, MagOutput } from '#proto/mag/events.ts';
import { DEFAULT_TUNNEL_MTU, MagMachine } from '#proto/mag/index.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import { accessMachineSees } from './access-filter.ts';
import { answerForKernel } from './access-kernel.ts';
import type { Air } from './air.ts';
import { MachineDriver } from './driver.ts';
import { applyOrFault } from './forwarding.ts';
import type { SimNetwork } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import { MOBILITY_HEADER, packSignalling, unpackSignalling } from './signalling.ts';

/** A mobile access gateway with one access link, whose access point has the gateway's name. */
export class MagNode {
  readonly name: string;
  readonly address: Ipv6Address;
  readonly mag: MagMachine;
  readonly access: AccessMachine;
  readonly dataPlane = new MemoryDataPlane();
  signalsSent = 0;
  readonly #config: MagConfig;
  readonly #network: SimNetwork;
  readonly #air: Air;
  readonly #interface: string;
  readonly #magDriver: MachineDriver<MagEvent, MagOutput>;
  readonly #accessDriver: MachineDriver<AccessEvent, AccessOutput>;

  constructor(
    config: MagConfig,
    address: Ipv6Address,
    scheduler: Scheduler,
    network: SimNetwork,
    air: Air,
    seed: number,
  ) {
    this.name = config.name;
    this.address = address;
    this.#config = config;
    this.#network = network;
    this.#air = air;
    this.#interface = config.interfaces[0]?.name ?? '';
    this.mag = new MagMachine(config, new SeededRandom(seed));
    const { linkLayer, linkLocal, detection } = config;
    this.access = new AccessMachine(
      {
        interfaces: config.interfaces,
        linkLayer,
        linkLocal,
        parameters: [],
        stationMaximum: DEFAULT_STATION_MAXIMUM,
        detection,
      },
      new SeededRandom(seed + 1),
    );
    this.#magDriver = new MachineDriver<MagEvent, MagOutput>(this.mag, scheduler, (output) => this.#performMag(output));
    this.#accessDriver = new MachineDriver<AccessEvent, AccessOutput>(this.access, scheduler, (output) =>
      this.#performAccess(output),
    );
    this.dataPlane.start({
      pools: { ipv4: [], ipv6: [] },
      accessInterfaces: config.interfaces.map(({ name, linkName }) => {
        return { name, linkName, mac: linkLayer, linkLocal, addresses: [] };
      }),
      localAddresses: [address],
      tunnelMtu: DEFAULT_TUNNEL_MTU,
      maximumBindings: config.bindingMaximum,
    });
    air.addAccessPoint(config.name, (frame) => this.#receiveFrame(frame));
  }

  handle(event: MagEvent): void {
    this.#magDriver.handle(event);
  }

  receive(bytes: Uint8Array): void {
    const packet = decodeIpv6(bytes);
    if (!packet.ok) return;
    if (packet.value.nextHeader !== MOBILITY_HEADER) {
      this.#depart(this.dataPlane.fromTransport(bytes));
      return;
    }
    const event = unpackSignalling(packet.value);
    if (event) this.#magDriver.handle(event);
  }

  /** A frame of the access link: the access machine sees what its socket filter passes, the kernel answers what is its own, and the data plane has the rest. */
  #receiveFrame(bytes: Uint8Array): void {
    const frame = decodeEthernet(bytes);
    if (!frame.ok) return;
    const isAttached = this.dataPlane.isAttached(this.#interface, frame.value.source);
    if (accessMachineSees(frame.value, isAttached)) {
      this.#accessDriver.handle({ kind: 'frame', interface: this.#interface, frame: bytes });
    }
    const answer = answerForKernel(frame.value, this.#config, () => this.#defaultRouters());
    if (answer) {
      this.#air.fromAccessPoint(this.name, answer);
      return;
    }
    const { destination, source, etherType, payload } = frame.value;
    const isPacket = etherType === EtherType.IPV4 || etherType === EtherType.IPV6;
    if (isPacket && destination.equals(this.#config.linkLayer)) {
      this.#depart(this.dataPlane.fromAccess(this.#interface, source, payload));
    }
  }

  #depart(departure: Departure | undefined): void {
    if (departure?.kind === 'transport') this.#network.forward(departure.packet);
    if (departure?.kind === 'access') this.#toStation(departure.mac, departure.packet);
  }

  #defaultRouters(): ReadonlySet<string | null> {
    return new Set(this.mag.snapshot().map((session) => session.defaultRouter));
  }

  #toStation(destination: MacAddress, packet: Uint8Array): void {
    const etherType = (packet[0] ?? 0) >>> 4 === 4 ? EtherType.IPV4 : EtherType.IPV6;
    const frame = encodeEthernet({ destination, source: this.#config.linkLayer, tags: [], etherType, payload: packet });
    this.#air.fromAccessPoint(this.name, frame);
  }

  #performMag(output: MagOutput): void {
    switch (output.kind) {
      case 'send': {
        this.signalsSent++;
        const packet = packSignalling(output);
        if (packet) this.#network.forward(packet);
        return;
      }
      case 'forward':
        applyOrFault(this.dataPlane, output.change);
        return;
      case 'session':
        this.#accessDriver.handle({ kind: 'session', change: output.change });
        return;
      case 'log':
        return;
    }
  }

  #performAccess(output: AccessOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#air.fromAccessPoint(this.name, output.frame);
        return;
      case 'forward-held':
        for (const packet of output.packets) {
          this.#depart(this.dataPlane.forwardHeld(output.interface, output.mac, packet));
        }
        return;
      case 'attached':
      case 'detached':
      case 'heard':
      case 'link-down':
        this.#magDriver.handle(output);
        return;
      case 'log':
        return;
    }
  }
}
