import { BindingStatus, HandoffIndicator } from '#wire/mobility/index.ts';
import type { Binding } from './binding.ts';
import { isCareOf } from './binding.ts';
import type { BindingTable } from './binding-table.ts';
import type { ProxyBindingRequest } from './request.ts';

/** Which session a request is about. `conflict`: it names addresses in a way that no session can satisfy. */
export type Lookup =
  | { readonly kind: 'session'; readonly binding: Binding }
  | { readonly kind: 'new' }
  /** It says "handoff state unknown", and may be about the only session of its mobile node or about a new one. */
  | { readonly kind: 'unknown-handoff'; readonly binding: Binding }
  | { readonly kind: 'conflict'; readonly status: LookupStatus };

const NEW: Lookup = { kind: 'new' };

export type LookupStatus =
  | typeof BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX
  | typeof BindingStatus.BCE_PBU_PREFIX_SET_DO_NOT_MATCH
  | typeof BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS;

/**
 * The Binding Cache entry existence test of RFC 5213 §5.4.1 "Binding Cache Entry Lookup Considerations", with
 * RFC 5844 §3.1.2.7 "Binding Cache Entry Lookup Considerations" where an IPv4 home address is the key.
 *
 * RFC 5213 §5.4(1) "Multihoming Support": "the local mobility anchor MUST allocate a mobility session for each of the attached interfaces"; RFC 5213 §5.4(2): "all the prefixes
 * associated with a given interface MUST be managed as part of one mobility session"; RFC 5213 §5.4(3): "The local mobility anchor MUST allow for a handoff between
 * two different interfaces". RFC 5844 §3.1.2.1(5) "Processing Proxy Binding Updates" has the existence test follow the options of both families.
 */
export function lookUp(table: BindingTable, request: ProxyBindingRequest): Lookup {
  if (!request.mobileNode) return NEW;
  if (request.namedPrefixes.length > 0) return byPrefixes(table, request);
  if (namedHomeAddress(request)) return byHomeAddress(table, request);
  return request.linkLayerIdentifier === '' ? byMobileNode(table, request) : byLinkLayerIdentifier(table, request);
}

/**
 * RFC 5213 §5.4.1.1 "Home Network Prefix Option (NON_ZERO Value) Present in the Request"; §5.4.1.1(1): the anchor "MUST verify if there is an existing Binding Cache entry with one of its
 * home network prefixes matching".
 */
