import type { ControlRequest } from '../control-protocol.ts';
import { RequestError } from '../control-protocol.ts';
import type { Node } from '../node.ts';
import { optionalText } from '../request-parameters.ts';
import type { CaptureView } from './captures.ts';
import type { Direction } from './ring.ts';

const LONGEST_NAME = 64;
const MEGABYTES_MAXIMUM = 100;
/** So many leave the packet worker no time to notice. */
const PORTION = 500;

/** A captured message as the control socket has it; plain JSON. */
export interface CapturedRow {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly direction: Direction;
  readonly local: string;
  readonly remote: string;
  /** Of the remote, over UDP. */
  readonly port: number | null;
  /** The Mobility Header in base64. */
  readonly octets: string;
}

export interface CapturedRows {
  readonly rows: readonly CapturedRow[];
  /** To be asked for next, when there were any. */
  readonly next: number;
}

/** `action` is `configure` with `megabytes` and `circular`, `start`, `stop`, `clear` or `remove`; answers what there is then. Throws `RequestError`. */
export function controlCapture(node: Node, request: ControlRequest): CaptureView[] {
  const { captures } = node.runtime;
  const name = nameOf(request);
  const { action, megabytes, circular } = request;
  switch (action) {
    case 'configure':
      if (typeof megabytes !== 'number' || !(megabytes >= 1 && megabytes <= MEGABYTES_MAXIMUM))
        throw new RequestError('bad-request', `"megabytes" must be a number from 1 to ${MEGABYTES_MAXIMUM}`);
      captures.configure(name, megabytes, circular === true);
      break;
    case 'start':
    case 'stop':
    case 'clear':
    case 'remove':
      captures[action](name);
      break;
    default:
      throw new RequestError('bad-request', '"action" must be configure, start, stop, clear or remove');
  }
  return captures.view();
}

/** Some of what was captured, from the number `from` on. */
export function readCaptured(node: Node, request: ControlRequest): CapturedRows {
  const { from = 0 } = request;
  if (typeof from !== 'number' || !(from >= 0)) throw new RequestError('bad-request', '"from" must be a number');
  const { messages, next } = node.runtime.captures.read(nameOf(request), from, PORTION);
  const rows = messages.map(
    ({ at, direction, peer, octets }): CapturedRow => ({
      at,
      direction,
      local: peer.local.toString(),
      remote: peer.remote.toString(),
      port: peer.port ?? null,
      octets: Buffer.from(octets).toString('base64'),
    }),
  );
  return { rows, next };
}

function nameOf(request: ControlRequest): string {
  const name = optionalText('name', request.name);
  if (name !== undefined && name !== '' && name.length <= LONGEST_NAME) return name;
  throw new RequestError('bad-request', `"name" must be text of 1 to ${LONGEST_NAME} characters`);
}
