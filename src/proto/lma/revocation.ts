import { octetsOf } from '#base/bytes.ts';
import type { ClockReading } from '#base/time.ts';
import type { MobilityOption } from '#wire/mobility/index.ts';
import { BindingRevocationFlag, RevocationTrigger } from '#wire/mobility/index.ts';
import type { Binding } from './binding.ts';
import { currentCareOf, signallingTo } from './binding.ts';
import { endBinding } from './ending.ts';
import { describeBinding, log, stopForwarding, storeBinding } from './output.ts';
import { proven, registrationStamp } from './security-association.ts';
import type { LmaState, RevocationSubject } from './state.ts';

/**
 * RFC 5846 §8.1 "Sending Binding Revocation Indication": "In the case when the local mobility anchor sets the Revocation Trigger field to a
 * value that indicates inter-MAG handover, the local mobility anchor MAY switch the mobile node IP tunnel to the target mobile access
 * gateway before sending the Binding Revocation Indication to the source mobile access gateway." So it does: nothing waits for the
 * old MAG, and nothing is lost when it never answers.
 */
export function revokeAtPreviousMag(state: LmaState, before: Binding, after: Binding, now: ClockReading): void {
  indicateBinding(state, before, handoverTrigger(before, after), 'handover', now);
}

/** Asks the MAG of a session whether the mobile node is still there. RFC 5846 §8.1: "the Revocation Trigger MUST be set to "Inter-MAG Handover - Unknown"." */
export function askPreviousMag(state: LmaState, binding: Binding, now: ClockReading): void {
  indicateBinding(state, binding, RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN, 'unknown-handoff', now);
}

/**
 * An operator's revocation. RFC 5846 §8.1: "The local mobility anchor SHOULD maintain the mobile node proxy BCE in this state until it
 * receives a Binding Revocation Acknowledgement or the BRIMaxRetransmitNumber is reached." Its traffic stops at once.
 */
export function revokeByOperator(state: LmaState, binding: Binding, now: ClockReading): void {
  if (binding.state === 'revoking') return;
  if (binding.state === 'deleting' || binding.state === 'invalid') {
    endBinding(state, binding, now);
    return;
  }
  revoke(state, binding, RevocationTrigger.ADMINISTRATIVE_REASON, now);
  log(state, 'info', 'binding-revoked', 'A binding was revoked by the operator', describeBinding(state, binding));
}

/** The end of an active binding whose traffic cannot be forwarded, in the same steps. */
export function revokeUnforwarded(state: LmaState, binding: Binding, now: ClockReading): void {
  revoke(state, binding, RevocationTrigger.UNSPECIFIED, now);
  const text = 'A binding was revoked because its traffic cannot be forwarded';
  log(state, 'warn', 'binding-revoked', text, describeBinding(state, binding));
}

/** The end of an active binding whose session has lasted as long as an AAA server lets it, though its MAG was granted more, in the same steps. */
export function revokeTimedOut(state: LmaState, binding: Binding, now: ClockReading): void {
  revoke(state, binding, RevocationTrigger.ADMINISTRATIVE_REASON, now);
  log(state, 'info', 'session-timeout', 'The time of a session is over', describeBinding(state, binding));
}

function revoke(state: LmaState, binding: Binding, trigger: number, now: ClockReading): void {
  const revoking = startRevoking(state, binding, now);
  if (!indicateBinding(state, binding, trigger, 'administrative', now)) endBinding(state, revoking, now);
}

/** RFC 5846 §8.1: "the local mobility anchor sets a flag in the mobile node proxy BCE to indicate that revocation is in progress". */
export function startRevoking(state: LmaState, binding: Binding, now: ClockReading): Binding {
  const revoking: Binding = { ...binding, state: 'revoking' };
  state.table.put(revoking);
  storeBinding(state, revoking, 'before-reply', now);
  stopForwarding(state, binding.id);
  return revoking;
}

/**
 * After a registration: the MAG that now has the node must not be asked again to drop it. `all` ends an operator's revocation too: RFC 5846
 * §8.1: "if the local mobility anchor accepts the Proxy Binding Update, it needs to update the mobile node proxy BCE accordingly,
 * e.g., removing the revocation in progress flag."
 */
export function withdrawRevocations(state: LmaState, binding: Binding, all: boolean): void {
  const remote = all ? undefined : currentCareOf(binding).address;
  state.stats.briCancelled += state.revocations.cancel(binding.id, remote);
}

