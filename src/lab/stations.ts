import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { PacketSocket } from '#host/packet-socket.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import {
  DHCPV4_CLIENT_PORT,
  DHCPV4_SERVER_PORT,
  Dhcpv4MessageType,
  type Dhcpv4Option,
  decodeDhcpv4,
  encodeDhcpv4,
  findDhcpv4Option,
} from '#wire/dhcpv4.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import { LinkTap } from './link-tap.ts';

const TTL = 64;
const RAPID_COMMIT: Dhcpv4Option = { kind: 'rapid-commit', data: new Uint8Array() };

/** Of the transaction identifier; the rest of it tells one question of a station from another. */
const STATION_BITS = 24;
const STATION_MASK = (1 << STATION_BITS) - 1;

/** What a DHCP server acknowledged to one of them. */
export interface StationLease {
  readonly address: Ipv4Address;
  readonly server: Ipv4Address;
  /** When it was acknowledged last; milliseconds since the start of the process. */
  readonly at: number;
}

/**
 * Mobile nodes on access links, as many as wanted: they come with a DHCPDISCOVER (RFC 4039), renew and release, and answer who asks for their
 * address. They are numbered from 0, and have the links in turn.
 */
export class Stations {
  readonly leases = new Map<number, StationLease>();
  /** Numbers of those that were refused what they had. */
  readonly refused = new Set<number>();
  /** Addresses that were acknowledged to one while another had them. */
  givenTwice = 0;
  acknowledged = 0;
  readonly #links: readonly { readonly out: PacketSocket; readonly tap: LinkTap }[];
  /** What is to be in the answer of those who wait for one. */
  readonly #asked = new Map<number, number>();
  #questions = 0;
  /** By address. */
  readonly #holders = new Map<string, number>();

  /** `links`: interfaces in the namespace. Throws `SystemCallError`. */
  constructor(namespacePath: string, links: readonly string[]) {
    this.#links = links.map((name) => ({
      out: inNetworkNamespace(namespacePath, () => new PacketSocket(name, undefined)),
      tap: new LinkTap(namespacePath, name, { kind: 'everything' }),
    }));
  }

  macOf(station: number): MacAddress {
    return new MacAddress(0x0200, station);
  }

  discover(station: number): void {
    this.#ask(station, Dhcpv4MessageType.DISCOVER, [RAPID_COMMIT]);
  }

  /** Asks for what it has. */
  renew(station: number): void {
    this.#ask(station, Dhcpv4MessageType.REQUEST, []);
  }

  /** Gives back what it has, which is then no longer its own. */
  release(station: number): void {
    const lease = this.leases.get(station);
    if (!lease) return;
    this.#ask(station, Dhcpv4MessageType.RELEASE, [{ kind: 'server-identifier', address: lease.server }]);
    this.#asked.delete(station);
    this.forget(station);
  }

  /** From now on it has nothing. */
  forget(station: number): void {
    const lease = this.leases.get(station);
    if (lease && this.#holders.get(lease.address.key) === station) this.#holders.delete(lease.address.key);
    this.leases.delete(station);
  }

  flush(): void {
    for (const { out } of this.#links) out.flush();
  }

  /** Takes what waits at each link, and answers. */
  receive(): void {
    for (const { tap } of this.#links)
      tap.drain(({ outgoing, bytes }) => {
        if (!outgoing) this.#hear(bytes);
      });
    this.flush();
  }

  close(): void {
    for (const { out, tap } of this.#links) {
      out.close();
      tap.close();
    }
  }

  #hear(octets: Uint8Array): void {
    const frame = decodeEthernet(octets);
    if (!frame.ok) return;
    const { etherType, payload } = frame.value;
    if (etherType === EtherType.ARP) this.#hearArp(payload);
    else if (etherType === EtherType.IPV4) this.#hearDhcp(payload);
  }

  #hearArp(octets: Uint8Array): void {
    const question = decodeArp(octets);
    if (!question.ok || question.value.operation !== ArpOperation.REQUEST) return;
    const { senderMac, senderAddress, targetAddress } = question.value;
    const station = this.#holders.get(targetAddress.key);
    if (station === undefined) return;
    const answer = encodeArp({
      ...{ operation: ArpOperation.REPLY, senderMac: this.macOf(station), senderAddress: targetAddress },
      ...{ targetMac: senderMac, targetAddress: senderAddress },
    });
    this.#transmit(station, senderMac, EtherType.ARP, answer);
  }

  #hearDhcp(octets: Uint8Array): void {
    const packet = decodeIpv4(octets);
    if (!packet.ok || packet.value.protocol !== UDP_PROTOCOL) return;
    const { source, destination, payload } = packet.value;
    const datagram = decodeUdp(payload, source, destination);
    if (!datagram.ok || datagram.value.destinationPort !== DHCPV4_CLIENT_PORT) return;
    const message = decodeDhcpv4(datagram.value.payload);
    if (!message.ok) return;
    const { xid, yiaddr, options } = message.value;
    const station = xid & STATION_MASK;
    if (this.#asked.get(station) !== xid) return;
    const type = findDhcpv4Option(options, 'message-type')?.value;
    const server = findDhcpv4Option(options, 'server-identifier')?.address;
    if (type === Dhcpv4MessageType.NAK) this.refused.add(station);
    if (type !== Dhcpv4MessageType.ACK || !server) return;
    this.acknowledged++;
    this.#asked.delete(station);
    this.leases.set(station, { address: yiaddr, server, at: performance.now() });
    const holder = this.#holders.get(yiaddr.key);
    if (holder !== undefined && holder !== station) this.givenTwice++;
    this.#holders.set(yiaddr.key, station);
  }

  #ask(station: number, type: number, more: readonly Dhcpv4Option[]): void {
    const xid = ((this.#questions++ << STATION_BITS) | station) >>> 0;
    this.#asked.set(station, xid);
    const none = Ipv4Address.unspecified;
    const source = this.leases.get(station)?.address ?? none;
    const octets = encodeDhcpv4({
      ...{ op: 1, htype: 1, hops: 0, xid, secs: 0, broadcast: false, chaddr: this.macOf(station) },
      ...{ ciaddr: source, yiaddr: none, siaddr: none, giaddr: none, sname: '', file: '' },
      options: [{ kind: 'message-type', value: type }, ...more],
    });
    const destination = Ipv4Address.broadcast;
    const ports = { sourcePort: DHCPV4_CLIENT_PORT, destinationPort: DHCPV4_SERVER_PORT };
    const payload = encodeUdp({ ...ports, source, destination, payload: octets });
    const packet = encodeIpv4({ protocol: UDP_PROTOCOL, ttl: TTL, source, destination, payload });
    this.#transmit(station, MacAddress.broadcast, EtherType.IPV4, packet);
  }

  #transmit(station: number, destination: MacAddress, etherType: number, payload: Uint8Array): void {
    const link = this.#links[station % this.#links.length];
    link?.out.queue(encodeEthernet({ destination, source: this.macOf(station), tags: [], etherType, payload }));
  }
}
