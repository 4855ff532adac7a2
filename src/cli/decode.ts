import type { CapturedPacket } from '#wire/capture-file.ts';
import { DECODE_HELP, type DecodeRequest, parseDecodeArguments } from './decode-arguments.ts';
import { type DecodeInput, readDecodeInput } from './decode-input.ts';
import { dissectionJson } from './decode-json.ts';
import { Ladder } from './decode-ladder.ts';
import { type Dissection, dissect, startOf } from './decode-packet.ts';
import { isSignalling } from './decode-relevance.ts';
import { summaryText } from './decode-summary.ts';
import { instantText } from './decode-text.ts';
import { treeText } from './decode-tree.ts';
import { ExitStatus } from './exit-status.ts';

/** Where output goes. */
export interface DecodeIo {
  out(text: string): void;
  error(text: string): void;
}

/** `mooring decode`: prints what can be decoded and then, on one line, what is wrong with the input. Returns the exit status. */
export function runDecode(args: readonly string[], io: DecodeIo = processIo()): number {
  const request = parseDecodeArguments(args);
  if (typeof request === 'string') {
    io.error(`mooring: ${request}\n`);
    return ExitStatus.USAGE;
  }
  if (request.help) {
    io.out(DECODE_HELP);
    return ExitStatus.OK;
  }
  const input = readDecodeInput(request.words);
  const printed = printPackets(input, request, io);
  if (input.fault !== undefined) {
    io.error(`mooring: ${input.fault}\n`);
    return ExitStatus.FAILED;
  }
  if (printed === 0) io.error(`mooring: ${input.name}: no signalling in ${input.packets.length} packets\n`);
  return ExitStatus.OK;
}

function processIo(): DecodeIo {
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
  };
}

function printPackets(input: DecodeInput, request: DecodeRequest, io: DecodeIo): number {
  const first = input.packets[0];
  const ladder = new Ladder();
  let printed = 0;
  for (const packet of input.packets) {
    const dissection = dissectCaptured(packet, input);
    const cutShort = packet.originalLength > packet.bytes.length;
    if (!request.all && input.start === undefined && !isSignalling(dissection, cutShort)) continue;
    if (request.form === 'ladder') ladder.add(packet, relativeTime(packet, first), dissection);
    else io.out(packetText(packet, dissection, request, input, first));
    printed++;
  }
  io.out(ladder.text());
  return printed;
}

function dissectCaptured(packet: CapturedPacket, input: DecodeInput): Dissection {
  const begin = input.start ? { start: input.start, skip: 0 } : startOf(packet.linkType);
  if (begin) return dissect(packet.bytes, begin.start, begin.skip);
  return { layers: [], fault: undefined, note: `link type ${packet.linkType} is not read` };
}

function packetText(
  packet: CapturedPacket,
  dissection: Dissection,
  request: DecodeRequest,
  input: DecodeInput,
  first: CapturedPacket | undefined,
): string {
  const fileOffset = input.start === undefined ? packet.fileOffset : undefined;
  const time = instantText(packet.seconds, packet.nanoseconds);
  const { number, originalLength: length, linkType } = packet;
  const captured = fileOffset === undefined ? {} : { time, linkType };
  switch (request.form) {
    case 'json':
      return `${JSON.stringify({ number, ...captured, length, ...dissectionJson(dissection, packet.bytes) })}\n`;
    case 'summary':
      return `${number} ${relativeTime(packet, first)} ${summaryText(dissection, fileOffset)}\n`;
    default: {
      const when = fileOffset === undefined ? '' : `, ${time}`;
      return `${treeText(`Packet ${number}${when}, ${length} octets`, dissection, { sections: request.sections, fileOffset })}\n`;
    }
  }
}

/** Seconds since the first packet of the file. */
function relativeTime(packet: CapturedPacket, first: CapturedPacket | undefined): string {
  const origin = first ?? packet;
  const nanoseconds = packet.nanoseconds - origin.nanoseconds;
  return (packet.seconds - origin.seconds + nanoseconds / 1e9).toFixed(6);
}
