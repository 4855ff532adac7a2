/**
 * The capture file of Wireshark: blocks, each with its type, its length before and after its body, and a section header first.
 * Read are section headers, interface descriptions, enhanced and simple packets; other blocks are skipped.
 */
import { ok } from '#base/result.ts';
import type { CapturedPacket, CaptureFile } from './capture-file.ts';
import type { Decoded, WireError } from './error.ts';
import { WireFault, wireError } from './error.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SHORTEST_BLOCK = 12;
const TIMESTAMP_RESOLUTION = 9;
const END_OF_OPTIONS = 0;
const DEFAULT_UNITS_PER_SECOND = 1e6;
const MOST_INTERFACES = 65_536;

interface Interface {
  readonly linkType: number;
  readonly snapshotLength: number;
  readonly unitsPerSecond: number;
}

interface Block {
  readonly type: number;
  /** Of the body. */
  readonly at: number;
  readonly end: number;
}

export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) === SECTION_HEADER;
}

export function readPcapng(bytes: Uint8Array): Decoded<CaptureFile> {
  if (!isPcapng(bytes)) return wireError('bad-value', 0, 'block type', 'not a pcapng file');
  const reader = new PcapngReader(bytes);
  const fault = reader.run();
  return ok({ format: 'pcapng', packets: reader.packets, fault });
}

class PcapngReader {
  readonly packets: CapturedPacket[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #littleEndian = true;
  #interfaces: Interface[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): WireError | undefined {
    let at = 0;
    while (at < this.#bytes.length) {
      const block = this.#block(at);
      if (block instanceof WireFault) return block;
      const fault = this.#read(block);
      if (fault) return fault;
      at = block.end + 4;
    }
    return undefined;
  }

  #block(at: number): Block | WireFault {
    if (at + SHORTEST_BLOCK > this.#bytes.length) return new WireFault('truncated', at, 'block', 'at least 12 octets');
    const type = this.#u32(at);
    if (this.#view.getUint32(at) === SECTION_HEADER) {
      const magic = this.#view.getUint32(at + 8, true);
      this.#littleEndian = magic === BYTE_ORDER_MAGIC;
      if (!this.#littleEndian && this.#view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) {
        return new WireFault('bad-value', at + 8, 'byte-order magic', 'not 0x1a2b3c4d in either order');
      }
    }
    const length = this.#u32(at + 4);
    if (length < SHORTEST_BLOCK || length % 4 !== 0) {
      return new WireFault('bad-length', at + 4, 'block length', `${length} is no multiple of 4 from 12 on`);
    }
    if (at + length > this.#bytes.length) {
      return new WireFault('truncated', at, 'block', `${this.#bytes.length - at} of ${length} octets`);
    }
    return { type: this.#isSection(at) ? SECTION_HEADER : type, at: at + 8, end: at + length - 4 };
  }

  #isSection(at: number): boolean {
    return this.#view.getUint32(at) === SECTION_HEADER;
  }

  #read(block: Block): WireFault | undefined {
    switch (block.type) {
      case SECTION_HEADER:
        this.#interfaces = [];
        return undefined;
      case INTERFACE_DESCRIPTION:
        return this.#readInterface(block);
      case ENHANCED_PACKET:
        return this.#readEnhanced(block);
      case SIMPLE_PACKET:
        return this.#readSimple(block);
      default:
        return undefined;
    }
  }

  #readInterface(block: Block): WireFault | undefined {
    if (block.end - block.at < 8) return new WireFault('bad-length', block.at, 'interface description', 'too short');
    if (this.#interfaces.length === MOST_INTERFACES) {
      return new WireFault('bad-value', block.at, 'interface description', `more than ${MOST_INTERFACES}`);
    }
    this.#interfaces.push({
      linkType: this.#u16(block.at),
      snapshotLength: this.#u32(block.at + 4),
      unitsPerSecond: this.#unitsPerSecond(block.at + 8, block.end),
    });
    return undefined;
  }

  #unitsPerSecond(start: number, end: number): number {
    let at = start;
    while (at + 4 <= end) {
      const code = this.#u16(at);
      const length = this.#u16(at + 2);
      if (code === END_OF_OPTIONS || at + 4 + length > end) break;
      if (code === TIMESTAMP_RESOLUTION && length === 1) {
        const value = this.#bytes[at + 4] as number;
        return (value & 0x80) !== 0 ? 2 ** (value & 0x7f) : 10 ** value;
      }
      at += 4 + ((length + 3) & ~3);
    }
    return DEFAULT_UNITS_PER_SECOND;
  }

  #readEnhanced(block: Block): WireFault | undefined {
    if (block.end - block.at < 20) return new WireFault('bad-length', block.at, 'enhanced packet', 'too short');
    const units = BigInt(this.#u32(block.at + 4)) * 0x1_0000_0000n + BigInt(this.#u32(block.at + 8));
    const length = this.#u32(block.at + 12);
    return this.#push(this.#u32(block.at), units, block.at + 20, length, this.#u32(block.at + 16), block.end);
  }

  #readSimple(block: Block): WireFault | undefined {
    if (block.end - block.at < 4) return new WireFault('bad-length', block.at, 'simple packet', 'too short');
    const originalLength = this.#u32(block.at);
    const limit = this.#interfaces[0]?.snapshotLength || originalLength;
    return this.#push(0, 0n, block.at + 4, Math.min(originalLength, limit), originalLength, block.end);
  }

  #push(
    index: number,
    units: bigint,
    fileOffset: number,
    length: number,
    originalLength: number,
    end: number,
  ): WireFault | undefined {
    const origin = this.#interfaces[index];
    if (!origin) return new WireFault('bad-value', fileOffset, 'interface', `${index} was not described`);
    if (fileOffset + length > end) return new WireFault('bad-length', fileOffset, 'captured length', 'past its block');
    const perSecond = BigInt(origin.unitsPerSecond);
    this.packets.push({
      number: this.packets.length + 1,
      seconds: Number(units / perSecond),
      nanoseconds: Number(((units % perSecond) * 1_000_000_000n) / perSecond),
      linkType: origin.linkType,
      originalLength,
      fileOffset,
      bytes: this.#bytes.subarray(fileOffset, fileOffset + length),
    });
    return undefined;
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, this.#littleEndian);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, this.#littleEndian);
  }
}
