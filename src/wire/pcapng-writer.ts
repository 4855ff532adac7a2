/** Writes the capture file of Wireshark: a section, an interface for each that is named and each link type, and enhanced packets in nanoseconds. */
const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const INTERFACE_NAME = 2;
const TIMESTAMP_RESOLUTION = 9;
const NANOSECONDS = 9;
const COMMENT = 1;
const FLAGS = 2;
const INBOUND = 1;
const OUTBOUND = 2;
const SNAPSHOT_LENGTH = 262_144;

/** What a packet in a capture needs; a `CapturedPacket` has it. */
export interface PcapngRecord {
  /** Since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** One of `LinkType`. */
  readonly linkType: number;
  /** Where it was seen. */
  readonly interfaceName?: string;
  readonly bytes: Uint8Array;
  /** When `bytes` is only the start of the packet. */
  readonly originalLength?: number;
  readonly direction?: 'inbound' | 'outbound';
  /** For people, shown beside the packet. */
  readonly comment?: string;
}

/** Gives the octets of the file piece by piece: `header()` once, then `record()` for each packet. */
export class PcapngWriter {
  /** In the order of their numbers. */
  readonly #interfaces: string[] = [];

  header(): Uint8Array {
    return block(SECTION_HEADER, 16, (view, at) => {
      view.setUint32(at, BYTE_ORDER_MAGIC, true);
      view.setUint16(at + 4, 1, true);
      // The section's length is not stated.
      view.setBigInt64(at + 8, -1n, true);
    });
  }

  /** With the description of its interface before the first packet of it. */
  record(record: PcapngRecord): Uint8Array {
    const { linkType, interfaceName = '' } = record;
    const key = `${linkType} ${interfaceName}`;
    const known = this.#interfaces.indexOf(key);
    if (known >= 0) return packetBlock(record, known);
    const number = this.#interfaces.push(key) - 1;
    const description = interfaceBlock(linkType, interfaceName);
    const packet = packetBlock(record, number);
    const both = new Uint8Array(description.length + packet.length);
    both.set(description);
    both.set(packet, description.length);
    return both;
  }
}

function interfaceBlock(linkType: number, name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const nameLength = text.length === 0 ? 0 : 4 + padded(text.length);
  return block(INTERFACE_DESCRIPTION, 20 + nameLength, (view, at, out) => {
    view.setUint16(at, linkType, true);
    view.setUint32(at + 4, SNAPSHOT_LENGTH, true);
    view.setUint16(at + 8, TIMESTAMP_RESOLUTION, true);
    view.setUint16(at + 10, 1, true);
    view.setUint8(at + 12, NANOSECONDS);
    // Paddings and the end of options are zeros.
    if (nameLength === 0) return;
    view.setUint16(at + 16, INTERFACE_NAME, true);
    view.setUint16(at + 18, text.length, true);
    out.set(text, at + 20);
  });
}

function packetBlock(record: PcapngRecord, number: number): Uint8Array {
  const { seconds, nanoseconds, bytes, originalLength } = record;
  const options = packetOptions(record);
  return block(ENHANCED_PACKET, 20 + padded(bytes.length) + options.length, (view, at, out) => {
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    view.setUint32(at, number, true);
    view.setUint32(at + 4, Number((time >> 32n) & 0xffff_ffffn), true);
    view.setUint32(at + 8, Number(time & 0xffff_ffffn), true);
    view.setUint32(at + 12, bytes.length, true);
    view.setUint32(at + 16, originalLength ?? bytes.length, true);
    out.set(bytes, at + 20);
    out.set(options, at + 20 + padded(bytes.length));
  });
}

/** Comment and flags of draft-ietf-opsawg-pcapng, and the end of options; nothing when there are none. */
function packetOptions({ comment, direction }: PcapngRecord): Uint8Array {
  const text = comment === undefined ? undefined : new TextEncoder().encode(comment);
  const commentLength = text ? 4 + padded(text.length) : 0;
  const flagsLength = direction ? 8 : 0;
  if (commentLength + flagsLength === 0) return new Uint8Array(0);
  const out = new Uint8Array(commentLength + flagsLength + 4);
  const view = new DataView(out.buffer);
  if (text) {
    view.setUint16(0, COMMENT, true);
    view.setUint16(2, text.length, true);
    out.set(text, 4);
  }
  if (direction) {
    view.setUint16(commentLength, FLAGS, true);
    view.setUint16(commentLength + 2, 4, true);
    view.setUint32(commentLength + 4, direction === 'inbound' ? INBOUND : OUTBOUND, true);
  }
  return out;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Type, length, a body of `length` octets padded to words, and the length again. */
function block(type: number, length: number, fill: (view: DataView, at: number, out: Uint8Array) => void): Uint8Array {
  const total = 12 + padded(length);
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, total, true);
  fill(view, 8, out);
  view.setUint32(total - 4, total, true);
  return out;
}
