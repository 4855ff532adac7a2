/** The classic capture file of libpcap: a header of 24 octets, then a record header of 16 octets before each packet. */
import { ok } from '#base/result.ts';
import type { CapturedPacket, CaptureFile } from './capture-file.ts';
import { LinkType } from './capture-file.ts';
import type { Decoded, WireError } from './error.ts';
import { WireFault, wireError } from './error.ts';

export type { CapturedPacket, CaptureFile } from './capture-file.ts';
export { LinkType } from './capture-file.ts';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const SNAPSHOT_LENGTH = 262_144;
/** What libpcap itself refuses. */
const LONGEST_RECORD = 0x1000_0000;
const LINK_TYPE_MASK = 0x0fff_ffff;
const VERSION_MAJOR = 2;
const VERSION_MINOR = 4;

export function isPcap(bytes: Uint8Array): boolean {
  return formatOf(bytes) !== undefined;
}

/** Both byte orders, micro- and nanoseconds. An error is about the file header; a fault in a record is in the value. */
export function readPcap(bytes: Uint8Array): Decoded<CaptureFile> {
  const format = formatOf(bytes);
  if (!format) return wireError('bad-value', 0, 'magic number', 'not a pcap file');
  if (bytes.length < FILE_HEADER) return wireError('truncated', bytes.length, 'file header', '24 octets');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const linkType = view.getUint32(20, format.littleEndian) & LINK_TYPE_MASK;
  const packets: CapturedPacket[] = [];
  let fault: WireError | undefined;
  let at = FILE_HEADER;
  while (at < bytes.length) {
    const next = readRecord(bytes, view, at, format, linkType, packets);
    if (next instanceof WireFault) {
      fault = next;
      break;
    }
    at = next;
  }
  return ok({ format: 'pcap', packets, fault });
}

/** What a packet in a capture needs. */
export interface PcapRecord {
  /** Milliseconds since 1970-01-01T00:00:00Z; written in microseconds. */
  readonly at: number;
  readonly bytes: Uint8Array;
  /** When `bytes` is only the start of the packet. */
  readonly originalLength?: number;
}

/** Gives the octets of a capture file piece by piece: `header()` once, then `record()` for each packet. */
export class PcapWriter {
  readonly #linkType: number;

  /** One of `LinkType`. */
  constructor(linkType: number = LinkType.ETHERNET) {
    this.#linkType = linkType;
  }

  header(): Uint8Array {
    const bytes = new Uint8Array(FILE_HEADER);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MICROSECONDS, true);
    view.setUint16(4, VERSION_MAJOR, true);
    view.setUint16(6, VERSION_MINOR, true);
    view.setUint32(16, SNAPSHOT_LENGTH, true);
    view.setUint32(20, this.#linkType, true);
    return bytes;
  }

  record(record: PcapRecord): Uint8Array {
    const bytes = new Uint8Array(RECORD_HEADER + record.bytes.length);
    const view = new DataView(bytes.buffer);
    const microseconds = Math.round(record.at * 1000);
    view.setUint32(0, Math.floor(microseconds / 1_000_000), true);
    view.setUint32(4, microseconds % 1_000_000, true);
    view.setUint32(8, record.bytes.length, true);
    view.setUint32(12, record.originalLength ?? record.bytes.length, true);
    bytes.set(record.bytes, RECORD_HEADER);
    return bytes;
  }
}

interface Format {
  readonly littleEndian: boolean;
  readonly nanosecondsPerUnit: number;
}

function formatOf(bytes: Uint8Array): Format | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === MICROSECONDS) return { littleEndian, nanosecondsPerUnit: 1000 };
    if (magic === NANOSECONDS) return { littleEndian, nanosecondsPerUnit: 1 };
  }
  return undefined;
}

/** Appends the packet at `at` and returns where the next record starts. */
function readRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  format: Format,
  linkType: number,
  packets: CapturedPacket[],
): number | WireFault {
  const number = packets.length + 1;
  const fileOffset = at + RECORD_HEADER;
  if (fileOffset > bytes.length) {
    return new WireFault('truncated', at, `record header of packet ${number}`, `${bytes.length - at} of 16 octets`);
  }
  const length = view.getUint32(at + 8, format.littleEndian);
  if (length > LONGEST_RECORD) {
    return new WireFault('bad-length', at + 8, `length of packet ${number}`, `${length} octets cannot be`);
  }
  if (fileOffset + length > bytes.length) {
    const there = bytes.length - fileOffset;
    return new WireFault('truncated', fileOffset, `packet ${number}`, `${there} of ${length} octets`);
  }
  packets.push({
    number,
    seconds: view.getUint32(at, format.littleEndian),
    nanoseconds: view.getUint32(at + 4, format.littleEndian) * format.nanosecondsPerUnit,
    linkType,
    originalLength: view.getUint32(at + 12, format.littleEndian),
    fileOffset,
    bytes: bytes.subarray(fileOffset, fileOffset + length),
  });
  return fileOffset + length;
}
