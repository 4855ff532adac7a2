import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Path } from '#dataplane/desired.ts';
import { formOf, headerLength, TunnelForm } from '#dataplane/tunnel-form.ts';
import { foldChecksum, sumOctets } from '#wire/checksum.ts';
import { GRE_PROTOCOL } from '#wire/gre.ts';
import { UDP_PROTOCOL } from '#wire/udp.ts';

/** The longest there is: IPv6 and GRE with a key. */
export const LONGEST_HEADER = 48;

const IPV6_HEADER = 40;
const IPV4_HEADER = 20;
const UDP_HEADER = 8;
const TLV_HEADER = 4;
const HOP_LIMIT = 64;
const DONT_FRAGMENT = 0x4000;
const GRE_KEY = 0x2000;

/**
 * What the programs put in front of a packet, without what depends on the packet or the binding: traffic class, lengths, the protocol
 * inside, keys. The checksum of an IPv4 header is that of these octets.
 */
export function tunnelHeader(path: Path): Uint8Array {
  const form = formOf(path);
  const header = Buffer.alloc(headerLength(form));
  const isUdp = (form & TunnelForm.UDP) !== 0;
  const isGre = (form & TunnelForm.GRE) !== 0;
  const protocol = isUdp ? UDP_PROTOCOL : isGre ? GRE_PROTOCOL : 0;
  if (path.local instanceof Ipv6Address) writeIpv6(header, path.local, path.remote as Ipv6Address, protocol);
  let at = path.local instanceof Ipv4Address ? IPV4_HEADER : IPV6_HEADER;
  if (path.encapsulation.kind === 'udp') {
    header.writeUInt16BE(path.encapsulation.localPort, at);
    header.writeUInt16BE(path.encapsulation.remotePort, at + 2);
    at += UDP_HEADER;
    if (path.encapsulation.tlvHeader) {
      if (isGre) header[at + 1] = GRE_PROTOCOL;
      at += TLV_HEADER;
    }
  }
  if (isGre) header.writeUInt16BE((form & TunnelForm.KEY) !== 0 ? GRE_KEY : 0, at);
  if (path.local instanceof Ipv4Address) writeIpv4(header, path.local, path.remote as Ipv4Address, protocol);
  return header;
}

function writeIpv6(header: Buffer, source: Ipv6Address, destination: Ipv6Address, protocol: number): void {
  header[0] = 0x60;
  header[6] = protocol;
  header[7] = HOP_LIMIT;
  source.write(header, 8);
  destination.write(header, 24);
}

function writeIpv4(header: Buffer, source: Ipv4Address, destination: Ipv4Address, protocol: number): void {
  header[0] = 0x45;
  header.writeUInt16BE(DONT_FRAGMENT, 6);
  header[8] = HOP_LIMIT;
  header[9] = protocol;
  source.write(header, 12);
  destination.write(header, 16);
  header.writeUInt16BE(foldChecksum(sumOctets(header, 0, IPV4_HEADER)), 10);
}
