import type {
  DomainConfiguration,
  Encapsulation,
  LmaConfiguration,
  NodeConfiguration,
  PeerConfiguration,
} from '#config/index.ts';
import type { LmaPeer, TunnelConfig } from '#proto/lma/events.ts';
import { associationOf } from './assemble-authentication.ts';
import type { Report } from './assemble-report.ts';

/**
 * The MAGs of the domain, with what the LMA's own `mag` lines say instead, and one peer for each further address: the first IPv6 address of
 * a MAG belongs with its first IPv4 address, and so on.
 */
export function peersOf(where: string, lma: LmaConfiguration, domain: DomainConfiguration, report: Report): LmaPeer[] {
  const own = lma.mags.flatMap((mag) => {
    const authentication = associationOf(`${where}, mag ${mag.name}`, mag.authentication, report);
    return addressesOf(mag, domain).map((addresses) => ({
      name: mag.name,
      ...addresses,
      ...(authentication && { authentication }),
      ...(mag.signallingIpsec && { ipsec: true }),
      ...(mag.interop && { interop: mag.interop }),
      ...(mag.globalRevocation && { globalRevocation: true }),
      ...tunnelConfig(mag.encapsulation),
    }));
  });
  const listed = domain.mags
    .filter(({ name }) => !lma.mags.some((mag) => mag.name === name))
    .map((node) => ({ name: node.name, ...addressesOfNode(node) }));
  return [...own, ...listed];
}

/** Its own, or else those that the domain states. */
function addressesOf(mag: PeerConfiguration, domain: DomainConfiguration): Pick<LmaPeer, 'ipv6' | 'ipv4'>[] {
  const { ipv6Addresses, ipv4Addresses } = mag;
  const count = Math.max(ipv6Addresses.length, ipv4Addresses.length);
  if (count === 0) return [addressesOfNode(domain.mags.find(({ name }) => name === mag.name))];
  return Array.from({ length: count }, (_, i) => {
    const [ipv6, ipv4] = [ipv6Addresses[i], ipv4Addresses[i]];
    return { ...(ipv6 && { ipv6 }), ...(ipv4 && { ipv4 }) };
  });
}

function addressesOfNode(node: NodeConfiguration | undefined): Pick<LmaPeer, 'ipv6' | 'ipv4'> {
  return {
    ...(node?.ipv6Address && { ipv6: node.ipv6Address }),
    ...(node?.ipv4Address && { ipv4: node.ipv4Address }),
  };
}

/**
 * What `encap` of an LMA or of one of its MAGs lets tunnels be. GRE that is configured is required (RFC 5845 §5.2 "Operational Summary"), as the MAG is
 * configured for it too; `udptunnel` accepts the F flag (RFC 5844 §5.1 "Local Mobility Anchor -Configuration Variables"). The family of
 * the outer addresses is the one that the MAG signals over.
 */
const TUNNELS: Readonly<Record<Encapsulation, TunnelConfig>> = {
  'ipv6-in-ipv6': { gre: 'refused', udp: false },
  'gre-ipv6': { gre: 'required', udp: false },
  'gre-ipv4': { gre: 'required', udp: false },
  udptunnel: { gre: 'asked', udp: true },
};

export function tunnelConfig(encapsulation: Encapsulation | undefined): { readonly tunnel?: TunnelConfig } {
  return encapsulation ? { tunnel: TUNNELS[encapsulation] } : {};
}
