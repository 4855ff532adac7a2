import type { WireError } from './error.ts';

export interface CapturedPacket {
  /** From 1, in the order of the file. */
  readonly number: number;
  /** Since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** One of `LinkType`. */
  readonly linkType: number;
  /** On the wire; more than `bytes` has when the capture cut the packet short. */
  readonly originalLength: number;
  /** Of `bytes` in the file. */
  readonly fileOffset: number;
  /** A view of the file. */
  readonly bytes: Uint8Array;
}

export interface CaptureFile {
  readonly format: 'pcap' | 'pcapng';
  readonly packets: readonly CapturedPacket[];
  /** Why reading stopped before the end of the file. */
  readonly fault: WireError | undefined;
}

/** The values of libpcap's LINKTYPE registry that carry what we decode. */
export const LinkType = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;
