/**
 * The control socket: a stream socket in the file system. Each line that a client sends is one JSON request; each is answered, in
 * order, by one line of JSON.
 */
export const DEFAULT_CONTROL_PATH = '/run/mooring/mooring.sock';

/** The longest request in octets, its line end included. */
export const REQUEST_MAXIMUM = 65_536;

export interface ControlRequest {
  /** As `ping`, `show`, `clear-bindings`. */
  readonly request: string;
  readonly [parameter: string]: unknown;
}

export type ControlReply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: { readonly code: ControlErrorCode; readonly message: string } };

export type ControlErrorCode =
  /** The line is not JSON, not an object, too long, or lacks something. */
  | 'bad-request'
  | 'unknown-request'
  /** What is named is not there. */
  | 'not-found'
  /** The packet worker did not answer in time. */
  | 'no-answer'
  /** What was asked for cannot be; the message says why. Nothing has changed. */
  | 'refused'
  /** `enable` wants `"password"`. */
  | 'password-required'
  /** Whoever asks may not. */
  | 'forbidden'
  /** An error of ours; the daemon's log has it. */
  | 'internal';

/** Thrown by a request's handler when the request itself is at fault. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