function byPrefixes(table: BindingTable, request: ProxyBindingRequest): Lookup {
  const found = holdersOf(table, request);
  const [binding] = found;
  if (!binding) return newUnlessSameInterface(table, request, BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
  // (3) "... if the mobile node identifier in the entry does not match the mobile node identifier ..., the local mobility anchor
  // MUST reject the request with the Status field value set to NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX"
  if (found.some((other) => other.mobileNode.name !== request.mobileNode?.name)) {
    return { kind: 'conflict', status: BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX };
  }
  // (4) "... if all the prefixes in the request do not match all the prefixes in the Binding Cache entry, or if they do not match in
  // count, then the local mobility anchor MUST reject the request with ... BCE_PBU_PREFIX_SET_DO_NOT_MATCH"
  if (found.some(({ id }) => id !== binding.id) || !samePrefixes(binding, request)) {
    return { kind: 'conflict', status: BindingStatus.BCE_PBU_PREFIX_SET_DO_NOT_MATCH };
  }
  if (mayUpdate(binding, request)) return { kind: 'session', binding };
  // (6) makes this a request for a new session, but its prefixes belong to this one, and a prefix is never assigned twice.
  return newUnless(true, request, BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX);
}

/** Of each prefix that the request names and somebody has. */
function holdersOf(table: BindingTable, { namedPrefixes, customer }: ProxyBindingRequest): Binding[] {
  const found: Binding[] = [];
  for (const prefix of namedPrefixes) {
    const holder = table.byPrefix(customer, prefix);
    if (holder) found.push(holder);
  }
  return found;
}

/**
 * RFC 5844 §3.1.2.7(1): "the IPv4 home address from the IPv4 Home Address option present in the request MUST be used as the search key";
 * RFC 5844 §3.1.2.7(2): "just one single IPv4 home address". The rules are those of RFC 5213 §5.4.1.1.
 */
function byHomeAddress(table: BindingTable, request: ProxyBindingRequest): Lookup {
  const status = BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS;
  const address = namedHomeAddress(request);
  const binding = address && table.byHomeAddress(request.customer, address);
  if (!binding) return newUnlessSameInterface(table, request, status);
  if (binding.mobileNode.name !== request.mobileNode?.name) return { kind: 'conflict', status };
  return mayUpdate(binding, request) ? { kind: 'session', binding } : newUnless(true, request, status);
}

/**
 * RFC 5213 §5.4.1.2 "Mobile Node Link-layer Identifier Option Present in the Request"; §5.4.1.2(1), §5.4.1.2(2): an entry of that mobile node, access technology and link-layer identifier is
 * the one to update.
 */
function byLinkLayerIdentifier(table: BindingTable, request: ProxyBindingRequest): Lookup {
  const binding = ofSameInterface(table, request);
  if (binding) return { kind: 'session', binding };
  // §5.4.1.2(3): "If there exists only one such entry (matching the MN-Identifier), the request MUST be considered as a request for updating
  // that Binding Cache entry."
  const only = onlySession(table, request);
  if (!only) return NEW;
  if (request.handoffIndicator === HandoffIndicator.BETWEEN_INTERFACES) return { kind: 'session', binding: only };
  // §5.4.1.2(4): "... set to a value of 4 (Handoff state unknown)". §5.4.1.2(5): "For all other cases, the message MUST be considered as a request for
  // creating a new mobility session": those of 0 and of values that nobody has assigned are such.
  return request.handoffIndicator === HandoffIndicator.UNKNOWN ? { kind: 'unknown-handoff', binding: only } : NEW;
}

/**
 * RFC 5213 §5.4.1.3 "Mobile Node Link-layer Identifier Option Not Present in the Request"; §5.4.1.3(1): the anchor "MUST verify if there exists one and only one Binding Cache entry with
 * the mobile node identifier".
 */
function byMobileNode(table: BindingTable, request: ProxyBindingRequest): Lookup {
  const only = onlySession(table, request);
  if (!only) return NEW;
  const { handoffIndicator } = request;
  // §5.4.1.3(2): "... set to a value of 2 ... or set to a value of 3 ..., then the request MUST be considered as a request for updating that
  // Binding Cache entry."
  const moves =
    handoffIndicator === HandoffIndicator.BETWEEN_INTERFACES || handoffIndicator === HandoffIndicator.BETWEEN_MAGS;
  if (moves) return { kind: 'session', binding: only };
  // §5.4.1.3(3): "... set to a value of 4 (Handoff state unknown)". Chooses: §5.4.1.3(4) would open a second session for a refresh or a de-registration by the same MAG that names neither prefix nor
  // interface; it is about the one session which that MAG serves.
  const fromItsMag = isCareOf(only, request.careOf);
  if (fromItsMag && sameAccessTechnology(only, request)) return { kind: 'session', binding: only };
  return handoffIndicator === HandoffIndicator.UNKNOWN ? { kind: 'unknown-handoff', binding: only } : NEW;
}

/**
 * RFC 5213 §5.4.1.1(5): any one of these conditions. Differs: of a gateway that is tolerated "handoff state unknown" counts as a handoff between gateways, as those that never name an interface say it
 * of every roam; with name and prefixes of the session it can mean no other.
 */
function mayUpdate(binding: Binding, request: ProxyBindingRequest): boolean {
  const { handoffIndicator, linkLayerIdentifier, interop } = request;
  const known = binding.interface.linkLayerIdentifier;
  const sameTechnology = sameAccessTechnology(binding, request);
  return (
    (linkLayerIdentifier !== '' && linkLayerIdentifier === known && sameTechnology) ||
    handoffIndicator === HandoffIndicator.BETWEEN_INTERFACES ||
    (linkLayerIdentifier === '' &&
      known === '' &&
      sameTechnology &&
      (handoffIndicator === HandoffIndicator.BETWEEN_MAGS ||
        (interop === 'tolerant' && handoffIndicator === HandoffIndicator.UNKNOWN))) ||
    (isCareOf(binding, request.careOf) && sameTechnology)
  );
}

/**
 * RFC 5213 §5.4.1.1(2): no session has what the request names, so it asks for a new one. Chooses: not when that very interface has
 * a session with other addresses; RFC 5213 §5.2 "Supported Home Network Prefix Models" gives an interface one session.
 */
function newUnlessSameInterface(table: BindingTable, request: ProxyBindingRequest, status: LookupStatus): Lookup {
  const known = request.linkLayerIdentifier !== '' && ofSameInterface(table, request) !== undefined;
  return newUnless(known, request, status);
}

/** RFC 5213 §5.4.1.1(6): a de-registration for no session is no conflict either, it "MUST be silently ignored". */
function newUnless(conflicts: boolean, request: ProxyBindingRequest, status: LookupStatus): Lookup {
  return conflicts && request.lifetime > 0 ? { kind: 'conflict', status } : NEW;
}

function ofSameInterface(table: BindingTable, request: ProxyBindingRequest): Binding | undefined {
  for (const binding of sessionsOf(table, request)) {
    const sameIdentifier = binding.interface.linkLayerIdentifier === request.linkLayerIdentifier;
    if (sameIdentifier && sameAccessTechnology(binding, request)) return binding;
  }
  return undefined;
}

function onlySession(table: BindingTable, request: ProxyBindingRequest): Binding | undefined {
  const sessions = sessionsOf(table, request);
  return sessions.length === 1 ? sessions[0] : undefined;
}

function sessionsOf(table: BindingTable, { customer, mobileNode }: ProxyBindingRequest): readonly Binding[] {
  return mobileNode ? table.byMobileNode(customer, mobileNode.name) : [];
}

function sameAccessTechnology(binding: Binding, request: ProxyBindingRequest): boolean {
  return binding.interface.accessTechnology === request.accessTechnology;
}

function samePrefixes(binding: Binding, { namedPrefixes }: ProxyBindingRequest): boolean {
  return (
    binding.prefixes.length === namedPrefixes.length &&
    binding.prefixes.every((held) => namedPrefixes.some((named) => named.network.equals(held)))
  );
}

function namedHomeAddress({ homeAddressRequests }: ProxyBindingRequest) {
  const address = homeAddressRequests[0]?.address;
  return address?.isUnspecified ? undefined : address;
}
