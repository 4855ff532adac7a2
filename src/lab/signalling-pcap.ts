import { PcapWriter } from '#wire/pcap.ts';
import type { SignallingLog } from './signalling-log.ts';

/** The run's signalling as a capture file, in the order of time. */
export function signallingPcap(log: SignallingLog): Uint8Array {
  const writer = new PcapWriter();
  const frames = log.frames.toSorted((a, b) => a.at - b.at);
  return Buffer.concat([writer.header(), ...frames.map((frame) => writer.record(frame))]);
}
