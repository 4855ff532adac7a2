import type { ClockReading } from '#base/time.ts';
import {
  type BindingAcknowledgement,
  BindingStatus,
  findOption,
  statusName,
  timestampToUtc,
} from '#wire/mobility/index.ts';
import type { MagContext } from './context.ts';
import { abandon, finishRelease, hasLeft, retryAtOnce, startRequest } from './registration.ts';
import { dropBinding, endRefused, endSession } from './session.ts';
import { type Binding, isAttach, type Request, requestedFamilies } from './state.ts';
import { askForKeys } from './tunnel.ts';

/** What the operator can do about a rejection; a status that is not here speaks for itself or for the LMA's own logs. */
const ADVICE: Readonly<Record<number, string>> = {
  [BindingStatus.INSUFFICIENT_RESOURCES]: 'its pools are exhausted or its binding maximum is reached',
  [BindingStatus.MIPV6_ID_MISMATCH]: 'the key of "auth-option" belongs to another identity at the LMA',
  [BindingStatus.MIPV6_MESG_ID_REQD]: 'it wants messages to be authenticated; set "auth-option" for this LMA',
  [BindingStatus.MIPV6_AUTH_FAIL]: 'compare SPI and key of "auth-option" at both ends',
  [BindingStatus.SERVICE_AUTHORIZATION_FAILED]: 'it does not serve this "apn" for the mobile node',
  [BindingStatus.PROXY_REG_NOT_ENABLED]: 'the mobile node is not asked for again until its binding is cleared here',
  [BindingStatus.NOT_LMA_FOR_THIS_MOBILE_NODE]: 'the profile names an LMA that does not serve the mobile node',
  [BindingStatus.MAG_NOT_AUTHORIZED_FOR_PROXY_REG]: 'this MAG is missing in its configuration',
  [BindingStatus.GRE_KEY_OPTION_REQUIRED]: 'it wants GRE with keys',
};

/** RFC 5213 §6.9.1.2 "Receiving Proxy Binding Acknowledgement": the Status field "is set to any value greater than or equal to 128". */
export function reject(mag: MagContext, binding: Binding, request: Request, answer: BindingAcknowledgement): void {
  mag.stats.pbaRejected++;
  logRejected(mag, binding, request, answer);
  if (request.purpose === 'deregister') {
    dropBinding(mag, binding);
    return;
  }
  if (request.purpose === 'release') {
    finishRelease(mag, binding);
    return;
  }
  binding.request = request;
  if (asksAgain(mag, binding, request, answer)) return;
  // RFC 5213 §6.9.1.2(11): "the mobile access gateway MUST NOT advertise the mobile node's home network prefix(es) ... and MUST
  // deny the mobility service to the mobile node"
  endRefused(mag, binding, statusName(answer.status));
}

/** `true` when the answer was met with another request, or the mobile node is another gateway's. */
function asksAgain(
  mag: MagContext,
  binding: Binding,
  request: Request,
  { status, sequence }: BindingAcknowledgement,
): boolean {
  switch (status) {
    case BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW:
      // RFC 6275 §11.7.3 "Receiving Binding Acknowledgements": "the mobile node MUST update its binding sequence number appropriately to match the sequence number given
      // in the Binding Acknowledgement."
      binding.sequence = sequence;
      return reassert(mag, binding, request);
    case BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED:
      return reassert(mag, binding, request);
    case BindingStatus.PROXY_REG_NOT_ENABLED:
      // RFC 5213 §6.9.1.2(7): "SHOULD NOT send a Proxy Binding Update message again for that mobile node until an
      // administrative action is taken."
      mag.deny(binding.nai, { all: statusName(status) });
      return false;
    case BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE:
      return denyFamily(mag, binding, request, 'ipv4');
    case BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE:
      return denyFamily(mag, binding, request, 'ipv6');
    case BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX:
    case BindingStatus.BCE_PBU_PREFIX_SET_DO_NOT_MATCH:
    case BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS:
      return leaveAssignmentToLma(mag, binding, request);
    case BindingStatus.ADMINISTRATIVELY_PROHIBITED:
      return claimReturned(mag, binding, request);
    case BindingStatus.GRE_KEY_OPTION_REQUIRED:
      return askForKeys(binding) && retryAtOnce(mag, binding, request);
    default:
      return false;
  }
}

/**
 * An LMA answers so to the refresh of a gateway that the node has left. This one saw it come after the LMA last accepted, and it
 * answered before the refresh went out: so the revocation of its stay before was lost, and the LMA hears of its return.
 */
function claimReturned(mag: MagContext, binding: Binding, { purpose }: Request): boolean {
  if (purpose !== 'refresh' || !binding.returned) return false;
  startRequest(mag, binding, 'attach');
  return true;
}

