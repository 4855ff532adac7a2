import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import type { Dhcpv4Message } from '#wire/dhcpv4.ts';
import { DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, decodeDhcpv4, encodeDhcpv4 } from '#wire/dhcpv4.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import type { Icmpv6Message } from '#wire/icmpv6.ts';
import { decodeIcmpv6, encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import type { Air, Station } from './air.ts';
import { Autoconfiguration } from './autoconfiguration.ts';
import { DhcpClient } from './dhcp-client.ts';
import type { Scheduler } from './scheduler.ts';

export type Family = 'ipv4' | 'ipv6';

const ALL_NODES_MAC = new MacAddress(0x3333, 1);
const ALL_ROUTERS_MAC = new MacAddress(0x3333, 2);

/** An ordinary host that knows nothing of mobility: DHCP, address autoconfiguration, ARP, and UDP over both families. */
export class MobileNode implements Station {
  readonly name: string;
  readonly mac: MacAddress;
  readonly dhcp: DhcpClient;
  readonly autoconfiguration: Autoconfiguration;
  /** Called when an address came or went. */
  onAddressChange: () => void = () => {};
  onDatagram: (family: Family, payload: Uint8Array) => void = () => {};
  readonly #air: Air;
  readonly #linkLocal: Ipv6Address;
  readonly #neighbours = new Map<number, MacAddress>();

  constructor(name: string, mac: MacAddress, air: Air, scheduler: Scheduler, random: Random) {
    this.name = name;
    this.mac = mac;
    this.#air = air;
    this.#linkLocal = linkLocalFromMac(mac);
    const changed = () => this.onAddressChange();
    this.dhcp = new DhcpClient(mac, random, scheduler, (message) => this.#sendDhcp(message), changed);
    this.autoconfiguration = new Autoconfiguration(mac, scheduler, () => this.#sendSolicitation(), changed);
    air.addStation(this);
  }

  get homeAddress(): Ipv4Address | undefined {
    return this.dhcp.lease?.address;
  }

  get address(): Ipv6Address | undefined {
    return this.autoconfiguration.address;
  }

  /** Comes into reach of an access point for the first time, and asks for addresses. */
  attach(accessPoint: string): void {
    this.#air.join(this, accessPoint);
    this.dhcp.start();
    this.autoconfiguration.start();
  }

  /** Moves to another access point, and says nothing of it, as Linux does on Wi-Fi. */
  roam(accessPoint: string): void {
    this.#air.join(this, accessPoint);
  }

  /** Gives its lease back and goes. */
  detach(): void {
    this.dhcp.release();
    this.autoconfiguration.stop();
    this.#air.leave(this);
  }

  /** False when it has no address of that family, or no router yet. */
  sendDatagram(destination: Ipv4Address | Ipv6Address, port: number, payload: Uint8Array): boolean {
    return destination instanceof Ipv4Address
      ? this.#sendIpv4Datagram(destination, port, payload)
      : this.#sendIpv6Datagram(destination, port, payload);
  }

  receive(bytes: Uint8Array): void {
    const frame = decodeEthernet(bytes);
    if (!frame.ok) return;
    const { etherType, payload } = frame.value;
    if (etherType === EtherType.ARP) this.#receiveArp(payload);
    if (etherType === EtherType.IPV4) this.#receiveIpv4(payload);
    if (etherType === EtherType.IPV6) this.#receiveIpv6(payload);
  }

  #receiveArp(payload: Uint8Array): void {
    const arp = decodeArp(payload);
    if (!arp.ok) return;
    const { operation, senderMac, senderAddress, targetAddress } = arp.value;
    if (operation === ArpOperation.REPLY) this.#neighbours.set(senderAddress.word, senderMac);
    if (operation !== ArpOperation.REQUEST || !targetAddress.equals(this.homeAddress)) return;
    const answer = {
      operation: ArpOperation.REPLY,
      senderMac: this.mac,
      senderAddress: targetAddress,
      targetMac: senderMac,
      targetAddress: senderAddress,
    };
    this.#send(senderMac, EtherType.ARP, encodeArp(answer));
  }

  #receiveIpv4(payload: Uint8Array): void {
    const packet = decodeIpv4(payload);
    if (!packet.ok || packet.value.protocol !== UDP_PROTOCOL) return;
    const { source, destination } = packet.value;
    const datagram = decodeUdp(packet.value.payload, source, destination);
    if (!datagram.ok) return;
    if (datagram.value.destinationPort === DHCPV4_CLIENT_PORT) {
      const message = decodeDhcpv4(datagram.value.payload);
      if (message.ok) this.dhcp.receive(message.value);
    } else if (destination.equals(this.homeAddress)) this.onDatagram('ipv4', datagram.value.payload);
  }

  #receiveIpv6(payload: Uint8Array): void {
    const packet = decodeIpv6(payload);
    if (!packet.ok) return;
    const { source, destination, nextHeader } = packet.value;
    if (nextHeader === ICMPV6_PROTOCOL) {
      const message = decodeIcmpv6(packet.value.payload, source, destination);
      if (message.ok) this.#receiveIcmpv6(message.value, source);
    } else if (nextHeader === UDP_PROTOCOL && destination.equals(this.address)) {
      const datagram = decodeUdp(packet.value.payload, source, destination);
      if (datagram.ok) this.onDatagram('ipv6', datagram.value.payload);
    }
  }

  #receiveIcmpv6(message: Icmpv6Message, source: Ipv6Address): void {
    if (message.kind === 'router-advertisement') this.autoconfiguration.receive(message, source);
    if (message.kind !== 'neighbor-solicitation') return;
    const { target } = message;
    if (!target.equals(this.#linkLocal) && !target.equals(this.address)) return;
    const answer: Icmpv6Message = {
      kind: 'neighbor-advertisement',
      router: false,
      solicited: true,
      override: true,
      target,
      options: [{ kind: 'target-link-layer-address', mac: this.mac }],
    };
    this.#sendIcmpv6(ALL_NODES_MAC, target, source, answer);
  }

  #sendIpv4Datagram(destination: Ipv4Address, port: number, payload: Uint8Array): boolean {
    const lease = this.dhcp.lease;
    if (!lease) return false;
    const gateway = this.#neighbours.get(lease.router.word);
    if (!gateway) {
      this.#askFor(lease.router, lease.address);
      return false;
    }
    const packet = udpOverIpv4(lease.address, destination, port, port, payload);
    this.#send(gateway, EtherType.IPV4, packet);
    return true;
  }

  #sendIpv6Datagram(destination: Ipv6Address, port: number, payload: Uint8Array): boolean {
    const { address: source, router } = this.autoconfiguration;
    if (!source || !router) return false;
    const udp = encodeUdp({ source, destination, sourcePort: port, destinationPort: port, payload });
    const packet = encodeIpv6({ source, destination, nextHeader: UDP_PROTOCOL, hopLimit: 64, payload: udp });
    this.#send(router.mac, EtherType.IPV6, packet);
    return true;
  }

  #askFor(targetAddress: Ipv4Address, senderAddress: Ipv4Address): void {
    const targetMac = new MacAddress(0, 0);
    const request = { operation: ArpOperation.REQUEST, senderMac: this.mac, senderAddress, targetMac, targetAddress };
    this.#send(MacAddress.broadcast, EtherType.ARP, encodeArp(request));
  }

  #sendDhcp(message: Dhcpv4Message): void {
    const source = message.ciaddr;
    const payload = encodeDhcpv4(message);
    const packet = udpOverIpv4(source, Ipv4Address.broadcast, DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, payload);
    this.#send(MacAddress.broadcast, EtherType.IPV4, packet);
  }

  #sendSolicitation(): void {
    const message: Icmpv6Message = {
      kind: 'router-solicitation',
      options: [{ kind: 'source-link-layer-address', mac: this.mac }],
    };
    this.#sendIcmpv6(ALL_ROUTERS_MAC, this.#linkLocal, Ipv6Address.allRouters, message);
  }

  #sendIcmpv6(mac: MacAddress, source: Ipv6Address, destination: Ipv6Address, message: Icmpv6Message): void {
    const payload = encodeIcmpv6(message, source, destination);
    const packet = encodeIpv6({ source, destination, nextHeader: ICMPV6_PROTOCOL, hopLimit: 255, payload });
    this.#send(mac, EtherType.IPV6, packet);
  }

  #send(destination: MacAddress, etherType: number, payload: Uint8Array): void {
    this.#air.fromStation(this, encodeEthernet({ destination, source: this.mac, tags: [], etherType, payload }));
  }
}

function udpOverIpv4(
  source: Ipv4Address,
  destination: Ipv4Address,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): Uint8Array {
  const udp = encodeUdp({ source, destination, sourcePort, destinationPort, payload });
  return encodeIpv4({ source, destination, ttl: 64, protocol: UDP_PROTOCOL, payload: udp });
}
