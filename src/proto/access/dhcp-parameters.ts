import { Ipv4Prefix, ipv4Netmask } from '#base/ipv4-address.ts';
import { milliseconds } from '#base/time.ts';
import { type Dhcpv4Message, type Dhcpv4Option, dhcpv4OptionsLength, findDhcpv4Option } from '#wire/dhcpv4.ts';
import type { AccessSession, SessionHomeAddress } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { hostParameters } from './host-parameters.ts';

/** RFC 2132 §9.10 "Maximum DHCP Message Size": "The minimum legal value is 576 octets", which every client takes. */
const SMALLEST_MAXIMUM = 576;
/** Of an Ethernet frame. */
const LARGEST_MESSAGE = 1500;
/** IPv4 and UDP headers, and what stands before the options. */
const BEFORE_OPTIONS = 20 + 8 + 240;

/** Of the options in a reply, those without which it would be none. */
const NEEDED: ReadonlySet<Dhcpv4Option['kind']> = new Set([
  'message-type',
  'server-identifier',
  'lease-time',
  'subnet-mask',
  'router',
  'interface-mtu',
] as const);

/**
 * Chooses: the lease is as long as the binding's lifetime and each request renews it here, without asking the LMA; a lease that the
 * client asks for is not looked at. T1 and T2 are the defaults of RFC 2131 §4.4.5 "Reacquisition and expiration", 0.5 and 0.875 of it.
 */
export function leaseOptions(session: AccessSession): Dhcpv4Option[] {
  const lease = session.lifetime;
  return [
    { kind: 'lease-time', duration: lease },
    { kind: 'renewal-time', duration: milliseconds(lease * 0.5) },
    { kind: 'rebinding-time', duration: milliseconds(lease * 0.875) },
  ];
}

/**
 * RFC 2131 §4.3.1 "DHCPDISCOVER message": "The server MUST supply as many of the requested parameters as possible and MUST omit any
 * parameters it cannot provide. The server MUST include each requested parameter only once". RFC 2132 §9.8 "Parameter Request List":
 * "MUST try to insert the requested options in the order requested by the client". A client without a list gets everything.
 */
export function parameterOptions(
  access: AccessContext,
  session: AccessSession,
  home: SessionHomeAddress,
  message: Dhcpv4Message,
): Dhcpv4Option[] {
  const known = knownParameters(access, session, home);
  const requested = findDhcpv4Option(message.options, 'parameter-request-list')?.codes;
  const codes = new Set(requested ?? known.keys());
  // RFC 5844 §3.4.3(5) "Common DHCP Considerations": "The DHCPOFFER message [RFC2131] sent to the mobile node MUST include the Subnet Mask option
  // [RFC2132] and the Router option"; §3.4.3(6): "MUST include the Interface MTU option".
  for (const code of [SUBNET_MASK, ROUTER, INTERFACE_MTU]) codes.add(code);
  const options = [...codes].flatMap((code) => known.get(code) ?? []);
  return subnetMaskFirst(options);
}

/**
 * RFC 2132 §9.10: what the client says that it takes, or 576 octets, is not exceeded; then the options that were asked for last give way.
 */
export function withinSize(
  access: AccessContext,
  options: readonly Dhcpv4Option[],
  message: Dhcpv4Message,
): Dhcpv4Option[] {
  const said = findDhcpv4Option(message.options, 'maximum-message-size')?.size ?? SMALLEST_MAXIMUM;
  const room = Math.min(Math.max(said, SMALLEST_MAXIMUM), LARGEST_MESSAGE) - BEFORE_OPTIONS;
  const fitting = [...options];
  while (dhcpv4OptionsLength(fitting) > room) {
    const last = fitting.findLastIndex((option) => !NEEDED.has(option.kind));
    if (last < 0) break;
    fitting.splice(last, 1);
    access.stats.dhcpOptionsLeftOut++;
  }
  return fitting;
}

const SUBNET_MASK = 1;
const ROUTER = 3;
const DOMAIN_NAME_SERVER = 6;
const DOMAIN_NAME = 15;
const INTERFACE_MTU = 26;
const BROADCAST_ADDRESS = 28;

/** By option code, in the order for a client that has no wish. */
function knownParameters(
  access: AccessContext,
  session: AccessSession,
  home: SessionHomeAddress,
): Map<number, Dhcpv4Option> {
  const { dnsServers, domainName, options = [] } = hostParameters(access.config, session).ipv4;
  const subnet = new Ipv4Prefix(home.address, home.prefixLength);
  const known = new Map<number, Dhcpv4Option>([
    [SUBNET_MASK, { kind: 'subnet-mask', mask: ipv4Netmask(home.prefixLength) }],
    [ROUTER, { kind: 'router', addresses: [home.defaultRouter] }],
    [INTERFACE_MTU, { kind: 'interface-mtu', mtu: access.mtuOf(session) }],
  ]);
  if (dnsServers.length > 0) known.set(DOMAIN_NAME_SERVER, { kind: 'domain-name-server', addresses: dnsServers });
  if (domainName) known.set(DOMAIN_NAME, { kind: 'domain-name', name: domainName });
  if (home.prefixLength < 31) {
    known.set(BROADCAST_ADDRESS, { kind: 'broadcast-address', address: subnet.last });
  }
  for (const { code, data } of options) known.set(code, { kind: 'unknown-option', code, data });
  return known;
}

/** RFC 2132 §3.3 "Subnet Mask": "If both the subnet mask and the router option are specified in a DHCP reply, the subnet mask option MUST be first." */
function subnetMaskFirst(options: readonly Dhcpv4Option[]): Dhcpv4Option[] {
  const mask = options.filter((option) => option.kind === 'subnet-mask');
  const rest = options.filter((option) => option.kind !== 'subnet-mask');
  const router = rest.findIndex((option) => option.kind === 'router');
  const at = options.findIndex((option) => option.kind === 'subnet-mask');
  if (router < 0 || at <= router) return [...options];
  return [...rest.slice(0, router), ...mask, ...rest.slice(router)];
}
