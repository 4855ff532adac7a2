import { readU32, writeU32 } from '#base/bytes.ts';
import { milliseconds, type UtcTime, utcTime } from '#base/time.ts';
import type { RestartGap, StoreGap } from '#proto/record-change.ts';

/**
 * What runs that crashed have lost, in the store of the node. Version 1, numbers in network order, times in microseconds since 1970:
 *
 * ```
 *  octets
 *     1    version
 *     8    from                        4    window in milliseconds
 *     8    until
 * ```
 */
export const RESTART_GAP_VERSION = 1;
const OCTETS = 21;

/** RFC 6275 §6.1.7 "Binding Update Message": 65535 units of 4 seconds. Nothing that was granted before a gap is left when that has passed. */
const LIFETIME_MAXIMUM_MS = 65_535 * 4000;

/**
 * What a node that starts at `now` has to reckon with. `stored`: what its store knew of earlier runs; `last`: what the run before it has lost, which had
 * ended by `endedBy`. What bindings lack of an earlier gap they lack until they are registered again, however many runs later that is.
 */
export function gapAtStart(
  stored: RestartGap | undefined,
  last: StoreGap | undefined,
  endedBy: UtcTime,
  now: UtcTime,
): RestartGap | undefined {
  const own = last && { ...last, until: utcTime(Math.max(last.from, endedBy)) };
  if (!stored || stored.until + LIFETIME_MAXIMUM_MS < now) return own;
  // Where the clock was set back since, messages of then are in the future, and no others are to be refused.
  const former = { ...stored, until: utcTime(Math.min(stored.until, now)) };
  if (!own) return former;
  return {
    from: utcTime(Math.min(former.from, own.from)),
    window: milliseconds(Math.max(former.window, own.window)),
    until: utcTime(Math.max(former.until, own.until)),
  };
}

export function encodeRestartGap({ from, window, until }: RestartGap): Uint8Array {
  const octets = new Uint8Array(OCTETS);
  octets[0] = RESTART_GAP_VERSION;
  writeTime(octets, 1, from);
  writeU32(octets, 9, Math.min(2 ** 32 - 1, Math.ceil(window)));
  writeTime(octets, 13, until);
  return octets;
}

/** `undefined` when the octets are not of this version, or not whole. */
export function decodeRestartGap(octets: Uint8Array): RestartGap | undefined {
  if (octets[0] !== RESTART_GAP_VERSION || octets.length !== OCTETS) return undefined;
  return { from: readTime(octets, 1), window: milliseconds(readU32(octets, 9)), until: readTime(octets, 13) };
}

function writeTime(octets: Uint8Array, at: number, time: UtcTime): void {
  const microseconds = Math.max(0, Math.round(time * 1000));
  writeU32(octets, at, Math.floor(microseconds / 2 ** 32));
  writeU32(octets, at + 4, microseconds % 2 ** 32);
}

function readTime(octets: Uint8Array, at: number): UtcTime {
  return utcTime((readU32(octets, at) * 2 ** 32 + readU32(octets, at + 4)) / 1000);
}
