import { WireFault } from './error.ts';
import type { OctetWriter } from './octet-writer.ts';
import { decodeTextLeniently, encodeText } from './octets.ts';

const LONGEST_LABEL = 63;

/** Domain names in the uncompressed form of RFC 1035, one after another; zeros after the last are padding. */
export function decodeDomainNames(bytes: Uint8Array, start: number, end: number): string[] | WireFault {
  const names: string[] = [];
  let labels: string[] = [];
  let at = start;
  while (at < end) {
    const length = bytes[at] as number;
    if (length > LONGEST_LABEL) return new WireFault('bad-value', at, 'label length', 'more than 63 (RFC 1035)');
    if (at + 1 + length > end) return new WireFault('truncated', at, 'label', 'runs past its option (RFC 1035)');
    if (length > 0) labels.push(decodeTextLeniently(bytes, at + 1, at + 1 + length));
    else if (labels.length > 0) {
      names.push(labels.join('.'));
      labels = [];
    }
    at += 1 + length;
  }
  return labels.length === 0 ? names : new WireFault('truncated', end, 'domain name', 'has no end (RFC 1035)');
}

/** Throws RangeError on a label longer than 63 octets. */
export function writeDomainName(name: string, out: OctetWriter): void {
  for (const label of name.split('.')) {
    const octets = encodeText(label);
    if (octets.length === 0) continue;
    if (octets.length > LONGEST_LABEL) throw new RangeError(`label ${label} is longer than 63 octets`);
    out.u8(octets.length).octets(octets);
  }
  out.u8(0);
}