/** RFC 5213 §6.9.1.2(8): "the mobile access gateway SHOULD try to register again to reassert the mobile node's presence". */
function reassert(mag: MagContext, binding: Binding, request: Request): boolean {
  if (hasLeft(request)) {
    abandon(mag, binding);
    return true;
  }
  return retryAtOnce(mag, binding, request);
}

/**
 * RFC 5844 §3.2.3.2(1) "Receiving Proxy Binding Acknowledgement": "the mobile access gateway SHOULD NOT send a Proxy Binding Update message including a IPv4 Home Address
 * Request option until an administrative action is taken", and §3.2.3.2(3) likewise for the prefixes. `true` when the other family was
 * asked for instead; an LMA that denies what was not asked for is not asked again.
 */
function denyFamily(mag: MagContext, binding: Binding, request: Request, family: 'ipv4' | 'ipv6'): boolean {
  mag.deny(binding.nai, { [family]: true });
  const left = requestedFamilies(binding.profile, mag.denial(binding.nai));
  if (!request.families[family] || (!left.ipv4 && !left.ipv6)) return false;
  startRequest(mag, binding, 'attach');
  return true;
}

/**
 * RFC 5213 §6.9.1.2(10): it "SHOULD NOT request the same prefix(es) again, but MAY request the local mobility anchor to do the
 * assignment of prefix(es) by including only one Home Network Prefix option with the prefix value set to ALL_ZERO"; RFC 5844 §3.2.3.2(2) has
 * the same of an IPv4 home address. Chooses: also when the sets of prefixes differ, as a refresh cannot repair that. An attachment
 * that named no address is not repeated.
 */
function leaveAssignmentToLma(mag: MagContext, binding: Binding, request: Request): boolean {
  if (isAttach(request)) return giveUpAddresses(mag, binding, request);
  if (!binding.granted) return false;
  endSession(mag, binding, 'withdrawn');
  mag.bindings.forgetGrant(binding);
  mag.timers.cancel(binding.refreshTimer);
  mag.timers.cancel(binding.expiryTimer);
  startRequest(mag, binding, 'attach');
  return true;
}

/** Those that the profile states are the LMA's to refuse. */
function giveUpAddresses(mag: MagContext, binding: Binding, { purpose }: Request): boolean {
  const { addresses } = binding.profile;
  if (purpose !== 'attach' || !binding.asksForAddresses || !addresses) return false;
  binding.asksForAddresses = false;
  mag.stats.addressesRefused++;
  startRequest(mag, binding, 'attach');
  return true;
}

/**
 * RFC 5213 §6.9.1.2(9): "SHOULD try to register again only after it has synchronized its clock to a common time source"; "SHOULD
 * NOT synchronize its clock to the local mobility anchor's system clock". So the operator is told how far the clocks are apart. Chooses: this
 * clock is somebody else's to set, and may be right by then; each further arrival of the mobile node asks again.
 */
function logRejected(mag: MagContext, binding: Binding, request: Request, answer: BindingAcknowledgement): void {
  const ahead = answer.status === BindingStatus.TIMESTAMP_MISMATCH ? clockAheadSeconds(mag, answer) : undefined;
  const name = statusName(answer.status);
  const clocks = ahead === undefined ? undefined : `the clocks are ${Math.abs(ahead)} s apart, synchronize both`;
  const advice = clocks ?? forcedUdpAdvice(binding, answer.status) ?? ADVICE[answer.status];
  const text = `the LMA rejected the ${request.purpose} of ${binding.nai}: ${name}${advice ? `; ${advice}` : ''}`;
  mag.log('warn', 'pbu-rejected', text, {
    nai: binding.nai,
    lma: binding.lma.name,
    purpose: request.purpose,
    status: answer.status,
    statusName: name,
    ...(ahead !== undefined && { clockAheadSeconds: ahead }),
  });
}

/**
 * RFC 5844 §4.1.3.1 "Processing Proxy Binding Updates": an LMA that does not accept forced UDP encapsulation rejects "with the Status field value set to 129
 * (Administratively prohibited)".
 */
function forcedUdpAdvice({ tunnel }: Binding, status: number): string | undefined {
  if (!tunnel.udp || status !== BindingStatus.ADMINISTRATIVELY_PROHIBITED) return undefined;
  return 'it may not accept the UDP encapsulation that "encap udptunnel" asks for';
}

/** By how much this clock is ahead of the LMA's, to the millisecond. */
function clockAheadSeconds(mag: MagContext, answer: BindingAcknowledgement): number | undefined {
  const timestamp = findOption(answer.options, 'timestamp');
  return timestamp && Math.round((mag.now as ClockReading).utc - timestampToUtc(timestamp)) / 1000;
}
