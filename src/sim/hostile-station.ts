import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { nextBelow, pick } from '#base/random.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, Dhcpv4MessageType, encodeDhcpv4 } from '#wire/dhcpv4.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import type { World } from './world.ts';

/** A host on an access link with bad intentions. It cannot send with the link-layer address of another: its access point sees to that. */
export class HostileStation {
  readonly #world: World;
  readonly #random: Random;
  readonly #own = new MacAddress(0x0266, 0x66000001);

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  act(): void {
    const { mags } = this.#world;
    const at = pick(this.#random, pick(this.#random, mags).accessPoints);
    switch (nextBelow(this.#random, 6)) {
      case 0:
        this.#flood(at);
        return;
      case 1:
        for (let i = 0; i < 50; i++) this.#inject(at, this.#dhcp(this.#own));
        return;
      case 2:
        this.#inject(at, this.#random32(this.#own));
        return;
      case 3:
        this.#inject(at, this.#arp());
        return;
      default:
        for (let i = 0; i < 5; i++) this.#inject(at, this.#spoofed());
    }
  }

  #inject(at: string, frame: Uint8Array): void {
    this.#world.air.inject(at, frame);
  }

  /** Ever new link-layer addresses. */
  #flood(at: string): void {
    for (let i = 0; i < 40; i++) {
      const mac = new MacAddress(0x0267, this.#random.nextU32());
      this.#inject(at, nextBelow(this.#random, 2) === 0 ? encodeLayer2Update(mac) : this.#dhcp(mac));
    }
  }

  #dhcp(source: MacAddress): Uint8Array {
    const none = Ipv4Address.unspecified;
    const type = 1 + nextBelow(this.#random, 8);
    const named = new Ipv4Address(this.#random.nextU32());
    const chaddr = nextBelow(this.#random, 4) === 0 ? pick(this.#random, this.#world.mobileNodes).mac : source;
    const message = encodeDhcpv4({
      op: 1,
      htype: 1,
      hops: 0,
      xid: this.#random.nextU32(),
      secs: 0,
      broadcast: false,
      ciaddr: type === Dhcpv4MessageType.RELEASE ? named : none,
      yiaddr: none,
      siaddr: none,
      giaddr: none,
      chaddr,
      sname: '',
      file: '',
      options: [
        { kind: 'message-type', value: type },
        { kind: 'requested-address', address: named },
      ],
    });
    const payload = this.#udp(none, Ipv4Address.broadcast, DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, message);
    return encodeEthernet({ destination: MacAddress.broadcast, source, tags: [], etherType: EtherType.IPV4, payload });
  }

  /** Says that the address of somebody else is its own. */
  #arp(): Uint8Array {
    const victim = pick(this.#random, this.#world.mobileNodes);
    const lease = victim.dhcp.lease;
    const senderAddress =
      lease && nextBelow(this.#random, 2) === 0 ? lease.router : (lease?.address ?? Ipv4Address.unspecified);
    const payload = encodeArp({
      operation: nextBelow(this.#random, 2) === 0 ? ArpOperation.REPLY : ArpOperation.REQUEST,
      senderMac: this.#own,
      senderAddress,
      targetMac: victim.mac,
      targetAddress: victim.homeAddress ?? senderAddress,
    });
    const destination = MacAddress.broadcast;
    return encodeEthernet({ destination, source: this.#own, tags: [], etherType: EtherType.ARP, payload });
  }

  /** A datagram with the source of a mobile node, of a gateway or of an anchor. */
  #spoofed(): Uint8Array {
    const { mobileNodes, mags, lmas, correspondent } = this.#world;
    const victim = pick(this.#random, mobileNodes);
    const ends = [...mags, ...lmas].flatMap(({ addresses }) => addresses);
    const source = pick(this.#random, [...victim.heldAddresses, ...ends]);
    const destination = source instanceof Ipv4Address ? correspondent.ipv4 : this.#ipv6Destination(ends);
    const payload =
      source instanceof Ipv4Address
        ? this.#udp(source, destination as Ipv4Address, 7, 7, new Uint8Array(8))
        : encodeIpv6({
            source,
            destination: destination as Ipv6Address,
            nextHeader: pick(this.#random, [4, 41, UDP_PROTOCOL, 135]),
            hopLimit: 64,
            payload: this.#random32(this.#own),
          });
    const mac = MacAddress.pmipv6Mag;
    const etherType = source instanceof Ipv4Address ? EtherType.IPV4 : EtherType.IPV6;
    return encodeEthernet({ destination: mac, source: this.#own, tags: [], etherType, payload });
  }

  #ipv6Destination(ends: readonly unknown[]): Ipv6Address {
    const some = pick(this.#random, ends) as Ipv6Address;
    return nextBelow(this.#random, 2) === 0 && 'w0' in some ? some : this.#world.correspondent.ipv6;
  }

  #random32(source: MacAddress): Uint8Array {
    const length = 14 + nextBelow(this.#random, 60);
    const frame = Uint8Array.from({ length }, () => this.#random.nextU32());
    MacAddress.pmipv6Mag.write(frame, 0);
    source.write(frame, 6);
    return frame;
  }

  #udp(source: Ipv4Address, destination: Ipv4Address, from: number, to: number, payload: Uint8Array): Uint8Array {
    const udp = encodeUdp({ source, destination, sourcePort: from, destinationPort: to, payload });
    return encodeIpv4({ source, destination, ttl: 64, protocol: UDP_PROTOCOL, payload: udp });
  }
}
