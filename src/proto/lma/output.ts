import type { ClockReading } from '#base/time.ts';
import type { AnchorForwarding } from '#dataplane/desired.ts';
import type { BindingAcknowledgement, MobilityOption } from '#wire/mobility/index.ts';
import { statusName } from '#wire/mobility/index.ts';
import { careOfAddress } from '../care-of-address.ts';
import type { LogOutput, SendOutput } from '../peer.ts';
import type { StoreUrgency } from '../record-change.ts';
import { acceptance } from './acknowledgement.ts';
import type { Binding } from './binding.ts';
import { currentCareOf } from './binding.ts';
import { pathsOf } from './care-of-addresses.ts';
import type { CheckedRequest } from './checked-request.ts';
import { recordOf } from './records.ts';
import type { ProxyBindingRequest } from './request.ts';
import { answerAssociation } from './security-association.ts';
import { linkLayerText } from './snapshot.ts';
import type { LmaState } from './state.ts';
import { peerName } from './state.ts';
import { countUnder } from './stats.ts';

export function storeBinding(state: LmaState, binding: Binding, urgency: StoreUrgency, now: ClockReading): void {
  state.outputs.push({ kind: 'store', change: { kind: 'put', record: recordOf(binding, now), urgency } });
}

export function forgetBinding(state: LmaState, id: string): void {
  state.outputs.push({ kind: 'store', change: { kind: 'delete', id, urgency: 'before-reply' } });
}

/**
 * RFC 5213 §5.6.2 "Forwarding Considerations": traffic for the home network prefixes goes "through the bi-directional tunnel set up for
 * that mobile node"; RFC 5844 §3.1.3 "Routing Considerations for the Local Mobility Anchor" says the same of the IPv4 home address.
 *
 * RFC 5213 §5.3.2(5) "Initial Binding Registration (New Mobility Session)", §5.3.4(3) "Binding Lifetime Extension (After Handoff)": "the local mobility anchor MUST establish a bi-directional tunnel to that mobile access gateway."
 * RFC 5213 §5.3.2(6), §5.3.4(4): it "MUST create a prefix route(s) over the tunnel". RFC 5213 §5.3.4(2): it "MUST remove the previously created
 * route(s)": what is set takes the place of what was, and a tunnel without mobile nodes is gone with the last of them (RFC 5213 §5.6.1(3) "Bi-Directional Tunnel Management").
 * RFC 5844 §3.1.2.2(5) "Initial Binding Registration (New Mobility Session)", §3.1.2.2(6), §3.1.2.4(2), §3.1.2.4(3): the same of the "IPv4 host route (or a platform-specific equivalent function that sets up the forwarding)".
 */
export function forwardBinding(state: LmaState, binding: Binding): void {
  const { id, customer, homeAddress, prefixes } = binding;
  const paths = pathsOf(binding.careOfAddresses);
  const forwarding: AnchorForwarding = homeAddress
    ? { kind: 'anchor', id, customer, homeAddress: homeAddress.address, prefixes, paths }
    : { kind: 'anchor', id, customer, prefixes, paths };
  state.outputs.push({ kind: 'forward', change: { kind: 'set', forwarding } });
}

/** What was accepted for the binding before can be taken back no more: it has come to another end. */
export function stopForwarding(state: LmaState, id: string): void {
  state.unconfirmed.delete(id);
  state.outputs.push({ kind: 'forward', change: { kind: 'clear', forwardingKind: 'anchor', id } });
}

/** A Proxy Binding Acknowledgement that waits to leave; whoever needs its octets before that leaves them here. */
export interface Answer extends SendOutput {
  octets: Uint8Array | undefined;
}

/**
 * RFC 5213 §5.3.6 "Constructing the Proxy Binding Acknowledgement Message": from the address that the request was sent to, to the
 * address that it came from. RFC 5213 §5.3.6(2): "The Source Address field in the IPv6 header of the message MUST be set to the destination
 * address of the received Proxy Binding Update message", and RFC 5213 §5.3.6(3) the other way round; RFC 5844 §4.1.3.2(2) "Constructing the Proxy Binding Acknowledgement Message" over IPv4. RFC 5213 §5.3.6(12): "the Type 2 Routing header
 * MUST NOT be present": these headers are all there is. RFC 5213 §5.3.6(11): with IPsec "the message MUST be protected using the security
 * association": the kernel's policy for the two addresses takes care of that.
 */
