import { SeededRandom } from '#base/random.ts';

/** A prime, so that no loss or repetition of whole segments or ticks goes unnoticed. */
const period = 65_521;
const pattern = makePattern();

/** Octets `offset` to `offset + length` of the endless test stream; `length` at most one period. */
export function patternAt(offset: number, length: number): Buffer {
  const start = offset % period;
  return pattern.subarray(start, start + length);
}

/** Follows a received stream and says whether every octet was the right one. */
export class PatternCheck {
  received = 0;
  intact = true;

  add(data: Buffer): void {
    for (let at = 0; at < data.length; at += period) {
      const piece = data.subarray(at, at + period);
      if (!patternAt(this.received, piece.length).equals(piece)) this.intact = false;
      this.received += piece.length;
    }
  }
}

function makePattern(): Buffer {
  const random = new SeededRandom(0x5213);
  const once = Buffer.alloc(period);
  for (let i = 0; i < period; i++) once[i] = random.nextU32();
  return Buffer.concat([once, once]);
}
