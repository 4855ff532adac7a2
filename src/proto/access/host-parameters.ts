import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { Naming } from '../aaa/naming.ts';
import type { AccessSession } from '../mag/events.ts';

/** What a host is told beside its addresses: by DHCPv4, by router advertisements and by DHCPv6, at every MAG alike. */
export interface HostParameters {
  readonly ipv4: Ipv4Parameters;
  readonly ipv6: NamingParameters<Ipv6Address>;
}

export interface Ipv4Parameters extends NamingParameters<Ipv4Address> {
  /** DHCP options beside those that the gateway knows of, by code. */
  readonly options?: readonly { readonly code: number; readonly data: Uint8Array }[];
}

export interface NamingParameters<Address> {
  readonly dnsServers: readonly Address[];
  readonly domainName?: string;
}

/** Parameters for the mobile nodes of the network of that name; the first are for all others too. */
export interface NetworkParameters extends HostParameters {
  readonly network: string;
}

const NOTHING: HostParameters = { ipv4: { dnsServers: [] }, ipv6: { dnsServers: [] } };

export function hostParameters(
  { parameters }: { readonly parameters: readonly NetworkParameters[] },
  { network, naming }: AccessSession,
): HostParameters {
  const common = parameters.find((each) => each.network === network) ?? parameters[0] ?? NOTHING;
  return naming
    ? { ipv4: named(common.ipv4, naming.ipv4, naming), ipv6: named(common.ipv6, naming.ipv6, naming) }
    : common;
}

/** What a profile says of names holds before what its network says, servers and domain each for itself. */
function named<Address, Parameters extends NamingParameters<Address>>(
  common: Parameters,
  dnsServers: readonly Address[],
  { domainName }: Naming,
): Parameters {
  return { ...common, ...(dnsServers.length > 0 && { dnsServers }), ...(domainName !== undefined && { domainName }) };
}
