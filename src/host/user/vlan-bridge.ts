import { attachClassicFilter, classicProgram } from '../classic-filter.ts';
import { isInterfaceGone } from '../interface-gone.ts';
import { MessageBatch } from '../message-batch.ts';
import { hearAll } from '../packet-membership.ts';
import {
  AF_PACKET,
  alloc,
  bind,
  check,
  close,
  ETH_P_ALL,
  PACKET_AUXDATA,
  PACKET_IGNORE_OUTGOING,
  PACKET_MR_PROMISC,
  PACKET_VNET_HDR,
  read,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  setIntegerOption,
  sockaddrLl,
  socket,
  write,
} from '../posix.ts';
import { growBuffers } from '../socket-buffers.ts';
import type { JoinedVlan, VlanCarrier } from '../vlan-devices.ts';

/** Passes frames with a tag of IEEE 802.1Q; those of IEEE 802.1ad have one that is another's. */
const TAGGED = classicProgram([
  [0x20, 0, 0, 0xfffff030], // whether there is a tag
  [0x15, 3, 0, 0],
  [0x20, 0, 0, 0xfffff03c], // its protocol
  [0x15, 0, 1, 0x8100],
  [0x06, 0, 0, 0x3ffff],
  [0x06, 0, 0, 0],
]);
const OFFLOAD = 10; // struct virtio_net_hdr
const MAC_ADDRESSES = 12;
const TAG = 4;
const VLAN_PROTOCOL = 0x8100;
const VLAN_MASK = 0xfff;
/** Of struct tpacket_auxdata: where the tag is. */
const TAG_AT = 16;
/** Frames of one call, so that signalling waits no longer than a millisecond for them. */
const BATCH = 32;
const IN = { count: BATCH, size: OFFLOAD + 14 + 65_535, addressLength: 0, controlLength: 64 };
const OUT = { count: BATCH, size: OFFLOAD + TAG + 14 + 9216, addressLength: 0 };

interface Parent {
  readonly fd: number;
  /** The devices' descriptors by VLAN. */
  readonly taps: Map<number, number>;
}

/**
 * The VLANs of an access interface where neither the kernel nor a program takes the tags off: frames that came in with a tag are put into the device of
 * their VLAN, and what leaves through that goes onto the parent with it. A parent is promiscuous as long as this has a socket there.
 */
export class VlanBridge implements VlanCarrier {
  /** By interface index. */
  readonly #parents = new Map<number, Parent>();
  /** By the descriptor of the device. */
  readonly #devices = new Map<number, { readonly parent: Parent; readonly id: number }>();
  readonly #in = new MessageBatch(IN);
  readonly #out = new MessageBatch(OUT);
  readonly #frame = alloc(OUT.size).buffer;

  join({ parent, id }: JoinedVlan, tap: number): void {
    let joined = this.#parents.get(parent);
    if (!joined) {
      joined = { fd: openParent(parent), taps: new Map() };
      this.#parents.set(parent, joined);
    }
    joined.taps.set(id, tap);
    this.#devices.set(tap, { parent: joined, id });
  }

  part({ parent, id }: JoinedVlan): void {
    const taps = this.#parents.get(parent)?.taps;
    const tap = taps?.get(id);
    taps?.delete(id);
    if (tap !== undefined) this.#devices.delete(tap);
  }

  release(parent: number): void {
    const joined = this.#parents.get(parent);
    if (!joined) return;
    this.#parents.delete(parent);
    close(joined.fd);
  }

  fds(): number[] {
    return [...Array.from(this.#parents.values(), ({ fd }) => fd), ...this.#devices.keys()];
  }

  has(fd: number): boolean {
    return this.fds().includes(fd);
  }

  /** Takes some of what waits at a descriptor. */
  handle(fd: number): void {
    const device = this.#devices.get(fd);
    if (device) this.#fromDevice(fd, device.parent, device.id);
    else this.#fromParent([...this.#parents.values()].find((one) => one.fd === fd));
  }

  close(): void {
    for (const { fd } of this.#parents.values()) close(fd);
    this.#parents.clear();
    this.#devices.clear();
  }

  /** The kernel has taken the tag off by now, as a network card does. A frame that the device does not take is lost, as on any link. */
  #fromParent(parent: Parent | undefined): void {
    if (!parent) return;
    let count = 0;
    try {
      count = this.#in.receive(parent.fd);
    } catch (error) {
      if (!isInterfaceGone(error)) throw error;
    }
    for (let i = 0; i < count; i++) {
      const auxiliary = this.#in.control(i, SOL_PACKET, PACKET_AUXDATA);
      const tap = auxiliary && parent.taps.get(auxiliary.readUInt16LE(TAG_AT) & VLAN_MASK);
      const frame = this.#in.message(i);
      if (tap !== undefined) write(tap, frame, frame.length);
    }
  }

  /** Frames are whole: the kernel leaves nothing of them to this device. */
  #fromDevice(tap: number, parent: Parent, id: number): void {
    const head = OFFLOAD + MAC_ADDRESSES;
    for (let i = 0; i < BATCH; i++) {
      const length = read(tap, this.#frame, OUT.size - TAG);
      if (length <= head) break;
      this.#frame.copyWithin(head + TAG, head, length);
      this.#frame.writeUInt16BE(VLAN_PROTOCOL, head);
      this.#frame.writeUInt16BE(id, head + 2);
      this.#out.append(this.#frame.subarray(0, length + TAG));
    }
    if (this.#out.length > 0) this.#out.send(parent.fd, () => {});
  }
}

/** Throws `SystemCallError`. */
function openParent(index: number): number {
  // Protocol 0: nothing is received before the filter is in place and bind names the interface.
  const fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    growBuffers(fd);
    for (const option of [PACKET_IGNORE_OUTGOING, PACKET_AUXDATA, PACKET_VNET_HDR])
      setIntegerOption(fd, SOL_PACKET, option, 1);
    hearAll(fd, index, PACKET_MR_PROMISC);
    attachClassicFilter(fd, TAGGED);
    check('bind', bind(fd, sockaddrLl(index, ETH_P_ALL), SOCKADDR_LL_LENGTH));
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
