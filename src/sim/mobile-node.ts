import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import type { Dhcpv4Message } from '#wire/dhcpv4.ts';
import { DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, decodeDhcpv4, encodeDhcpv4 } from '#wire/dhcpv4.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import type { Icmpv6Message } from '#wire/icmpv6.ts';
import { decodeIcmpv6, encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { decodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import type { Radio, Station } from './air.ts';
import { Autoconfiguration } from './autoconfiguration.ts';
import type { DhcpHabits } from './dhcp-client.ts';
import { DhcpClient, EAGER_DHCP } from './dhcp-client.ts';
import type { LinkFaults } from './link.ts';
import type { Timers } from './scheduler.ts';
import { udpOverIpv4 } from './udp-over-ipv4.ts';

export type Family = 'ipv4' | 'ipv6';

const ALL_NODES_MAC = new MacAddress(0x3333, 1);
const ALL_ROUTERS_MAC = new MacAddress(0x3333, 2);

export interface MobileNodeOptions {
  readonly name: string;
  readonly mac: MacAddress;
  /** Without them it has no IPv4. */
  readonly dhcp?: DhcpHabits | 'none';
  /** Of its radio, when it is not as everybody's. */
  readonly radio?: LinkFaults;
}

/** An ordinary host that knows nothing of mobility: DHCP, address autoconfiguration, ARP, and UDP over both families. */
export class MobileNode implements Station {
  readonly name: string;
  readonly mac: MacAddress;
  readonly dhcp: DhcpClient;
  readonly autoconfiguration: Autoconfiguration;
  /** Called when an address came or went. */
  onAddressChange: () => void = () => {};
  onDatagram: (family: Family, payload: Uint8Array) => void = () => {};
  /** Of a UDP datagram that came for an address which is not its own. */
  onForeignDatagram: (family: Family, payload: Uint8Array) => void = () => {};
  readonly hasIpv4: boolean;
  readonly #air: Radio;
  readonly #linkLocal: Ipv6Address;
  readonly #neighbours = new Map<number, MacAddress>();

  constructor(
    { name, mac, dhcp = EAGER_DHCP, radio }: MobileNodeOptions,
    air: Radio,
    scheduler: Timers,
    random: Random,
  ) {
    this.name = name;
    this.hasIpv4 = dhcp !== 'none';
    this.mac = mac;
    this.#air = air;
    this.#linkLocal = linkLocalFromMac(mac);
    const changed = () => this.onAddressChange();
    const habits = dhcp === 'none' ? EAGER_DHCP : dhcp;
    const send = (message: Dhcpv4Message, server: Ipv4Address | undefined) => this.#sendDhcp(message, server);
    this.dhcp = new DhcpClient(mac, random, scheduler, habits, send, changed);
    this.autoconfiguration = new Autoconfiguration(mac, scheduler, () => this.#sendSolicitation(), changed);
    air.addStation(this, radio);
  }

  get homeAddress(): Ipv4Address | undefined {
    return this.dhcp.lease?.address;
  }

  get address(): Ipv6Address | undefined {
    return this.autoconfiguration.address;
  }

  /** Is switched on in reach of an access point, and asks for addresses. */
  attach(accessPoint: string, announces = true): void {
    this.#air.join(this, accessPoint, announces);
    if (this.hasIpv4) this.dhcp.start();
    this.#detectDuplicates(this.#linkLocal);
    this.autoconfiguration.start();
  }

  /** Moves to another access point, and says nothing of it, as Linux does on Wi-Fi. */
  roam(accessPoint: string, announces = true): void {
    this.#air.join(this, accessPoint, announces);
  }

  /** Goes out of reach; its addresses stay its own as long as they last. */
  leave(): void {
    this.#air.leave(this);
  }

  /** Comes back into reach, with what it had. */
  rejoin(accessPoint: string, announces = true): void {
    this.#air.join(this, accessPoint, announces);
    if (this.hasIpv4) this.dhcp.linkUp();
    this.autoconfiguration.start();
  }

  /** Gives its lease back, is switched off and goes. */
  detach(): void {
    this.dhcp.release();
    this.autoconfiguration.stop();
    this.#air.leave(this);
  }

  /** Every address that it may use, deprecated ones too. */
  get heldAddresses(): (Ipv4Address | Ipv6Address)[] {
    const { addresses } = this.autoconfiguration;
    return this.homeAddress ? [this.homeAddress, ...addresses] : addresses;
  }

  /** False when it has no address of that family, or asks for its next hop first. */
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
    else this.onForeignDatagram('ipv4', datagram.value.payload);
  }

  #receiveIpv6(payload: Uint8Array): void {
    const packet = decodeIpv6(payload);
    if (!packet.ok) return;
    const { source, destination, nextHeader } = packet.value;
    if (nextHeader === ICMPV6_PROTOCOL) {
      const message = decodeIcmpv6(packet.value.payload, source, destination);
      if (message.ok) this.#receiveIcmpv6(message.value, source);
    } else if (nextHeader === UDP_PROTOCOL) {
      const datagram = decodeUdp(packet.value.payload, source, destination);
      if (!datagram.ok) return;
      const isOwn = this.autoconfiguration.addresses.some((address) => address.equals(destination));
      if (isOwn) this.onDatagram('ipv6', datagram.value.payload);
      else this.onForeignDatagram('ipv6', datagram.value.payload);
    }
  }

  #receiveIcmpv6(message: Icmpv6Message, source: Ipv6Address): void {
    if (message.kind === 'router-advertisement') this.autoconfiguration.receive(message, source);
    if (message.kind !== 'neighbor-solicitation') return;
    const { target } = message;
    const isOwn = this.autoconfiguration.addresses.some((address) => address.equals(target));
    if (!target.equals(this.#linkLocal) && !isOwn) return;
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
    const onLink = new Ipv4Prefix(lease.address, lease.prefixLength).contains(destination);
    const nextHop = onLink ? destination : lease.router;
    const mac = this.#neighbours.get(nextHop.word);
    if (!mac) {
      this.#askFor(nextHop, lease.address);
      return false;
    }
    const packet = udpOverIpv4(lease.address, destination, port, port, payload);
    this.#send(mac, EtherType.IPV4, packet);
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

  /** To a server that has not answered ARP yet nothing goes out, as an ordinary host's packet waits in vain. */
  #sendDhcp(message: Dhcpv4Message, server: Ipv4Address | undefined): void {
    const source = message.ciaddr;
    const mac = server ? this.#neighbours.get(server.word) : MacAddress.broadcast;
    if (!mac) {
      if (server) this.#askFor(server, source);
      return;
    }
    const destination = server ?? Ipv4Address.broadcast;
    const payload = encodeDhcpv4(message);
    const packet = udpOverIpv4(source, destination, DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, payload);
    this.#send(mac, EtherType.IPV4, packet);
  }

  #detectDuplicates(target: Ipv6Address): void {
    const group = new Ipv6Address(0xff020000, 0, 1, 0xff000000 | (target.w3 & 0xffffff));
    const mac = new MacAddress(0x3333, 0xff000000 | (target.w3 & 0xffffff));
    this.#sendIcmpv6(mac, Ipv6Address.unspecified, group, { kind: 'neighbor-solicitation', target, options: [] });
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
