import { writeFileSync } from 'node:fs';
import { concatBytes, toHex } from '#base/bytes.ts';
import { LinkType } from '#wire/capture-file.ts';
import { PcapWriter } from '#wire/pcap.ts';
import { PcapngWriter } from '#wire/pcapng-writer.ts';
import type { DecodeIo } from './decode.ts';
import { readFailure, readWhole } from './decode-file.ts';
import { type EncodedPacket, encodePacket } from './encode-json.ts';
import { EncodeError, type Json } from './encode-values.ts';
import { ExitStatus } from './exit-status.ts';

export interface EncodeOptions {
  readonly format: 'hex' | 'pcap' | 'pcapng';
  /** Absent: the standard output. */
  readonly output?: string;
}

/** Where the result goes. */
export interface EncodeIo extends DecodeIo {
  outBytes(bytes: Uint8Array): void;
}

/**
 * `mooring encode`: turns what `decode --json` printed into packets. Each packet that cannot be encoded is told on one line, and the
 * others are still written. Returns the exit status.
 */
export function runEncode(file: string, options: EncodeOptions, io: EncodeIo): number {
  const name = file === '-' ? 'standard input' : file;
  const faults: string[] = [];
  const packets: EncodedPacket[] = [];
  for (const { json, place } of readPackets(file, faults)) {
    try {
      packets.push(encodePacket(json, options.format !== 'hex'));
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      faults.push(`${place}: ${error.message}`);
    }
  }
  if (packets.length > 0) write(packets, options, io, faults);
  for (const fault of faults) io.error(`mooring: ${name}: ${fault}\n`);
  return faults.length === 0 ? ExitStatus.OK : ExitStatus.FAILED;
}

interface Read {
  readonly json: Json;
  /** For messages. */
  readonly place: string;
}

/** One JSON value for the whole file, an array of them, or one a line. */
function readPackets(file: string, faults: string[]): readonly Read[] {
  let text: string;
  try {
    text = new TextDecoder().decode(readWhole(file));
  } catch (error) {
    faults.push(readFailure(error as NodeJS.ErrnoException, 'JSON'));
    return [];
  }
  const whole = parseJson(text);
  if (Array.isArray(whole)) return whole.map((json, i) => ({ json, place: `packet ${i + 1}` }));
  if (whole !== undefined) return [{ json: whole, place: 'packet 1' }];
  return readLines(text, faults);
}

/** Up to the first line that is not JSON. */
function readLines(text: string, faults: string[]): readonly Read[] {
  const packets: Read[] = [];
  let offset = 0;
  for (const [i, line] of text.split('\n').entries()) {
    const json = parseJson(line);
    if (json !== undefined) packets.push({ json, place: `line ${i + 1}` });
    else if (line.trim() !== '') {
      faults.push(`offset ${offset}: line ${i + 1} is not JSON`);
      return packets;
    }
    offset += line.length + 1;
  }
  if (packets.length === 0) faults.push('offset 0: is empty');
  return packets;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function write(packets: readonly EncodedPacket[], options: EncodeOptions, io: EncodeIo, faults: string[]): void {
  if (options.format === 'hex') {
    const text = packets.map(({ bytes }) => `${toHex(bytes)}\n`).join('');
    if (options.output === undefined) io.out(text);
    else save(options.output, text, faults);
    return;
  }
  const capture = options.format === 'pcap' ? pcap(packets, faults) : pcapng(packets);
  if (options.output === undefined) io.outBytes(capture);
  else save(options.output, capture, faults);
}

function pcap(packets: readonly EncodedPacket[], faults: string[]): Uint8Array {
  const linkType = packets[0]?.linkType ?? LinkType.ETHERNET;
  const fitting = packets.filter((packet) => packet.linkType === linkType);
  if (fitting.length < packets.length) {
    const left = packets.length - fitting.length;
    faults.push(`${left} packets of another link type than the first are left out; --format pcapng holds all`);
  }
  const writer = new PcapWriter(linkType);
  const records = fitting.map(({ seconds, nanoseconds, bytes, originalLength }) =>
    writer.record({ at: seconds * 1000 + nanoseconds / 1e6, bytes, originalLength }),
  );
  return concatBytes(writer.header(), ...records);
}

function pcapng(packets: readonly EncodedPacket[]): Uint8Array {
  const writer = new PcapngWriter();
  return concatBytes(writer.header(), ...packets.map((packet) => writer.record(packet)));
}

function save(path: string, content: string | Uint8Array, faults: string[]): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    faults.push(`cannot write ${path}: ${(error as Error).message}`);
  }
}
