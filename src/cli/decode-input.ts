import { existsSync } from 'node:fs';
import { fromHex } from '#base/bytes.ts';
import { readCapture } from '#wire/capture.ts';
import type { CapturedPacket } from '#wire/capture-file.ts';
import { readFailure, readWhole } from './decode-file.ts';
import type { Start } from './decode-packet.ts';

/** Packets to decode, and what is wrong with where they came from. */
export interface DecodeInput {
  /** Of the file, for messages. */
  readonly name: string;
  readonly packets: readonly CapturedPacket[];
  /** For packets that are not from a capture: what they start with. */
  readonly start: Start | undefined;
  /** One line. */
  readonly fault: string | undefined;
}

const SHORTEST_OCTETS = 8;
const NO_NEXT_HEADER = 59;

export function readDecodeInput(words: readonly string[]): DecodeInput {
  const name = words.join(' ');
  if (words.length === 1 && name !== '-' && existsSync(name)) {
    return readFile(name, name);
  }
  if (name === '-') return readFile('standard input', '-');
  const octets = fromHex(name);
  if (octets && octets.length >= SHORTEST_OCTETS) return fromOctets(name, octets);
  return failed(name, 'no such file, and not 8 or more octets in hexadecimal');
}

function readFile(name: string, file: string): DecodeInput {
  let bytes: Uint8Array;
  try {
    bytes = readWhole(file);
  } catch (error) {
    return failed(name, readFailure(error as NodeJS.ErrnoException, 'a capture file'));
  }
  const capture = readCapture(bytes);
  if (!capture.ok) return failed(name, locate(capture.error.offset, `${capture.error.field}: ${capture.error.rule}`));
  const { packets, fault } = capture.value;
  const text = fault && locate(fault.offset, `${fault.field}: ${fault.rule}`);
  return { name, packets, start: undefined, fault: text && `${name}: ${text}` };
}

function locate(offset: number, text: string): string {
  return `offset ${offset}: ${text}`;
}

function failed(name: string, text: string): DecodeInput {
  return { name, packets: [], start: undefined, fault: `${name}: ${text}` };
}

function fromOctets(name: string, bytes: Uint8Array): DecodeInput {
  const packet: CapturedPacket = {
    number: 1,
    seconds: 0,
    nanoseconds: 0,
    linkType: 0,
    originalLength: bytes.length,
    fileOffset: 0,
    bytes,
  };
  return { name, packets: [packet], start: guessStart(bytes), fault: undefined };
}

/** A Mobility Header starts with 59, an IP packet with its version; the rest is Ethernet. */
function guessStart(bytes: Uint8Array): Start {
  const first = bytes[0] as number;
  if (first === NO_NEXT_HEADER) return 'mobility';
  return first >>> 4 === 6 || first === 0x45 ? 'ip' : 'ethernet';
}
