import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import type { UdpDatagram } from '#wire/udp.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';

/** A host in the internet that sends every UDP datagram back to where it came from. */
export class Correspondent {
  readonly ipv4: Ipv4Address;
  readonly ipv6: Ipv6Address;
  readonly #send: (packet: Uint8Array) => void;

  constructor(ipv4: Ipv4Address, ipv6: Ipv6Address, send: (packet: Uint8Array) => void) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
    this.#send = send;
  }

  receive(packet: Uint8Array): void {
    if ((packet[0] ?? 0) >>> 4 === 4) this.#echoIpv4(packet);
    else this.#echoIpv6(packet);
  }

  #echoIpv4(bytes: Uint8Array): void {
    const packet = decodeIpv4(bytes);
    if (!packet.ok || packet.value.protocol !== UDP_PROTOCOL || !packet.value.destination.equals(this.ipv4)) return;
    const { source, destination } = packet.value;
    const datagram = decodeUdp(packet.value.payload, source, destination);
    if (!datagram.ok) return;
    const addresses = { source: destination, destination: source };
    const payload = encodeUdp({ ...addresses, ...swapPorts(datagram.value) });
    this.#send(encodeIpv4({ ...addresses, ttl: 64, protocol: UDP_PROTOCOL, payload }));
  }

  #echoIpv6(bytes: Uint8Array): void {
    const packet = decodeIpv6(bytes);
    if (!packet.ok || packet.value.nextHeader !== UDP_PROTOCOL || !packet.value.destination.equals(this.ipv6)) return;
    const { source, destination } = packet.value;
    const datagram = decodeUdp(packet.value.payload, source, destination);
    if (!datagram.ok) return;
    const addresses = { source: destination, destination: source };
    const payload = encodeUdp({ ...addresses, ...swapPorts(datagram.value) });
    this.#send(encodeIpv6({ ...addresses, nextHeader: UDP_PROTOCOL, hopLimit: 64, payload }));
  }
}

function swapPorts({ sourcePort, destinationPort, payload }: UdpDatagram): UdpDatagram {
  return { sourcePort: destinationPort, destinationPort: sourcePort, payload };
}
