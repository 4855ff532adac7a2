import type { Encapsulation } from '#config/index.ts';

/** Tunnels as IOS names them. */
const LABELS: Record<Encapsulation | 'ipv6', string> = {
  ipv6: 'IPV6_IN_IPV6',
  'ipv6-in-ipv6': 'IPV6_IN_IPV6',
  'gre-ipv4': 'GRE in IPV4',
  'gre-ipv6': 'GRE in IPV6',
  udptunnel: 'UDP in IPV4',
};

export function encapsulationLabel(encapsulation: Encapsulation | 'ipv6'): string {
  return LABELS[encapsulation];
}
