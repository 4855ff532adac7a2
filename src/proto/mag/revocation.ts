import { sameAddress } from '#base/ip-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import {
  BindingRevocationFlag,
  type BindingRevocationIndication,
  findOption,
  findOptions,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import type { Proof } from '../peer-proof.ts';
import type { MagContext } from './context.ts';
import { isCisco } from './dialect.ts';
import { proveBeforeRevocation } from './presence.ts';
import { isOfSession } from './registered-since.ts';
import { acknowledgeRevocation, identifiedNai } from './revocation-answer.ts';
import { announceSession, dropBinding, endSession, setForwarding } from './session.ts';
import { type Binding, isArrival } from './state.ts';

const FIRST_GLOBAL_TRIGGER = 128;

const KNOWN_TRIGGERS: readonly number[] = Object.values(RevocationTrigger);

const HANDOVER_TRIGGERS: readonly number[] = [
  RevocationTrigger.INTER_MAG_HANDOVER_SAME_ACCESS_TYPE,
  RevocationTrigger.INTER_MAG_HANDOVER_DIFFERENT_ACCESS_TYPE,
  RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN,
];

/**
 * RFC 5846 §9.1 "Receiving Binding Revocation Indication"; §9.1(6): bindings that are gone already are no reason to reject. `from` is one of the configuration's LMAs. The acknowledgement goes
 * out after the bindings are gone.
 */
export function receiveRevocation(
  mag: MagContext,
  from: PeerAddress,
  indication: BindingRevocationIndication,
  proof: Proof,
): void {
  mag.stats.briReceived++;
  if (proof === 'missing') {
    discard(mag, from, 'briNotAuthentic');
    return;
  }
  const named = ownedBy(mag, from, indication);
  const own = proof === 'proven' ? named.filter((binding) => isOfSession(binding, indication)) : named;
  if (own.length < named.length && own.length === 0) {
    discard(mag, from, 'briReplayed');
    return;
  }
  const refused = refusal(indication, own);
  const doubtful = refused === undefined ? mayBeHere(indication, own) : undefined;
  if (doubtful) {
    proveBeforeRevocation(mag, doubtful, { from, indication });
    return;
  }
  const status = refused ?? revoke(mag, indication, own);
  if (status === RevocationStatus.MOBILE_NODE_IS_ATTACHED) contest(own);
  acknowledgeRevocation(mag, from, indication, status, own.length);
}

/** RFC 5846 §6.1.2(1) "Sending Binding Revocation Acknowledgement": what is discarded is not answered. */
function discard(mag: MagContext, { remote }: PeerAddress, why: 'briNotAuthentic' | 'briReplayed'): void {
  mag.stats[why]++;
  const lma = mag.lmas.at(remote)?.name ?? '';
  if (why === 'briNotAuthentic') {
    const advice = 'compare "auth-option" at both ends, or "interop" for an LMA that has none';
    mag.log(
      'warn',
      'revocation-not-authentic',
      `ignored a revocation of ${lma} without right authentication; ${advice}`,
      { lma },
    );
  } else
    mag.log('warn', 'revocation-replayed', `ignored a revocation of ${lma} that is older than what it would end`, {
      lma,
    });
}

/**
 * The binding of a mobile node of which an inter-MAG handover is said and that may be here all the same.
 * Chooses: it may where the LMA does not know of which kind the handover is, as it asks before it moves the session (RFC 5846 §8.1
 * "Sending Binding Revocation Indication"), and where an access point announced the node since the LMA last accepted. Otherwise another gateway saw it come after it came here.
 */
function mayBeHere(indication: BindingRevocationIndication, own: readonly Binding[]): Binding | undefined {
  const [binding, ...others] = own;
  if (!binding || others.length > 0 || !HANDOVER_TRIGGERS.includes(indication.trigger)) return undefined;
  if (!binding.granted || binding.state === 'DISCONNECTING' || isArrival(binding.request)) return undefined;
  return binding.returned || indication.trigger === RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN ? binding : undefined;
}

/** The bindings that an indication means, among those registered with its sender. */
function ownedBy(mag: MagContext, from: PeerAddress, indication: BindingRevocationIndication): Binding[] {
  const own = (binding: Binding) => sameAddress(binding.lma.address, from.remote);
  const nai = identifiedNai(indication);
  if (has(indication, BindingRevocationFlag.G)) {
    if (indication.trigger === RevocationTrigger.PER_PEER_POLICY) return [...mag.bindings].filter(own);
    return nai === undefined ? [] : [...mag.bindings].filter((binding) => own(binding) && ofRealm(binding.nai, nai));
  }
  const prefixes = findOptions(indication.options, 'home-network-prefix').map((option) => option.prefix.network);
  const named = nai === undefined ? [] : bindingsNamed(mag, nai).filter(own);
  if (prefixes.length === 0) return named;
  const holding = named.filter((binding) =>
    binding.granted?.prefixes.some((held) => prefixes.some((prefix) => prefix.equals(held))),
  );
  // What an arrival will be granted, or was before its answer got lost, only the LMA knows.
  return holding.length > 0 ? holding : named.filter((binding) => isArrival(binding.request));
}

/** A peer of interoperation `cisco` knows a mobile node by its link-layer address alone. */
function bindingsNamed(mag: MagContext, name: string): Binding[] {
  const mac = MacAddress.parse(name);
  const binding = mac && mag.bindings.get(mac);
  return binding && isCisco(binding) ? [binding] : mag.bindings.withNai(name);
}

