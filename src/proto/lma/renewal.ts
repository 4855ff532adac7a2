import { sameAddress } from '#base/ip-address.ts';
import { after, type ClockReading, milliseconds } from '#base/time.ts';
import {
  type BindingUpdate,
  BindingUpdateFlag,
  sequenceOf,
  signAuthentication,
  statusName,
  timestampOf,
  verifyAuthentication,
} from '#wire/mobility/index.ts';
import { gatewayCareOf } from '../care-of-address.ts';
import { type PeerAddress, transportOf } from '../peer.ts';
import { sentOctets } from '../sent-octets.ts';
import { type CareOfAddress, currentCareOf } from './binding.ts';
import type { CheckedRequest } from './checked-request.ts';
import { isInOrder } from './checks.ts';
import { EncodedAcknowledgement } from './encoded-acknowledgement.ts';
import type { LmaOutput } from './events.ts';
import { ExtendedRecord } from './extended-record.ts';
import { spareNewSessions } from './mag-revocation.ts';
import type { Answer } from './output.ts';
import { watchPeer } from './peer-paths.ts';
import { associationWith } from './security-association.ts';
import { isServedPeer, type LmaState } from './state.ts';
import { countUnder } from './stats.ts';
import { isTooFast } from './update-rate.ts';

/** What is counted for a peer of a request that is not decoded. */
const RENEWAL: BindingUpdate = {
  kind: 'binding-update',
  flags: BindingUpdateFlag.P,
  sequence: 0,
  lifetime: milliseconds(1),
  options: [],
};

/**
 * RFC 5213 §5.3.3 "Binding Lifetime Extension (No Handoff)" of a request like the one that extended the same binding before (`handle`, of `Renewals`). What
 * RFC 5213 §5.3.1 "Processing Proxy Binding Updates" wants judged was judged then, and what it was judged by is the same still, but for who sends it, its
 * authentication, and its timestamp. False, with nothing done, when it is not to be accepted at once, for whatever reason: then it is to be handled
 * like any other.
 */
export function renew(
  state: LmaState,
  from: PeerAddress,
  octets: Uint8Array,
  handle: number,
  now: ClockReading,
): boolean {
  const { renewals, table, stats } = state;
  const id = renewals.bindingOf(handle);
  const tenure = table.tenure(id);
  if (!tenure || !comesBy(tenure.careOf, from) || state.unconfirmed.has(id)) return false;
  const timestamp = timestampOf(octets, renewals.partsOf(handle));
  if (!isInOrder(timestamp, tenure.timestamp, state.config, now)) return false;
  const association = associationWith(state, from);
  const careOf = gatewayCareOf(from.remote);
  if (association && verifyAuthentication(octets, association, careOf) !== 'authentic') return false;

  stats.pbuReceived++;
  if (isServedPeer(state, from.remote)) state.peerMessages.received(from.remote, RENEWAL);
  if (isTooFast(state, from, now)) return true;
  const answer = renewals.answer(handle, octets);
  if (association) signAuthentication(answer, association, careOf);
  table.extend(id, after(now.instant, tenure.lifetime), timestamp, sequenceOf(octets));
  state.timers.set(id, now.instant, tenure.lifetime);
  stats.bindingsRefreshed++;
  const message = new EncodedAcknowledgement(answer);
  stats.pbaSent++;
  countUnder(stats.pbaByStatus, statusName(message.status));
  const change = new ExtendedRecord(id, table.encoded(id, now));
  const send: LmaOutput = { kind: 'send', to: from, message, octets: answer, reliesOn: id };
  // Most times it is all that is wanted in a round, and an array of two takes a third of an empty one that is added to.
  if (state.outputs.length === 0) state.outputs = [{ kind: 'store', change }, send];
  else state.outputs.push({ kind: 'store', change }, send);
  stats.briCancelled += state.revocations.cancel(id, tenure.careOf.address);
  spareNewSessions(state, from.remote, now);
  watchPeer(state, from, now);
  return true;
}

/**
 * A request extended a binding and changed nothing else; the next one may be like it. Not where more than what is remembered decides about that: other sessions of
 * the mobile node, also such as are over, and what an AAA server says of it; nor where the sender is not the end of the tunnel, or
 * asks for an address of a family that the session has none of, which may be free the next time.
 */
export function rememberRenewal(state: LmaState, request: CheckedRequest, octets: Uint8Array, answer: Answer): void {
  const { reliesOn: id } = answer;
  const binding = id === undefined ? undefined : state.table.get(id);
  if (!binding || binding.authorization || request.timestamp === undefined || request.messageId !== undefined) return;
  if (!comesBy(currentCareOf(binding), request.from)) return;
  if (request.prefixes.length > 0 && binding.prefixes.length === 0) return;
  if (request.homeAddressRequests.length > 0 && !binding.homeAddress) return;
  const { customer, mobileNode } = binding;
  if (state.table.byMobileNode(customer, mobileNode.name).length > 1) return;
  if (state.resting.byMobileNode(customer, mobileNode.name).length > 0) return;
  answer.octets = sentOctets(answer);
  state.renewals.remember(binding.id, octets, answer.octets);
}

/** Whether who sent something is the MAG at this end of the tunnel, spoken to in the same way. */
function comesBy({ address, local, port }: CareOfAddress, from: PeerAddress): boolean {
  return (
    transportOf(address) === from.transport &&
    port === from.port &&
    sameAddress(address, from.remote) &&
    sameAddress(local, from.local)
  );
}
