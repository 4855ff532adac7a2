/** Memory in which frames are put together, one after the other, and which outlives the process. */
export interface WaitingRoom {
  readonly octets: Buffer;
  /** A frame begins, of later changes than those of other rooms. */
  begin(): void;
  /** The frame has so many octets of entries, all of them in `octets`. */
  keep(entries: number): void;
  /** What is to be kept is not all in `octets`, until `begin`. */
  overflow(): void;
}

/** What waited to be stored when a process was killed. */
export interface LeftWaiting {
  /** The number of a frame that was durable; the next may be, too. */
  readonly lastFrame: number;
  /** Of frames, in their order; the store may have what is in the first. */
  readonly entries: readonly Buffer[];
}
