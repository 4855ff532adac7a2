/** What the two options of RFC 7411 have in common. */
import { ANYWHERE } from '../option.ts';

const HEADING = 2;
const WORD = 4;
const FIRST_LINE = 4;
const MOST_WORDS = 255;

/**
 * RFC 7411 §5.3 "New Multicast Mobility Option": "The length of this option in 32-bit words, not including the Type, Length, Option-Code,
 * and Reserved fields", where every other option counts octets; who does not know the option cannot skip it. "This field MUST always
 * contain the first header line".
 */
export const MULTICAST_REPORT = {
  align: ANYWHERE,
  lengthInWords: true,
  length: { minimum: HEADING + FIRST_LINE, maximum: HEADING + MOST_WORDS * WORD },
} as const;

/** `end`, when the report before it is whole words. Throws RangeError when not. */
export function multicastReportEnd(end: number, at: number): number {
  if ((end - at - HEADING) % WORD !== 0) throw new RangeError('a multicast report is a multiple of 4 octets');
  return end;
}