/** The status of an indication that is refused; RFC 5846 §6.2.1 "Receiving Binding Revocation Indication" and §9.1. */
function refusal(indication: BindingRevocationIndication, own: readonly Binding[]): number | undefined {
  const { trigger } = indication;
  const global = has(indication, BindingRevocationFlag.G);
  // "If the Revocation Trigger field is set to a value that the responder does not support, the responder SHOULD reject".
  if (!KNOWN_TRIGGERS.includes(trigger)) return RevocationStatus.TRIGGER_NOT_SUPPORTED;
  // "the Global (G) bit is set and the Revocation Trigger field value is Per-MN-specific" and the other way round.
  if (global !== trigger >= FIRST_GLOBAL_TRIGGER) return RevocationStatus.FUNCTION_NOT_SUPPORTED;
  // All bindings of a mobile access gateway are proxy bindings; an indication without the P bit means others.
  if (!has(indication, BindingRevocationFlag.P)) return RevocationStatus.BINDING_DOES_NOT_EXIST;
  return global ? globalRefusal(indication, own) : singleRefusal(indication, own);
}

function globalRefusal(indication: BindingRevocationIndication, own: readonly Binding[]): number | undefined {
  // §9.1(1): "the mobile access gateway MUST validate that the Proxy (P) bit is set and no mobility options are included"; but for those that show that it is of this LMA, and not of before.
  if (indication.trigger === RevocationTrigger.PER_PEER_POLICY) {
    const isPlain = indication.options.every(({ kind }) => kind === 'timestamp' || kind === 'authentication');
    return isPlain ? undefined : RevocationStatus.FUNCTION_NOT_SUPPORTED;
  }
  // §9.1(2): the MN-ID option has the subtype value of 1; §9.1(3): "no mobility options are included ... or the mobile access gateway is not able to identify the impacted mobile nodes
  // bindings": "MUST reject ... using status code "Revoked Mobile Nodes Identity Required""
  return own.length === 0 ? RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED : undefined;
}

function singleRefusal(indication: BindingRevocationIndication, own: readonly Binding[]): number | undefined {
  if (identifiedNai(indication) === undefined) return RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED;
  // "If the responder failed to identify the mobile node(s) bindings ... the responder MUST reject the BRI using status code
  // "Binding Does NOT Exist"."
  if (own.length === 0) return RevocationStatus.BINDING_DOES_NOT_EXIST;
  // §9.1(4): "if the mobile access gateway verified that the mobile node is still directly attached, the mobile access gateway MUST
  // reject the BRI using status code "Revocation failed - MN is Attached"."
  if (HANDOVER_TRIGGERS.includes(indication.trigger) && own.some(isHere)) {
    return RevocationStatus.MOBILE_NODE_IS_ATTACHED;
  }
  return has(indication, BindingRevocationFlag.V) ? homeAddressRefusal(indication, own) : undefined;
}

function homeAddressRefusal(indication: BindingRevocationIndication, own: readonly Binding[]): number | undefined {
  const option = findOption(indication.options, 'ipv4-home-address-request');
  if (!option) return RevocationStatus.IPV4_HOME_ADDRESS_OPTION_REQUIRED;
  // §9.1(5): "failed to identify the received IPv4 proxy HoA, the mobile access gateway MUST reject the BRI using status code "Binding
  // Does NOT Exist"."
  const held = own.some(
    ({ granted, request }) => granted?.homeAddress?.address.equals(option.address) || isArrival(request),
  );
  return held ? undefined : RevocationStatus.BINDING_DOES_NOT_EXIST;
}

/**
 * The mobile node was seen to come, and the LMA's answer to that is missing: either the indication is about an earlier stay, or the
 * answer was lost and the node has moved on. Chooses: a frame of it since the first transmission means that it is here. So does, for
 * want of a frame, that the first transmission may still be on its way, crossing the indication; but then it is heard again or
 * answered before the next transmission, or that is not made. A node that is here and silent is registered anew by its next frame.
 */
function isHere({ request }: Binding): boolean {
  return isArrival(request) && (request.heard || request.sequences.length <= 1);
}

/** Refused: from now on the arrival needs a new sign of the mobile node. */
function contest(own: readonly Binding[]): void {
  for (const { request } of own) {
    if (!isArrival(request)) continue;
    request.contested = true;
    request.heard = false;
  }
}

function revoke(mag: MagContext, indication: BindingRevocationIndication, own: readonly Binding[]): number {
  const homeAddressOnly = has(indication, BindingRevocationFlag.V);
  for (const binding of own) {
    if (homeAddressOnly && binding.granted && binding.granted.prefixes.length > 0) releaseHomeAddress(mag, binding);
    else release(mag, binding, HANDOVER_TRIGGERS.includes(indication.trigger));
  }
  return RevocationStatus.SUCCESS;
}

function release(mag: MagContext, binding: Binding, departed: boolean): void {
  mag.stats.bindingsRevoked++;
  if (binding.state !== 'DISCONNECTING') endSession(mag, binding, departed ? 'departed' : 'withdrawn');
  dropBinding(mag, binding);
}

/**
 * RFC 5846 §9.1(5): "it MUST consider this as an indication to ONLY release the mobile node IPv4 proxy HoA binding ... it MUST
 * continue to maintain the mobile node IPv6 proxy HoA or HNP binding".
 */
function releaseHomeAddress(mag: MagContext, binding: Binding): void {
  if (!binding.granted) return;
  const grant = { ...binding.granted, homeAddress: undefined };
  mag.bindings.grant(binding, grant);
  if (binding.state === 'DISCONNECTING') return;
  setForwarding(mag, binding, grant);
  announceSession(mag, binding, grant);
}

function has(indication: BindingRevocationIndication, flag: number): boolean {
  return (indication.flags & flag) !== 0;
}

/** RFC 5846 §8.1: "the content after the "@" character defines the realm". */
function ofRealm(nai: string, realm: string): boolean {
  const at = realm.indexOf('@');
  return at >= 0 && nai.endsWith(realm.slice(at));
}
