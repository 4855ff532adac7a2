import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds } from '#base/time.ts';
import {
  type BindingUpdate,
  BindingUpdateFlag,
  MobileNodeIdentifierSubtype,
  type MobilityOption,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import type { MagContext } from './context.ts';
import { identityText, isCisco, linkLayerIdentifier, serviceSelection } from './dialect.ts';
import { type Binding, type Grant, isAttach, type Request } from './state.ts';
import { tunnelFlags, tunnelOptions } from './tunnel.ts';

/**
 * The message of one transmission of a request, RFC 5213 §6.9.1.5 "Constructing the Proxy Binding Update Message": "P & A flags MUST be
 * set to value 1".
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
    lifetime: ends(request) ? milliseconds(0) : mag.config.lifetime,
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
    linkLayerOption(binding),
    ...linkLocalOptions(mag, binding, request),
    ...homeAddressOptions(binding, request),
    ...serviceSelectionOptions(binding),
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
    linkLayerOption(binding),
    ...prefixOptions(binding, request),
    ...linkLocalOptions(mag, binding, request),
    ...tunnelOptions(mag, binding, ends(request)),
    ...home,
    ...(home.length > 0 ? [{ kind: 'ipv4-default-router', address: Ipv4Address.unspecified } as const] : []),
  ];
}

function identifierOption(binding: Binding): MobilityOption {
  return {
    kind: 'mobile-node-identifier',
    subtype: MobileNodeIdentifierSubtype.NAI,
    identifier: new TextEncoder().encode(identityText(binding)),
  };
}

function attachmentOptions({ handoffIndicator, accessTechnology }: Request): MobilityOption[] {
  return [
    { kind: 'handoff-indicator', indicator: handoffIndicator },
    { kind: 'access-technology-type', accessTechnology },
  ];
}

/**
 * RFC 5213 §6.9.1.1(6) "Mobile Node Attachment and Initial Binding Registration": "Either the Timestamp option or a valid sequence number maintained on a per mobile node's mobility
 * session basis ... MUST be present. This can be determined based on the value of the configuration flag TimestampBasedApproachInUse."
 */
function timestampOptions(mag: MagContext): MobilityOption[] {
  return mag.usesTimestamps ? [timestampFromUtc(mag.nextTimestamp())] : [];
}

/** RFC 5213 §6.9.1.1(7): it "MUST be present in the Proxy Binding Update message, if the mobile access gateway is aware of the same." */
function linkLayerOption(binding: Binding): MobilityOption {
  return { kind: 'mobile-node-link-layer-identifier', identifier: linkLayerIdentifier(binding) };
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
 * RFC 5213 §6.9.1.1(3): "including a Home Network Prefix option with the prefix value of ALL_ZERO" asks the LMA to allocate;
 * RFC 5213 §6.9.1.3(2) "Extending Binding Lifetime" and §6.9.1.4(2): "There MUST be a Home Network Prefix option for each of the assigned home
 * network prefixes". RFC 5844 §3.2.3.1 "Mobile Node Attachment and Initial Binding Registration": without IPv6 service "the Home Network Prefix option(s) MUST NOT be present".
 */
function prefixOptions(binding: Binding, request: Request): MobilityOption[] {
  if (!request.families.ipv6) return [];
  const assigned = assignedTo(binding, request)?.prefixes ?? [];
  const prefixes = assigned.length > 0 ? assigned : [Ipv6Prefix.allZero];
  return prefixes.map((prefix) => ({ kind: 'home-network-prefix', prefix, offLink: false }));
}

/**
 * RFC 5844 §3.2.3.1: "The IPv4 Home Address Request option MUST be present"; ALL_ZERO asks the LMA to allocate.
 * RFC 5844 §3.2.3.3 "Binding Re-Registration and De-Registrations": "The IPv4 home address and the prefix length fields in the option MUST be set to that
 * specific address". The IPv4 Default-Router Address option is one of acknowledgements only (RFC 5844 §3.3.3 "IPv4 Default-Router Address Option").
 */
function homeAddressOptions(binding: Binding, request: Request): MobilityOption[] {
  if (!request.families.ipv4) return [];
  const assigned = request.released ?? assignedTo(binding, request)?.homeAddress;
  return [
    {
      kind: 'ipv4-home-address-request',
      prefixLength: assigned?.prefixLength ?? 0,
      address: assigned?.address ?? Ipv4Address.unspecified,
    },
  ];
}

/**
 * Chooses: an attachment asks for "whatever this node has", also where a binding is at hand, as the node may have been
 * elsewhere in between; the LMA finds its session by the link-layer identifier (RFC 5213 §5.4.1.2 "Mobile Node Link-layer
 * Identifier Option Present in the Request").
 */
function assignedTo(binding: Binding, request: Request): Grant | undefined {
  return isAttach(request) ? undefined : binding.granted;
}

function serviceSelectionOptions(binding: Binding): MobilityOption[] {
  const identifier = serviceSelection(binding);
  return identifier === undefined ? [] : [{ kind: 'service-selection', identifier }];
}