export function reply(
  state: LmaState,
  request: ProxyBindingRequest,
  message: BindingAcknowledgement,
  reliesOn?: string,
): Answer {
  state.stats.pbaSent++;
  countUnder(state.stats.pbaByStatus, statusName(message.status));
  const association = answerAssociation(state, request);
  // Field by field, the same for all answers: one that grows by spreading costs several times as much.
  const answer: Answer = {
    kind: 'send',
    to: request.from,
    message,
    octets: undefined,
    authentication: association && [association],
    careOfAddress: association && careOfAddress(request.message, request.from, 'received'),
    reliesOn,
  };
  state.outputs.push(answer);
  return answer;
}

export function log(
  state: LmaState,
  level: LogOutput['level'],
  code: string,
  text: string,
  fields: LogOutput['fields'],
): void {
  state.outputs.push({ kind: 'log', level, code, text, fields });
}

/** As `log`, of what happens to every mobile node: what it says of the binding is worked out when somebody reads it. */
export function logBinding(
  state: LmaState,
  code: string,
  text: string,
  binding: Binding,
  more?: () => LogOutput['fields'],
): void {
  state.outputs.push(new BindingLog(state, code, text, binding, more));
}

class BindingLog implements LogOutput {
  readonly kind = 'log';
  readonly level = 'info';
  readonly code: string;
  readonly text: string;
  readonly #state: LmaState;
  readonly #binding: Binding;
  readonly #more: (() => LogOutput['fields']) | undefined;
  #fields: LogOutput['fields'] | undefined;

  constructor(
    state: LmaState,
    code: string,
    text: string,
    binding: Binding,
    more: (() => LogOutput['fields']) | undefined,
  ) {
    this.code = code;
    this.text = text;
    this.#state = state;
    this.#binding = binding;
    this.#more = more;
  }

  get fields(): LogOutput['fields'] {
    this.#fields ??= { ...describeBinding(this.#state, this.#binding), ...this.#more?.() };
    return this.#fields;
  }
}

/** A warning that a peer can cause at will: of a flood the first ones are told, and the rest counted. */
export function logOfPeer(
  state: LmaState,
  code: string,
  text: string,
  fields: LogOutput['fields'],
  now: ClockReading,
): void {
  if (state.peerLogLimit.allows(now.instant)) log(state, 'warn', code, text, fields);
  else state.stats.logsSuppressed++;
}

/** Answers that a registration is accepted, unless its forwarding turns out impossible. `before`: the binding as it was; `asIs`: it is forwarded for as before, and nothing is asked for. */
export function accept(
  state: LmaState,
  request: CheckedRequest,
  binding: Binding,
  before: Binding | undefined,
  asIs = false,
): Answer {
  const earlier = state.unconfirmed.get(binding.id);
  if (earlier) earlier.requests.push(request);
  else if (!asIs) state.unconfirmed.set(binding.id, { before, requests: [request] });
  const advice = refreshAdvice(state, binding);
  return reply(state, request, acceptance(request, request.shape, binding, binding.lifetime, advice), binding.id);
}

/**
 * RFC 6275 §6.2.4 "Binding Refresh Advice": "The Refresh Interval MUST be set to indicate a smaller time interval than the Lifetime value of the
 * Binding Acknowledgement." Nothing is advised that would not be.
 */
function refreshAdvice({ config }: LmaState, { lifetime }: Binding): MobilityOption | undefined {
  const refreshInterval = config.refreshTime;
  if (refreshInterval === undefined || refreshInterval >= lifetime) return undefined;
  return { kind: 'binding-refresh-advice', refreshInterval };
}

/** What logs say of a binding. */
export function describeBinding(state: LmaState, binding: Binding): LogOutput['fields'] {
  const { address } = currentCareOf(binding);
  const { linkLayerIdentifier } = binding.interface;
  return {
    binding: binding.id,
    nai: binding.mobileNode.name,
    ...(linkLayerIdentifier !== '' && { mac: linkLayerText(linkLayerIdentifier) }),
    mag: peerName(state, address),
    careOfAddress: `${address}`,
    ...(binding.homeAddress && { homeAddress: `${binding.homeAddress.address}` }),
    ...(binding.prefixes.length > 0 && { prefixes: binding.prefixes.join(' ') }),
  };
}
