/**
 * A character for each octet. A call with a fixed number of octets, of which those in excess are cut off, is compiled to a copy, and costs a third of one with a list of them: names
 * and addresses are as short as that.
 */
export function characters(octets: Uint8Array, start = 0, end = octets.length): string {
  const length = end - start;
  if (length <= 8) return eight(octets, start).slice(0, length);
  if (length <= 16) return sixteen(octets, start).slice(0, length);
  if (length <= 24) return twentyFour(octets, start).slice(0, length);
  return String.fromCharCode.apply(undefined, octets.subarray(start, end) as unknown as number[]);
}

/** Like those below: what is beyond the end becomes characters 0. */
function eight(o: Uint8Array, i: number): string {
  return String.fromCharCode(
    o[i] as number,
    o[i + 1] as number,
    o[i + 2] as number,
    o[i + 3] as number,
    o[i + 4] as number,
    o[i + 5] as number,
    o[i + 6] as number,
    o[i + 7] as number,
  );
}

function sixteen(o: Uint8Array, i: number): string {
  return String.fromCharCode(
    o[i] as number,
    o[i + 1] as number,
    o[i + 2] as number,
    o[i + 3] as number,
    o[i + 4] as number,
    o[i + 5] as number,
    o[i + 6] as number,
    o[i + 7] as number,
    o[i + 8] as number,
    o[i + 9] as number,
    o[i + 10] as number,
    o[i + 11] as number,
    o[i + 12] as number,
    o[i + 13] as number,
    o[i + 14] as number,
    o[i + 15] as number,
  );
}

function twentyFour(o: Uint8Array, i: number): string {
  return String.fromCharCode(
    o[i] as number,
    o[i + 1] as number,
    o[i + 2] as number,
    o[i + 3] as number,
    o[i + 4] as number,
    o[i + 5] as number,
    o[i + 6] as number,
    o[i + 7] as number,
    o[i + 8] as number,
    o[i + 9] as number,
    o[i + 10] as number,
    o[i + 11] as number,
    o[i + 12] as number,
    o[i + 13] as number,
    o[i + 14] as number,
    o[i + 15] as number,
    o[i + 16] as number,
    o[i + 17] as number,
    o[i + 18] as number,
    o[i + 19] as number,
    o[i + 20] as number,
    o[i + 21] as number,
    o[i + 22] as number,
    o[i + 23] as number,
  );
}
