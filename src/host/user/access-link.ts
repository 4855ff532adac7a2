import { MacAddress } from '#base/mac-address.ts';
import { finished } from '#dataplane/large-packet.ts';
import { attachClassicFilter, classicProgram } from '../classic-filter.ts';
import { isInterfaceGone } from '../interface-gone.ts';
import { MessageBatch } from '../message-batch.ts';
import {
  AF_PACKET,
  bind,
  check,
  close,
  ETH_P_ALL,
  PACKET_IGNORE_OUTGOING,
  PACKET_VNET_HDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  setIntegerOption,
  sockaddrLl,
  socket,
} from '../posix.ts';
import { growBuffers } from '../socket-buffers.ts';

/** Passes IPv4 and IPv6 that is for the host itself, without a VLAN tag: a frame of a VLAN is one of another link. */
const FOR_THIS_HOST = classicProgram([
  [0x20, 0, 0, 0xfffff004], // type of the packet
  [0x15, 0, 6, 0], // for the host
  [0x20, 0, 0, 0xfffff02c], // VLAN tag
  [0x54, 0, 0, 0x0fff],
  [0x15, 0, 3, 0],
  [0x28, 0, 0, 12], // EtherType
  [0x15, 2, 0, 0x0800],
  [0x15, 1, 0, 0x86dd],
  [0x06, 0, 0, 0],
  [0x06, 0, 0, 0x3ffff],
]);
const OFFLOAD = 10; // struct virtio_net_hdr
const GSO_SIZE_AT = 4;
const GSO_TYPE_AT = 1;
const GSO_UDP = 5;
const ETHERNET = 14;
/** Whole frames of any link that does not put segments together. */
const HEAD = 2048;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const IN = { count: 32, size: OFFLOAD + ETHERNET + 65_535, addressLength: 0 };
const OUT = { count: 64, size: OFFLOAD + ETHERNET + 9216, addressLength: 0 };

/** What it is given is only valid during the call. */
export interface AccessLinkHandler {
  /** Called first; of a long frame it gets the head, and transport checksums may be unfinished. */
  frame(source: MacAddress, frame: Uint8Array): void;
  packet(source: MacAddress, packet: Uint8Array): void;
}

/** The packets of mobile nodes on an access link, past the kernel's stack. */
export class AccessLink {
  readonly fd: number;
  readonly #mac: MacAddress;
  readonly #in = new MessageBatch(IN);
  readonly #out = new MessageBatch(OUT);
  readonly #frame = Buffer.alloc(OUT.size);

  /** `mac` is the link-layer address of the gateway. Throws `SystemCallError`. */
  constructor(interfaceIndex: number, mac: MacAddress) {
    this.#mac = mac;
    // Protocol 0: nothing is received before the filter is in place and bind names the interface.
    this.fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      growBuffers(this.fd);
      setIntegerOption(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
      setIntegerOption(this.fd, SOL_PACKET, PACKET_VNET_HDR, 1);
      attachClassicFilter(this.fd, FOR_THIS_HOST);
      check('bind', bind(this.fd, sockaddrLl(interfaceIndex, ETH_P_ALL), SOCKADDR_LL_LENGTH));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** Takes one batch of what waits. `mtu`: TCP segments that are longer come in several. */
  receive(mtu: number, handler: AccessLinkHandler): void {
    let count = 0;
    try {
      count = this.#in.receive(this.fd);
    } catch (error) {
      if (!isInterfaceGone(error)) throw error;
    }
    for (let i = 0; i < count; i++) {
      const message = this.#in.message(i);
      if (message.length < OFFLOAD + ETHERNET) continue;
      const source = MacAddress.read(message.subarray(OFFLOAD + 6, OFFLOAD + 12));
      handler.frame(source, message.subarray(OFFLOAD, OFFLOAD + HEAD));
      const size = message.readUInt16LE(GSO_SIZE_AT);
      const isDatagrams = message[GSO_TYPE_AT] === GSO_UDP;
      const packet = withoutPadding(message.subarray(OFFLOAD + ETHERNET));
      const most = size > 0 && !isDatagrams ? Math.min(mtu, size + headersOf(packet)) : mtu;
      for (const one of size > 0 ? finished(packet, most, isDatagrams ? size : 0) : finished(packet, packet.length))
        handler.packet(source, one);
    }
  }

  /** Puts a packet into the batch, which leaves when it is full or with `flush`. False when it is too long for any link. */
  queue(destination: MacAddress, packet: Uint8Array): boolean {
    const length = OFFLOAD + ETHERNET + packet.length;
    if (length > OUT.size) return false;
    if (this.#out.full) this.flush();
    destination.write(this.#frame, OFFLOAD);
    this.#mac.write(this.#frame, OFFLOAD + 6);
    const isIpv4 = (packet[0] as number) >>> 4 === 4;
    this.#frame.writeUInt16BE(isIpv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6, OFFLOAD + 12);
    this.#frame.set(packet, OFFLOAD + ETHERNET);
    return this.#out.append(this.#frame.subarray(0, length));
  }

  /** Frames that the interface does not take are lost, as on any link. */
  flush(): void {
    if (this.#out.length > 0) this.#out.send(this.fd, () => {});
  }

  close(): void {
    close(this.fd);
  }
}

/** Short frames are filled up. */
function withoutPadding(packet: Buffer): Buffer {
  if (packet.length < 40) return packet.subarray(0, packet.length >= 4 ? packet.readUInt16BE(2) : packet.length);
  const stated = (packet[0] as number) >>> 4 === 6 ? 40 + packet.readUInt16BE(4) : packet.readUInt16BE(2);
  return stated > 0 && stated < packet.length ? packet.subarray(0, stated) : packet;
}

/** Of IP and TCP. */
function headersOf(packet: Buffer): number {
  const ip = (packet[0] as number) >>> 4 === 6 ? 40 : ((packet[0] as number) & 15) * 4;
  return ip + ((packet[ip + 12] ?? 0) >>> 4) * 4;
}
