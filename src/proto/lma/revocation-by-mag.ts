import { sameAddress } from '#base/ip-address.ts';
import type { ClockReading } from '#base/time.ts';
import type { BindingRevocationIndication, MobilityOption } from '#wire/mobility/index.ts';
import {
  BindingRevocationFlag,
  findOption,
  findOptions,
  MobileNodeIdentifierSubtype,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import type { MessageEvent, PeerAddress } from '../peer.ts';
import { echoedStamp } from '../revocation/sender.ts';
import { compareTimestamps } from '../wire-timestamp.ts';
import type { Binding } from './binding.ts';
import { currentCareOf } from './binding.ts';
import { keepPart } from './de-registration.ts';
import { readAs } from './dialect.ts';
import { waitForDeletion } from './ending.ts';
import { log } from './output.ts';
import { ONLY_CUSTOMER } from './request.ts';
import { withdrawRevocations } from './revocation.ts';
import { proofOfMag, proven } from './security-association.ts';
import type { LmaState } from './state.ts';
import { peerName } from './state.ts';
import { countUnder } from './stats.ts';

const { P, V, G } = BindingRevocationFlag;
const FIRST_GLOBAL_TRIGGER = 128;
const KNOWN_TRIGGERS: readonly number[] = Object.values(RevocationTrigger);

/** What an indication means: the bindings, and what of it none of them has; or why it is refused. */
type Meaning =
  | { readonly kind: 'bindings'; readonly bindings: readonly Binding[]; readonly missing: readonly MobilityOption[] }
  | { readonly kind: 'refused'; readonly status: number };

/**
 * RFC 5846 §8.2 "Receiving Binding Revocation Indication", of a MAG that is served. A session that a MAG gives up so ends like one that it
 * de-registers. RFC 5846 §13 "Security Considerations": "It is NOT allowed for any mobility node to revoke a mobile node mobility session that is not
 * registered with this mobility node."
 */
export function receiveIndication(
  state: LmaState,
  event: Omit<MessageEvent, 'message'>,
  indication: BindingRevocationIndication,
  now: ClockReading,
): void {
  const { from } = event;
  state.stats.briReceived++;
  const proof = proofOfMag(state, event);
  if (proof === 'missing' || proof === 'impossible') {
    state.stats.briNotAuthentic++;
    logDropped(state, from, 'revocation-not-authentic', 'A revocation without right authentication was dropped');
    return;
  }
  const meaning = meaningOf(state, from, indication);
  if (meaning.kind === 'refused') {
    acknowledge(state, from, indication, meaning.status, []);
    return;
  }
  const { bindings, missing } = meaning;
  if (proof === 'proven' && isReplayed(indication, bindings)) {
    state.stats.briReplayed++;
    logDropped(state, from, 'revocation-replayed', 'A revocation older than what it would end was dropped');
    return;
  }
  for (const binding of bindings) giveUp(state, binding, has(indication, V), now);
  // §8.2(5): "If ... one or more of the bindings identified in the received Binding Revocation Indication message has already been released, the
  // local mobility anchor MUST accept the message and it MAY set the Status field to "partial success" and include the mobile node
  // identifier (MN-ID) or the Home Network Prefix option"
  const status = missing.length > 0 ? RevocationStatus.PARTIAL_SUCCESS : RevocationStatus.SUCCESS;
  acknowledge(state, from, indication, status, missing);
  const { trigger } = indication;
  const fields = { mag: peerName(state, from.remote), bindings: bindings.length, trigger };
  log(state, 'info', 'revoked-by-mag', 'A MAG revoked bindings of its own', fields);
}

function logDropped(state: LmaState, { remote }: PeerAddress, code: string, text: string): void {
  log(state, 'warn', code, text, { mag: peerName(state, remote) });
}

/**
 * Sent before the MAG registered one of the bindings, or extended it: somebody kept it, or it was overtaken. A MAG that repeats a registration takes back what it revoked before. Where registrations have no
 * timestamps, neither do revocations.
 */
function isReplayed({ options }: BindingRevocationIndication, bindings: readonly Binding[]): boolean {
  const sent = findOption(options, 'timestamp');
  return bindings.some(({ timestamp }) => timestamp && !(sent && compareTimestamps(sent, timestamp) > 0));
}

/** RFC 5846 §6.2.1 "Receiving Binding Revocation Indication", then §8.2. */
function meaningOf(state: LmaState, from: PeerAddress, indication: BindingRevocationIndication): Meaning {
  const { trigger } = indication;
  // §6.2.1(2): "If the Revocation Trigger field is set to a value that the responder does not support, the responder SHOULD reject the Binding
  // Revocation Indication message using status code "Revocation Trigger NOT Supported"." A realm's bindings are an anchor's to revoke.
  const known = KNOWN_TRIGGERS.includes(trigger) && trigger !== RevocationTrigger.REVOKING_NODE_LOCAL_POLICY;
  if (!known) return refused(RevocationStatus.TRIGGER_NOT_SUPPORTED);
  // §6.2.1(3): "the Global (G) bit is set and the Revocation Trigger field value is Per-MN-specific", and the other way round.
  if (has(indication, G) !== trigger >= FIRST_GLOBAL_TRIGGER) return refused(RevocationStatus.FUNCTION_NOT_SUPPORTED);
  // §8.2(1): "If the (P) bit is set, the local mobility anchor MUST validate that all impacted bindings have the proxy binding flag set." All have
  // it; without the bit others are meant.
  if (!has(indication, P)) return refused(RevocationStatus.BINDING_DOES_NOT_EXIST);
  return has(indication, G) ? allOfMag(state, from, indication) : ofMobileNode(state, from, indication);
}

/**
 * §8.2(2): "the LMA MUST validate that ... the MN-ID option is present with the mobile access gateway identity included. In addition, the local
 * mobility anchor MUST verify that the identified mobile access gateway as per the value in the MN-ID option is authorized to use the
 * global revocation". §8.2(3): "... the local mobility anchor MUST reject the Binding Revocation Indication message using status code
 * "Global Revocation NOT Authorized"." Chooses: the identity is the name by which the MAG is configured here.
 */
function allOfMag(state: LmaState, from: PeerAddress, { options }: BindingRevocationIndication): Meaning {
  const peer = state.peers.get(from.remote.key);
  const identity = findOption(options, 'mobile-node-identifier');
  const named = identity?.subtype === MobileNodeIdentifierSubtype.NAI ? decode(identity.identifier) : undefined;
  // §8.2(4): "if the Alternate Care-of Address option is included in addition to the mobile node identifier option, the local mobility anchor MUST
  // revoke all mobile node bindings whose proxy care-of address matches the care-of address in the Alternate Care-of Address option."
  const careOf = findOption(options, 'alternate-care-of-address')?.address ?? from.remote;
  const isOwn = sameAddress(careOf, from.remote) || state.peers.get(careOf.key)?.name === peer?.name;
  if (!peer?.globalRevocation || named !== peer.name || !isOwn) {
    return refused(RevocationStatus.GLOBAL_REVOCATION_NOT_AUTHORIZED);
  }
  return those([...state.table.byCareOf(careOf.key)], []);
}

/**
 * §8.2(6): by the Mobile Node Identifier alone "all bindings for this mobile node"; with Home Network Prefix options "all bindings that are
 * referenced by these Home Network Prefixes"; with V and the IPv4 Home Address Request option "only the IPv4 HoA address binding".
 */
function ofMobileNode(state: LmaState, from: PeerAddress, { flags, options }: BindingRevocationIndication): Meaning {
  const { mobileNode, prefixes } = readAs(state.peers.get(from.remote.key)?.interop ?? 'strict', options);
  if (!mobileNode) return refused(RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED);
  const own = state.table
    .byMobileNode(ONLY_CUSTOMER, mobileNode.name)
    .filter((binding) => sameAddress(currentCareOf(binding).address, from.remote));
  if (flags & V) {
    const home = findOption(options, 'ipv4-home-address-request');
    if (!home) return refused(RevocationStatus.IPV4_HOME_ADDRESS_OPTION_REQUIRED);
    return those(
      own.filter(({ homeAddress }) => homeAddress?.address.equals(home.address)),
      [],
    );
  }
  if (prefixes.length === 0) return those(own, []);
  const holders = (prefix: (typeof prefixes)[number]) =>
    own.filter((binding) => binding.prefixes.some((held) => held.equals(prefix.network)));
  const named = findOptions(options, 'mobile-node-identifier');
  const missing = findOptions(options, 'home-network-prefix').filter((_, i) => {
    const prefix = prefixes[i];
    return prefix !== undefined && holders(prefix).length === 0;
  });
  // RFC 5846 §5.2(2) "Binding Revocation Acknowledgement Message", of the Mobile Node Identifier option: "This option SHOULD be included if the Home Network Prefix option is included."
  return those([...new Set(prefixes.flatMap(holders))], missing.length > 0 ? [...named, ...missing] : []);
}

/**
 * §6.2.1(4): "If the responder failed to identify the mobile node(s) bindings as identified in the Binding Revocation Indication message, the
 * responder MUST reject the BRI using status code "Binding Does NOT Exist"."
 */
function those(bindings: readonly Binding[], missing: readonly MobilityOption[]): Meaning {
  if (bindings.length === 0) return refused(RevocationStatus.BINDING_DOES_NOT_EXIST);
  return { kind: 'bindings', bindings, missing };
}

function refused(status: number): Meaning {
  return { kind: 'refused', status };
}

function giveUp(state: LmaState, binding: Binding, homeAddressOnly: boolean, now: ClockReading): void {
  state.stats.bindingsRevokedByMag++;
  if (homeAddressOnly && binding.prefixes.length > 0) {
    keepPart(state, binding, { prefixes: binding.prefixes, homeAddress: undefined }, now);
    return;
  }
  withdrawRevocations(state, waitForDeletion(state, binding, now), true);
}

/**
 * RFC 5846 §6.1.2 "Sending Binding Revocation Acknowledgement": (4) "The responder MUST set the Sequence Number field by copying the value from the Sequence Number field of the received
 * Binding Revocation Indication", and the bits (6) P, (7) G and (8) V as they are in it.
 */
function acknowledge(
  state: LmaState,
  to: PeerAddress,
  { sequence, flags, options: asked }: BindingRevocationIndication,
  status: number,
  options: readonly MobilityOption[],
): void {
  countUnder(state.stats.briAnswered, String(status));
  const kind = 'binding-revocation-acknowledgement' as const;
  const message = { kind, status, sequence, flags: flags & (P | V | G), options: [...options, ...echoedStamp(asked)] };
  state.outputs.push(proven(state, { kind: 'send', to, message }));
}

function has({ flags }: BindingRevocationIndication, flag: number): boolean {
  return (flags & flag) !== 0;
}

function decode(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}
