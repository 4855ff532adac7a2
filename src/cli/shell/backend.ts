import type { ControlRequest } from '#daemon/control-protocol.ts';

/** The daemon, as a shell sees it. */
export interface Backend {
  /** Resolves to the result. Throws an `Error` whose message is for the operator. */
  ask(request: ControlRequest): Promise<unknown>;
  /** Writes a file of the machine that the shell runs on. Absent where the operator sits elsewhere. Throws an `Error` for the operator. */
  save?(file: string, octets: Uint8Array): void;
}
