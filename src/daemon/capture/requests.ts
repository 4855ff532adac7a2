import type { ControlRequest } from '../control-protocol.ts';
import { RequestError } from '../control-protocol.ts';
import type { Node } from '../node.ts';
import { optionalMac, optionalText } from '../request-parameters.ts';
import { Sliced } from '../sliced.ts';
import type { CaptureView, MobileNodeName } from './captures.ts';
import { followFrom } from './follow.ts';
import type { CapturedMessage, CapturedPacket, Cursor, Direction } from './ring.ts';

const LONGEST_NAME = 64;
export const MEGABYTES_MAXIMUM = 100;
/** At most some per cent of the packet worker's time. */
export const RATE_MAXIMUM = 10_000;
export const LENGTHS = [64, 65_535] as const;
/** So many leave the packet worker no time to notice. */
const PORTION = 500;

interface CapturedOctets {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly direction: Direction;
  /** In base64. */
  readonly octets: string;
}

/** A captured Mobility Header as the control socket has it; plain JSON. */
export interface CapturedMessageRow extends CapturedOctets {
  readonly kind: 'message';
  readonly local: string;
  readonly remote: string;
  /** Of the remote, over UDP. */
  readonly port: number | null;
}

/** A captured IP packet of a mobile node. */
export interface CapturedPacketRow extends CapturedOctets {
  readonly kind: 'packet';
  /** In Linux. */
  readonly interface: string;
  readonly binding: string;
  readonly tunnelled: boolean;
  /** Octets that it had. */
  readonly length: number;
}

export type CapturedRow = CapturedMessageRow | CapturedPacketRow;

export interface CapturedRows {
  readonly rows: readonly CapturedRow[];
  /** To be asked for next, when there were any. */
  readonly next: Cursor;
}

/**
 * `action` is `configure` with `megabytes` and `circular`, `take` with the name or link-layer address of a mobile node whose data is captured too, `limit` with `rate` and
 * `length`, `start` (which takes one too), `stop`, `clear` or `remove`; answers what there is then. Throws `RequestError`.
 */
export function controlCapture(node: Node, request: ControlRequest): CaptureView[] | Sliced {
  const { captures } = node.runtime;
  const name = nameOf(request);
  const { action, megabytes, circular, rate, length } = request;
  switch (action) {
    case 'configure':
      captures.configure(name, numberIn('megabytes', megabytes, 1, MEGABYTES_MAXIMUM), circular === true);
      break;
    case 'take':
      captures.take(name, mobileNodeOf(request));
      return new Sliced(followFrom(node, name));
    case 'limit':
      captures.limit(name, {
        ...(rate !== undefined && { rate: numberIn('rate', rate, 1, RATE_MAXIMUM) }),
        ...(length !== undefined && { length: numberIn('length', length, ...LENGTHS) }),
      });
      break;
    case 'start': {
      const mobileNode = mobileNodeOf(request);
      if (mobileNode) captures.take(name, mobileNode);
      captures.start(name);
      return new Sliced(followFrom(node, name));
    }
    case 'stop':
    case 'clear':
    case 'remove':
      captures[action](name);
      break;
    default:
      throw new RequestError('bad-request', '"action" must be configure, take, limit, start, stop, clear or remove');
  }
  return captures.view();
}

/** Some of what was captured, behind the cursor `from`. */
export function readCaptured(node: Node, request: ControlRequest): CapturedRows {
  const { from = [0, 0] } = request;
  if (!Array.isArray(from) || from.length !== 2 || !from.every((one) => Number.isSafeInteger(one) && one >= 0))
    throw new RequestError('bad-request', '"from" must be two numbers, as "next" was');
  const { found, next } = node.runtime.captures.read(nameOf(request), from as unknown as Cursor, PORTION);
  return { rows: found.map(rowOf), next };
}

function rowOf(one: CapturedMessage | CapturedPacket): CapturedRow {
  const { at, direction } = one;
  const octets = Buffer.from(one.octets).toString('base64');
  if (one.kind === 'packet') {
    const { interfaceName, binding, tunnelled, length } = one;
    return { kind: 'packet', at, direction, interface: interfaceName, binding, tunnelled, length, octets };
  }
  const { local, remote, port = null } = one.peer;
  return { kind: 'message', at, direction, local: `${local}`, remote: `${remote}`, port, octets };
}

function mobileNodeOf(request: ControlRequest): MobileNodeName | null {
  const [nai, mac] = [optionalText('nai', request.nai), optionalMac('mac', request.mac)];
  if (nai !== undefined && mac) throw new RequestError('bad-request', 'a mobile node has a "nai" or a "mac" here');
  if (mac) return { mac: mac.toCiscoString() };
  return nai === undefined ? null : { nai };
}

function numberIn(field: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new RequestError('bad-request', `"${field}" must be a number from ${least} to ${most}`);
}

function nameOf(request: ControlRequest): string {
  const name = optionalText('name', request.name);
  if (name !== undefined && name !== '' && name.length <= LONGEST_NAME) return name;
  throw new RequestError('bad-request', `"name" must be text of 1 to ${LONGEST_NAME} characters`);
}
