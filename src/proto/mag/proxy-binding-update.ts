import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { type Duration, milliseconds, seconds } from '#base/time.ts';
import {
  type BindingUpdate,
  BindingUpdateFlag,
  MobileNodeIdentifierSubtype,
  type MobilityOption,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import type { MagContext } from './context.ts';
import { identityText, isCisco, linkLayerIdentifier, serviceSelection } from './dialect.ts';
import type { MagProfile } from './policy-profile.ts';
import { type Binding, type Grant, isAttach, type Request } from './state.ts';
import { tunnelFlags, tunnelOptions } from './tunnel.ts';

/**
 * The message of one transmission of a request. RFC 5213 §6.9.1.1(10) "Mobile Node Attachment and Initial Binding Registration": it "MUST be constructed as specified in Section 6.9.1.5", and that
 * says, §6.9.1.5(1) "Constructing the Proxy Binding Update Message": "P & A flags MUST be set to value 1". §6.9.1.5(12): "the Home Address option MUST NOT be
 * present in the IPv6 Destination Options extension header": nothing stands between IPv6 and Mobility Header.
 * §6.9.1.3(1) "Extending Binding Lifetime", §6.9.1.4(1) "Mobile Node Detachment and Binding De-Registration" and RFC 5844 §4.2.2(2) "Signaling Considerations": those that extend or end a binding "MUST be constructed with the same set of
 * options as the initial Proxy Binding Update message".
 */
export function proxyBindingUpdate(
  mag: MagContext,
  binding: Binding,
  request: Request,
  sequence: number,
): BindingUpdate {
  return {
    kind: 'binding-update',
    sequence,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P | tunnelFlags(binding.tunnel),
    lifetime: ends(request) ? milliseconds(0) : lifetimeToAskFor(mag, binding),
    options: isCisco(binding) ? ciscoOptions(mag, binding, request) : standardOptions(mag, binding, request),
  };
}

/** Wholly, or the IPv4 home address alone. */
function ends({ purpose }: Request): boolean {
  return purpose === 'deregister' || purpose === 'release';
}

function standardOptions(mag: MagContext, binding: Binding, request: Request): MobilityOption[] {
  return [
    identifierOption(binding),
    ...prefixOptions(binding, request),
    ...attachmentOptions(request),
    ...timestampOptions(mag),
    ...linkLayerOptions(binding),
    ...linkLocalOptions(mag, binding, request),
    ...homeAddressOptions(binding, request),
    ...serviceSelectionOptions(binding),
    ...careOfOptions(binding, request),
    ...tunnelOptions(mag, binding, ends(request)),
  ];
}

/** The order of the controllers of that maker, which end with an IPv4 Default-Router Address option of ALL_ZERO. */
function ciscoOptions(mag: MagContext, binding: Binding, request: Request): MobilityOption[] {
  const home = homeAddressOptions(binding, request);
  return [
    identifierOption(binding),
    ...serviceSelectionOptions(binding),
    ...attachmentOptions(request),
    ...timestampOptions(mag),
    ...linkLayerOptions(binding),
    ...prefixOptions(binding, request),
    ...linkLocalOptions(mag, binding, request),
    ...tunnelOptions(mag, binding, ends(request)),
    ...home,
    ...(home.length > 0 ? [{ kind: 'ipv4-default-router', address: Ipv4Address.unspecified } as const] : []),
  ];
}

/** RFC 5213 §6.9.1.1(2) and §6.9.1.5(4): "The Mobile Node Identifier option [RFC4283] MUST be present." */
function identifierOption(binding: Binding): MobilityOption {
  return {
    kind: 'mobile-node-identifier',
    subtype: MobileNodeIdentifierSubtype.NAI,
    identifier: new TextEncoder().encode(identityText(binding)),
  };
}

/**
 * RFC 5213 §6.9.1.5(6): "The Handoff Indicator option MUST be present." §6.9.1.5(7): "The Access Technology Type option MUST be present."
 * §6.9.1.1(8): "The access technology type field in the option SHOULD be set to the type of access technology by which the mobile node is
 * currently attached".
 */
function attachmentOptions({ handoffIndicator, accessTechnology }: Request): MobilityOption[] {
  return [
    { kind: 'handoff-indicator', indicator: handoffIndicator },
    { kind: 'access-technology-type', accessTechnology },
  ];
}

/**
 * RFC 5213 §6.9.1.1(6): "Either the Timestamp option or a valid sequence number maintained on a per mobile node's mobility
 * session basis ... MUST be present. This can be determined based on the value of the configuration flag TimestampBasedApproachInUse."
 */
export function timestampOptions(mag: MagContext): MobilityOption[] {
  return mag.usesTimestamps ? [timestampFromUtc(mag.nextTimestamp())] : [];
}

/**
 * RFC 5213 §6.9.1.1(7): it "MUST be present in the Proxy Binding Update message, if the mobile access gateway is aware of the same.
 * If ... the identifier value is ALL_ZERO, this option MUST NOT be present." A mobile node is known by its link-layer address here.
 */
function linkLayerOptions(binding: Binding): MobilityOption[] {
  if (binding.mac.isZero) return [];
  return [{ kind: 'mobile-node-link-layer-identifier', identifier: linkLayerIdentifier(binding) }];
}

/**
 * RFC 5213 §6.9.1.1(9): "The Link-local Address option MUST be present in the Proxy Binding Update message only if the value of the
 * configuration variable FixedMAGLinkLocalAddressOnAllAccessLinks is set to a value of ALL_ZERO"; "For querying the local mobility
 * anchor to provide the link-local address ... this option MUST be set to ALL_ZERO value."
 */
function linkLocalOptions(mag: MagContext, binding: Binding, request: Request): MobilityOption[] {
  if (!mag.config.linkLocalFromLma || !request.families.ipv6) return [];
  return [{ kind: 'link-local-address', address: assignedTo(binding, request)?.linkLocal ?? Ipv6Address.unspecified }];
}

/**
 * RFC 5213 §6.9.1.1(3) and §6.9.1.5(5): "At least one Home Network Prefix option MUST be present"; "including a Home Network Prefix option with the prefix value of ALL_ZERO" asks the LMA to allocate;
 * §6.9.1.3(2) and §6.9.1.4(2): "There MUST be a Home Network Prefix option for each of the assigned home
 * network prefixes". RFC 5844 §3.2.3.1 "Mobile Node Attachment and Initial Binding Registration" and §3.2.3.1(2): without IPv6 service "the Home Network Prefix option(s) MUST NOT be present".
 */
function prefixOptions(binding: Binding, request: Request): MobilityOption[] {
  if (!request.families.ipv6) return [];
  const assigned = (assignedTo(binding, request) ?? askedFor(binding, request))?.prefixes ?? [];
  const prefixes = assigned.length > 0 ? assigned : [Ipv6Prefix.allZero];
  return prefixes.map((prefix) => ({ kind: 'home-network-prefix', prefix, offLink: false }));
}

/**
 * RFC 5844 §3.2.3.1(1): "The IPv4 Home Address Request option MUST be present"; ALL_ZERO asks the LMA to allocate, also
 * where the home address is asked for later (§3.2.3.3 "Binding Re-Registration and De-Registrations" and §3.2.3.3(2)). §3.2.3.3(1): "there MUST be exactly one instance"; "The IPv4 home address and the prefix length fields in the option MUST be set to that
 * specific address". The IPv4 Default-Router Address option is one of acknowledgements only (RFC 5844 §3.3.3 "IPv4 Default-Router Address Option").
 */
function homeAddressOptions(binding: Binding, request: Request): MobilityOption[] {
  if (!request.families.ipv4) return [];
  const assigned = request.released ?? assignedTo(binding, request)?.homeAddress;
  const wanted = askedFor(binding, request)?.homeAddress;
  return [
    {
      kind: 'ipv4-home-address-request',
      prefixLength: assigned?.prefixLength ?? wanted?.length ?? 0,
      address: (assigned ?? wanted)?.address ?? Ipv4Address.unspecified,
    },
  ];
}

/**
 * Chooses: an attachment asks for "whatever this node has", or for what its profile states, also where a binding is at hand, as the node may have been
 * elsewhere in between; the LMA finds its session by the link-layer identifier (RFC 5213 §5.4.1.2 "Mobile Node Link-layer
 * Identifier Option Present in the Request").
 */
function assignedTo(binding: Binding, request: Request): Grant | undefined {
  return isAttach(request) ? undefined : binding.granted;
}

/**
 * RFC 5213 §6.9.1.1(3): "If the mobile access gateway learns the mobile node's home network prefix(es) either from its policy store or from other means, the mobile access gateway
 * MAY choose to request the local mobility anchor to allocate the specific prefix(es)"; RFC 5844 §3.2.3.1 has the same of an IPv4 home address.
 * Chooses: not of a further interface, which has a session of its own.
 */
function askedFor({ profile, asksForAddresses }: Binding, { purpose }: Request): MagProfile['addresses'] {
  return purpose === 'attach' && asksForAddresses ? profile.addresses : undefined;
}

/**
 * RFC 5555 §4.2 "NAT Detection": the anchor "compares the IPv4 address of the source address field in the IPv4 header with the IPv4 address included in the IPv4 care-of address option."
 * Chooses: it can do so wherever UDP is asked for; RFC 5844 §4 "IPv4 Transport Support" assumes no NAT and has no such option.
 */
function careOfOptions({ tunnel, peer }: Binding, request: Request): MobilityOption[] {
  if (!tunnel.udp || ends(request) || !(peer.local instanceof Ipv4Address)) return [];
  return [{ kind: 'ipv4-care-of-address', address: peer.local }];
}

function serviceSelectionOptions(binding: Binding): MobilityOption[] {
  const identifier = serviceSelection(binding);
  return identifier === undefined ? [] : [{ kind: 'service-selection', identifier }];
}

/** The smallest lifetime that a message can say, RFC 6275 §6.1.7 "Binding Update Message". */
const LIFETIME_UNIT = seconds(4);

/** What a registration asks for: no more than what is left of the session. */
function lifetimeToAskFor(mag: MagContext, { sessionEnds }: Binding): Duration {
  const { lifetime } = mag.config;
  if (sessionEnds === undefined) return lifetime;
  return milliseconds(Math.min(lifetime, Math.max(LIFETIME_UNIT, sessionEnds - mag.instant)));
}
