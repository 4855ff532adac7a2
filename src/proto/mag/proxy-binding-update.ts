import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { type Duration, milliseconds, type UtcTime } from '#base/time.ts';
import {
  type BindingUpdate,
  BindingUpdateFlag,
  MobileNodeIdentifierSubtype,
  type MobilityOption,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import type { Binding, Grant, Request } from './state.ts';

/**
 * The message of one transmission of a request, RFC 5213 §6.9.1.5 "Constructing the Proxy Binding Update Message": "P & A flags MUST be
 * set to value 1".
 */
export function proxyBindingUpdate(
  binding: Binding,
  request: Request,
  sequence: number,
  timestamp: UtcTime,
  lifetime: Duration,
): BindingUpdate {
  return {
    kind: 'binding-update',
    sequence,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
    lifetime: request.purpose === 'deregister' || request.purpose === 'release' ? milliseconds(0) : lifetime,
    options: [
      identifierOption(binding.nai),
      ...prefixOptions(binding, request),
      { kind: 'handoff-indicator', indicator: request.handoffIndicator },
      { kind: 'access-technology-type', accessTechnology: request.accessTechnology },
      timestampFromUtc(timestamp),
      // RFC 5213 §6.9.1.1(7) "Mobile Node Attachment and Initial Binding Registration": "The Mobile Node Link-layer Identifier option ... MUST be
      // present in the Proxy Binding Update message, if the mobile access gateway is aware of the same."
      { kind: 'mobile-node-link-layer-identifier', identifier: binding.mac.toBytes() },
      // RFC 5213 §6.9.1.1(9): no Link-local Address option, as the same fixed address is configured on all access links.
      ...homeAddressOptions(binding, request),
      ...serviceSelectionOptions(binding),
    ],
  };
}

function identifierOption(nai: string): MobilityOption {
  return {
    kind: 'mobile-node-identifier',
    subtype: MobileNodeIdentifierSubtype.NAI,
    identifier: new TextEncoder().encode(nai),
  };
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
  return request.purpose === 'attach' ? undefined : binding.granted;
}

function serviceSelectionOptions(binding: Binding): MobilityOption[] {
  const apn = binding.profile.apn;
  return apn === undefined ? [] : [{ kind: 'service-selection', identifier: apn }];
}
