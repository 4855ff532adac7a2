/** Packets in capture files, whatever the format: what `readCapture` gives. */
import type { Decoded, WireError } from './error.ts';
import { wireError } from './error.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

export type { CapturedPacket, CaptureFile } from './capture-file.ts';

import type { CaptureFile } from './capture-file.ts';

/** Reads pcap and pcapng. An error says that it is neither; a fault further on is in the value, after the packets before it. */
export function readCapture(bytes: Uint8Array): Decoded<CaptureFile> {
  if (isPcap(bytes)) return readPcap(bytes);
  if (isPcapng(bytes)) return readPcapng(bytes);
  return notACapture(bytes);
}

function notACapture(bytes: Uint8Array): { readonly ok: false; readonly error: WireError } {
  if (bytes.length === 0) return wireError('truncated', 0, 'capture file', 'is empty');
  return wireError('bad-value', 0, 'magic number', 'this is neither a pcap nor a pcapng file');
}
