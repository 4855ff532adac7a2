import { dissect } from '#cli/decode-packet.ts';
import { lastText, routeText } from '#cli/decode-summary.ts';
import type { SimulationEvent } from '#sim/index.ts';
import { LinkType } from '#wire/capture-file.ts';
import { PcapWriter } from '#wire/pcap.ts';

/** Where the wall clock of every simulation starts, 2026-01-15T12:00:00Z. */
const START_UTC = 1_768_478_400_000;
const DATA_PORT = 7;

/** What happened, a line each: messages with who sent them to whom, log lines of the nodes, and what was done to the world. */
export class TextTrace {
  readonly lines: string[] = [];
  readonly #frames: boolean;

  /** `frames`: those of the access links too, but for data. */
  constructor({ frames }: { readonly frames: boolean }) {
    this.#frames = frames;
  }

  add(event: SimulationEvent, elapsedMs: number): void {
    const text = this.#text(event);
    if (text !== undefined) this.lines.push(`${(elapsedMs / 1000).toFixed(4).padStart(12)}  ${text}`);
  }

  #text(event: SimulationEvent): string | undefined {
    switch (event.kind) {
      case 'packet':
        return signallingText(event.packet);
      case 'frame':
        return this.#frames ? frameText(event.accessPoint, event.frame) : undefined;
      case 'log': {
        const { code, text, fields } = event.output;
        return `  ${event.node} ${code}: ${text} ${JSON.stringify(fields)}`;
      }
      case 'fault':
        return `* ${event.text}`;
    }
  }
}

/** The packets between the nodes, for `mooring decode --ladder` and others. */
export class CaptureTrace {
  readonly #writer = new PcapWriter(LinkType.RAW);
  readonly #records: Uint8Array[] = [];

  add(event: SimulationEvent, elapsedMs: number): void {
    if (event.kind !== 'packet' || signallingText(event.packet) === undefined) return;
    this.#records.push(this.#writer.record({ at: START_UTC + elapsedMs, bytes: event.packet }));
  }

  bytes(): Uint8Array {
    return Buffer.concat([this.#writer.header(), ...this.#records]);
  }
}

function signallingText(packet: Uint8Array): string | undefined {
  const { layers, fault } = dissect(packet, 'ip');
  const last = layers.at(-1);
  if (fault?.protocol === 'mobility') return `${routeText(layers)}malformed: ${fault.error.rule}`;
  return last?.protocol === 'mobility' ? routeText(layers) + lastText(last) : undefined;
}

function frameText(accessPoint: string, frame: Uint8Array): string | undefined {
  const { layers, fault } = dissect(frame, 'ethernet');
  const last = layers.at(-1);
  if (last?.protocol === 'udp' && last.value.destinationPort === DATA_PORT) return undefined;
  const link = layers[0];
  const ends = link?.protocol === 'ethernet' ? `${link.value.source} → ${link.value.destination}  ` : '';
  return `    ${accessPoint}  ${ends}${fault || !last ? 'malformed' : lastText(last)}`;
}