/**
 * False when too many indications wait already. RFC 5846 §6.1.1 "Sending Binding Revocation Indication": "The initiator MUST construct the Binding Revocation Message Data following the format of
 * the Binding Revocation Indication message"; RFC 5846 §6.1.1(4): without the G bit the trigger is "a valid value from the list of Per-MN Revocation Triggers". RFC 5846 §8.1(2): it says
 * "the reason for removing the specified mobile node PMIPv6 binding".
 *
 * RFC 5846 §6.1 "Sending Binding Revocation Message" wants it protected as registrations are: `proven`.
 */
export function indicateBinding(
  state: LmaState,
  binding: Binding,
  trigger: number,
  purpose: RevocationSubject['purpose'],
  now: ClockReading,
): boolean {
  // RFC 5846 §8.1(6): "The proxy care-of address for the binding MUST be used as the destination address in the packet's IPv6 header."
  // Differs: with IPsec too, where by RFC 5846 §8.1(6) it is to be the address of the security association; so a MAG whose care-of address is not the one that
  // it signals from needs a policy for both.
  const to = signallingTo(currentCareOf(binding));
  const subject = { about: binding.id, purpose };
  const { flags, options } = identification(binding);
  const content = { trigger, flags, options: [...options, ...registrationStamp(state, [binding])] };
  const output = state.revocations.send(content, to, subject, state.config.bri, now.instant);
  if (!output) {
    state.stats.briNotSentQueueFull++;
    return false;
  }
  state.stats.briSent++;
  const indication = proven(state, output);
  state.outputs.push(purpose === 'handover' ? { ...indication, reliesOn: binding.id } : indication);
  return true;
}

/**
 * RFC 5846 §5.1(2) "Binding Revocation Indication Message", §8.1(3): the Mobile Node Identifier option "MUST be present when the (P) bit is set"; §5.1(1): the
 * Home Network Prefix option "MUST be present when the BRI is used to revoke a single Proxy MIPv6 Binding Cache entry", and by §8.1(4) tells it
 * from others of the node; §5.1(5): the IPv4 Home Address Request option "MUST only be included when the IPv4 HoA Binding only (V) and the (P) bits
 * are set", so it names the binding where there is no prefix to do so (§6.1.1(5)); §5.1(4): the IPv4 Home Address option is for bindings that are no proxy
 * bindings, and never here. P is always set: §6.1.1(2), §8.1(1).
 *
 * An indication with V has, by §8.1(10) and §8.1(11), the home address of the session, by §8.1(12) no prefix, and by §8.1(13), "an appropriate" trigger. Chooses: a session with
 * prefixes is never revoked by half.
 */
function identification({ mobileNode, prefixes, homeAddress }: Binding): { flags: number; options: MobilityOption[] } {
  const { subtype } = mobileNode;
  const identifier = octetsOf(mobileNode.identifier);
  const options: MobilityOption[] = [{ kind: 'mobile-node-identifier', subtype, identifier }];
  if (prefixes.length > 0) {
    for (const prefix of prefixes) options.push({ kind: 'home-network-prefix', prefix, offLink: false });
    return { flags: BindingRevocationFlag.P, options };
  }
  if (!homeAddress) return { flags: BindingRevocationFlag.P, options };
  const { address, prefixLength } = homeAddress;
  options.push({ kind: 'ipv4-home-address-request', prefixLength, address });
  return { flags: BindingRevocationFlag.P | BindingRevocationFlag.V, options };
}

/**
 * Chooses: by the access technologies of both registrations, whatever the handoff indicator: the lookup has proved that it is one mobile
 * node's session. "Inter-MAG Handover - Unknown" would let an old MAG whose access point has not noticed the departure refuse
 * (RFC 5846 §9.1 "Receiving Binding Revocation Indication"); it is kept for a technology that nobody named.
 */
function handoverTrigger(before: Binding, after: Binding): number {
  const from = before.interface.accessTechnology;
  const to = after.interface.accessTechnology;
  if (from === 0 || to === 0) return RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN;
  return from === to
    ? RevocationTrigger.INTER_MAG_HANDOVER_SAME_ACCESS_TYPE
    : RevocationTrigger.INTER_MAG_HANDOVER_DIFFERENT_ACCESS_TYPE;
}
