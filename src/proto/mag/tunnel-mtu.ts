import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Encapsulation, Path } from '#dataplane/desired.ts';

/** Chooses: what the transport network carries as long as the data plane has not said so: Ethernet's 1500 octets. */
export const TRANSPORT_MTU = 1500;
/*
 * RFC 5213 §6.9.5(2) "Path MTU Discovery": "The mobility entities MUST implement and SHOULD support ICMP-based Path MTU discovery mechanism": the data plane does, and
 * its findings come as the event `path-mtu`. §6.9.5(4): "If the dynamic PMTU discovery mechanisms fail to determine the Path MTU, an
 * administratively configured default value MUST be used": `tunnel mtu`.
 * Differs: §6.9.5(3) has a gateway support "the use of an explicit ICMP Echo Request/Response". The packets of the mobile nodes themselves find
 * the size out, as the outer header forbids routers to fragment them; probes would only tell it before the first long packet.
 */
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** A destination option with a Tunnel Encapsulation Limit, RFC 2473 §4.1.1 "Tunnel Encapsulation Limit Option"; peers may send it. */
const LIMIT_OPTION = 8;
const UDP_HEADER = 8;
const TLV_HEADER = 4;
const GRE_HEADER = 4;
const GRE_KEY = 4;

/**
 * Octets of the largest packet of a mobile node that goes through the tunnel in one piece.
 * RFC 5213 §6.9.5(5) "Path MTU Discovery": the tunnel MTU "MUST be computed based on the determined Path MTU value for that specific path".
 */
export function tunnelMtu({ encapsulation, remote }: Path, transportMtu: number): number {
  const outer = remote instanceof Ipv6Address ? IPV6_HEADER + LIMIT_OPTION : IPV4_HEADER;
  return transportMtu - outer - innerHeaders(encapsulation);
}

function innerHeaders(encapsulation: Encapsulation): number {
  switch (encapsulation.kind) {
    case 'ip':
      return 0;
    case 'gre':
      return greHeader(encapsulation.keys);
    case 'udp':
      return (
        UDP_HEADER +
        (encapsulation.tlvHeader ? TLV_HEADER : 0) +
        (encapsulation.gre ? greHeader(encapsulation.gre.keys) : 0)
      );
  }
}

function greHeader(keys: object | undefined): number {
  return keys ? GRE_HEADER + GRE_KEY : GRE_HEADER;
}
