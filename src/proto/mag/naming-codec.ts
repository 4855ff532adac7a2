import type { OctetWriter } from '#wire/octet-writer.ts';
import type { Naming } from '../aaa/naming.ts';
import type { RecordReader } from '../record-octets.ts';

/** An octet that counts the servers of each family, and these; then the domain's name, which is empty where there is none. */
export function writeNaming(out: OctetWriter, { ipv4, ipv6, domainName = '' }: Naming): void {
  out.u8(ipv4.length);
  for (const address of ipv4) out.ipv4(address);
  out.u8(ipv6.length);
  for (const address of ipv6) out.ipv6(address);
  out.text(domainName);
}

/** Goes past what `readNaming` reads. */
export function skipNaming(input: RecordReader): void {
  input.skip(4 * input.u8());
  input.skip(16 * input.u8());
  input.skipBlock();
}

export function readNaming(input: RecordReader): Naming {
  const ipv4 = Array.from({ length: input.u8() }, () => input.ipv4());
  const ipv6 = Array.from({ length: input.u8() }, () => input.ipv6());
  const domainName = input.text();
  return { ipv4, ipv6, ...(domainName !== '' && { domainName }) };
}
