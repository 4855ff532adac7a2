import { sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Result } from '#base/result.ts';
import type { ClockReading, Duration } from '#base/time.ts';
import { BindingStatus, HandoffIndicator } from '#wire/mobility/index.ts';
import { compareTimestamps, type WireTimestamp } from '../wire-timestamp.ts';
import type { Binding, MessageId, TunnelEnds } from './binding.ts';
import { isCareOf, NTP_SECONDS_AT_1970 } from './binding.ts';
import type { LmaConfig, LmaPeer, NaiProfile } from './events.ts';
import type { Lookup } from './lookup.ts';
import { allowsService } from './profile.ts';
import type { ProxyBindingRequest } from './request.ts';
import type { TunnelShape } from './tunnel.ts';

/** What the checks look at beside the request. */
export interface CheckContext {
  readonly config: LmaConfig;
  readonly now: ClockReading;
  readonly peer: LmaPeer | undefined;
  readonly profile: NaiProfile | undefined;
  /** Every session of this mobile node, and those that are over, as long as their addresses rest: for the order of its messages. */
  readonly accepted: readonly Pick<Binding, 'timestamp' | 'messageId'>[];
  readonly lookup: Lookup;
  /** What the tunnel is to be; the error is the status of a refusal. */
  readonly tunnel: Result<TunnelShape, number>;
}

export interface RegistrationCheck {
  /** The step of RFC 5213 §5.3.1 "Processing Proxy Binding Updates" at which it stands. */
  readonly step: string;
  readonly rfc: string;
  readonly status: number;
  /** True when the request passes. */
  readonly check: (request: ProxyBindingRequest, context: CheckContext) => boolean;
  /** It judges what the profile allows: looked at again with what an AAA server says. */
  readonly ofProfile?: true;
}

/** The first check that the request fails; `undefined` when it passes all. */
export function firstFailure(request: ProxyBindingRequest, context: CheckContext): RegistrationCheck | undefined {
  for (const one of REGISTRATION_CHECKS) if (!one.check(request, context)) return one;
  return undefined;
}

/** The first of those that judge what the profile allows. */
export function firstProfileFailure(
  request: ProxyBindingRequest,
  profile: NaiProfile | undefined,
): RegistrationCheck | undefined {
  // They look at nothing else of the context.
  const context = { profile } as CheckContext;
  return REGISTRATION_CHECKS.find(({ ofProfile, check }) => ofProfile && !check(request, context));
}

/**
 * RFC 5213 §5.3.1 "Processing Proxy Binding Updates", in its order: "the specified order MUST be maintained" (§5.3).
 * §5.3.1(1) to (3) are settled before: authentication by `authentication.ts` or IPsec; §5.3.1(2), "the rules described in Section 9.2 of [RFC3775]" by
 * the host and the codec; and by §5.3.1(3) it "MUST ignore the check ... related to the presence of the Home Address destination option".
 * RFC 5844 §3.1.2.1 "Processing Proxy Binding Updates" adds what concerns IPv4. RFC 5844 §4.1.3.1(2) "Processing Proxy Binding Updates": over IPv4 "all the considerations from Section 5.3.1 of [RFC5213] except Step 1 (about IPsec) MUST be applied".
 */
export const REGISTRATION_CHECKS: readonly RegistrationCheck[] = [
  {
    step: '4',
    rfc: 'RFC 5213 §5.3.1(4)',
    status: BindingStatus.MISSING_MN_IDENTIFIER_OPTION,
    check: ({ mobileNode }) => mobileNode !== undefined,
  },
  {
    step: '6',
    rfc: 'RFC 5213 §5.3.1(6)',
    status: BindingStatus.MAG_NOT_AUTHORIZED_FOR_PROXY_REG,
    // RFC 5213 §5.3.1(5): "to verify that the sender is a trusted mobile access gateway authorized to send Proxy Binding Update messages".
    check: (_, { peer, config }) => peer !== undefined || config.dynamicMagLearning,
  },
  {
    step: '7',
    rfc: 'RFC 5213 §5.3.1(7)',
    status: BindingStatus.NOT_LMA_FOR_THIS_MOBILE_NODE,
    // A profile may name another anchor.
    check: (_, { profile, config }) => profile !== undefined && (profile.lma ?? config.name) === config.name,
  },
  {
    step: '8',
    rfc: 'RFC 5213 §5.3.1(8)',
    status: BindingStatus.PROXY_REG_NOT_ENABLED,
    check: (_, { profile }) => profile?.proxyRegistration !== false,
    ofProfile: true,
  },
  {
    // RFC 5213 §5.3.1(9): "The local mobility anchor MUST apply the considerations specified in Section 5.5".
    // "If the Timestamp field is not valid but the authentication of the BU succeeds, the Home Agent MUST send a Binding Acknowledgement
    // with status code MIPV6-ID-MISMATCH." Chooses: no policy asks for this option, as RFC 5213 has its own, so that
    // MIPV6-MESG-ID-REQD is never sent.
    step: '9',
    rfc: 'RFC 4285 §6 "Mobility Message Replay Protection Option"',
    status: BindingStatus.MIPV6_ID_MISMATCH,
    check: ({ messageId }, context) => messageId === undefined || isFresh(messageId, context),
  },
  {
    step: '9',
    rfc: 'RFC 5213 §5.5(9)',
    status: BindingStatus.TIMESTAMP_MISMATCH,
    check: ({ timestamp }, context) =>
      !judged(timestamp, context) || withinWindow(timestamp, context.config.timestampWindow, context.now),
  },
  {
    step: '9',
    rfc: 'RFC 5213 §5.5(8)',
    status: BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED,
    check: ({ timestamp }, context) => !judged(timestamp, context) || greaterThanAllAccepted(timestamp, context),
  },
  {
    step: '9',
    rfc: 'RFC 6275 §9.5.1',
    status: BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW,
    // RFC 5213 §5.5(2) "Timestamp Option for Message Ordering": "An implementation MUST support the Sequence-Number-based scheme".
    // Chooses: a tolerated peer's number is judged against its own former one only: such gateways do not know each other's.
    // RFC 5213 §5.5(5): "If the Timestamp option is present in the received Proxy Binding
    // Update message, the local mobility anchor MUST ignore the sequence number field in the message."
    check: ({ timestamp, sequence, interop, careOf }, { lookup }) =>
      timestamp !== undefined ||
      lookup.kind !== 'session' ||
      (interop === 'tolerant' && !isCareOf(lookup.binding, careOf)) ||
      isGreaterSequence(sequence, lookup.binding.sequence),
  },
  {
    // RFC 5213 has no place for it. Chooses: here, where the message is known to be fresh, as it may end a session.
    step: '9',
    rfc: 'RFC 5149 §4.2 "Home Agent Considerations"',
    status: BindingStatus.SERVICE_AUTHORIZATION_FAILED,
    check: ({ service, lifetime }, { profile }) =>
      lifetime === 0 || profile === undefined || allowsService(profile, service),
    ofProfile: true,
  },
  {
    step: '10',
    rfc: 'RFC 5213 §5.3.1(10), RFC 5844 §3.1.2.1(1) "Processing Proxy Binding Updates"',
    status: BindingStatus.MISSING_HOME_NETWORK_PREFIX_OPTION,
    check: ({ prefixes, homeAddressRequests }) => prefixes.length + homeAddressRequests.length > 0,
  },
  {
    step: '10',
    rfc: 'RFC 5844 §3.1.2.1(2)',
    status: BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE,
    check: ({ prefixes }, { profile }) => prefixes.length === 0 || profile?.service !== 'ipv4',
    ofProfile: true,
  },
  {
    step: '10',
    rfc: 'RFC 5844 §3.1.2.1(3)',
    status: BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE,
    check: ({ homeAddressRequests }, { profile }) => homeAddressRequests.length === 0 || profile?.service !== 'ipv6',
    ofProfile: true,
  },
  {
    step: '10',
    rfc: 'RFC 5844 §3.1.2.1(4)',
    status: BindingStatus.MULTIPLE_IPV4_HOME_ADDRESS_ASSIGNMENT_NOT_SUPPORTED,
    check: ({ homeAddressRequests }) => homeAddressRequests.length <= 1,
  },
  {
    step: '11',
    rfc: 'RFC 5213 §5.3.1(11)',
    status: BindingStatus.MISSING_HANDOFF_INDICATOR_OPTION,
    check: ({ handoffIndicator }) => handoffIndicator !== undefined,
  },
  {
    step: '12',
    rfc: 'RFC 5213 §5.3.1(12)',
    status: BindingStatus.MISSING_ACCESS_TECH_TYPE_OPTION,
    check: ({ accessTechnology }) => accessTechnology !== undefined,
  },
  {
    step: '13',
    rfc: 'RFC 6275 §6.1.8 "Binding Acknowledgement Message"',
    status: BindingStatus.INVALID_CARE_OF_ADDRESS,
    check: ({ careOf }) => isTunnelEnd(careOf),
  },
  ...[
    { rfc: 'RFC 5213 §5.4.1.1(3)', status: BindingStatus.NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX },
    { rfc: 'RFC 5213 §5.4.1.1(4)', status: BindingStatus.BCE_PBU_PREFIX_SET_DO_NOT_MATCH },
    { rfc: 'RFC 5844 §3.1.2.7', status: BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS },
  ].map(({ rfc, status }) => ({
    step: '13',
    rfc,
    status,
    check: (_: ProxyBindingRequest, { lookup }: CheckContext) => lookup.kind !== 'conflict' || lookup.status !== status,
  })),
  {
    step: '13',
    rfc: 'RFC 5213 §5.3.4',
    status: BindingStatus.ADMINISTRATIVELY_PROHIBITED,
    check: (request, { lookup }) => lookup.kind !== 'session' || !isStaleRefresh(request, lookup.binding),
  },
  ...[
    { rfc: 'RFC 5844 §4.1.3.1(3)', status: BindingStatus.ADMINISTRATIVELY_PROHIBITED },
    { rfc: 'RFC 5845 §5.2(4)', status: BindingStatus.GRE_KEY_OPTION_REQUIRED },
  ].map(({ rfc, status }) => ({
    step: '13',
    rfc,
    status,
    check: (_: ProxyBindingRequest, { tunnel }: CheckContext) => tunnel.ok || tunnel.error !== status,
  })),
];

/**
 * A refresh from a MAG that is not the current one. Chooses: it never moves a binding. RFC 5213 §5.3.1(13) alone would call it a
 * handover; but "handoff state not changed" says that no handover took place, so its sender has missed the node's departure.
 */
export function isStaleRefresh(request: ProxyBindingRequest, binding: Binding): boolean {
  const isRefresh = request.lifetime > 0 && request.handoffIndicator === HandoffIndicator.NOT_CHANGED;
  if (!isRefresh) return false;
  return binding.state === 'revoking' || !isCareOf(binding, request.careOf);
}

/** Both checks of RFC 5213 §5.5 "Timestamp Option for Message Ordering", of a mobile node of which one message was accepted so far. */
export function isInOrder(
  timestamp: WireTimestamp,
  accepted: WireTimestamp | undefined,
  config: LmaConfig,
  now: ClockReading,
): boolean {
  if (!config.timestampCheck) return true;
  const { timestampWindow } = config;
  return withinWindow(timestamp, timestampWindow, now) && isGreater(timestamp, accepted, timestampWindow, now);
}

/** What the order of messages is judged by. */
type OrderContext = Pick<CheckContext, 'accepted' | 'config' | 'now'>;

function judged(timestamp: WireTimestamp | undefined, { config }: OrderContext): timestamp is WireTimestamp {
  return timestamp !== undefined && config.timestampCheck;
}

/**
 * RFC 5213 §5.5(6): "The timestamp value contained in the Timestamp option MUST be close enough (within TimestampValidityWindow amount
 * of time difference) to the local mobility anchor's time-of-day clock." Differs: where nothing is configured that window is 7 s, as in
 * IOS and as RFC 4285 §5.1 "MN-HA Mobility Message Authentication Option" has it, not the 300 ms of RFC 5213 §9.1 "Local Mobility Anchor -Configuration Variables", which refuse gateways whose clocks are kept by plain NTP.
 */
function withinWindow(timestamp: WireTimestamp, window: Duration, now: ClockReading): boolean {
  return Math.abs(now.utc - utcMilliseconds(timestamp)) <= window;
}

/**
 * RFC 5213 §5.5(6): "The timestamp MUST be greater than all previously accepted timestamps in the Proxy Binding Update messages sent
 * for that mobile node." Chooses: an equal one, a duplicate of the network's making, is answered as a lower one: its sender's clock
 * is in order, which TIMESTAMP_MISMATCH would deny. Chooses: one that was
 * accepted counts after the end of its session too, or a copy that the network kept back would begin another. Differs: an accepted one that is further ahead of the clock than the window allows was
 * accepted before the clock was set back; it does not count, or no MAG could register the node until the clock has caught up.
 */
function greaterThanAllAccepted(timestamp: WireTimestamp, { accepted, config, now }: OrderContext): boolean {
  for (const { timestamp: last } of accepted)
    if (!isGreater(timestamp, last, config.timestampWindow, now)) return false;
  return true;
}

function isGreater(
  timestamp: WireTimestamp,
  accepted: WireTimestamp | undefined,
  window: Duration,
  now: ClockReading,
): boolean {
  if (!accepted || utcMilliseconds(accepted) > now.utc + window) return true;
  return compareTimestamps(timestamp, accepted) > 0;
}

/**
 * RFC 4285 §6: "the timestamp contained in the Timestamp field MUST be close enough to the Home Agent's time-of-day clock and the timestamp
 * MUST be greater than all previously accepted timestamps for the requesting Mobile Node."
 */
function isFresh(messageId: MessageId, { accepted, config, now }: CheckContext): boolean {
  const sent = (messageId.seconds - NTP_SECONDS_AT_1970) * 1000 + (messageId.fraction * 1000) / 2 ** 32;
  if (Math.abs(now.utc - sent) > config.timestampWindow) return false;
  return accepted.every(({ messageId: last }) => !last || compareTimestamps(messageId, last) > 0);
}

function utcMilliseconds({ seconds, fraction }: WireTimestamp): number {
  return seconds * 1000 + (fraction * 1000) / 65536;
}

/**
 * RFC 5213 §6.9.1.5 "Constructing the Proxy Binding Update Message" has the Proxy-CoA be a global address, and lets an Alternate Care-of
 * Address option name it. Chooses: no other end of a tunnel than a unicast address of another node, whoever names it.
 */
function isTunnelEnd({ address, local }: TunnelEnds): boolean {
  if (sameAddress(address, local)) return false;
  if (address instanceof Ipv4Address) {
    return !address.isMulticast && !address.isUnspecified && address.word >>> 24 !== 127;
  }
  const { w0, w1, w2 } = address;
  const isSpecial = (w0 | w1) === 0 && (w2 === 0 || w2 === 0xffff);
  return !isSpecial && !address.isMulticast && !address.isLinkLocal;
}

/**
 * RFC 6275 §9.5.1 "Receiving Binding Updates": "A Sequence Number in a received Binding Update is considered less than or equal to
 * the last received number if its value lies in the range of the last received number and the preceding 32768 values, inclusive."
 */
function isGreaterSequence(sequence: number, last: number): boolean {
  const ahead = (sequence - last) & 0xffff;
  return ahead > 0 && ahead < 0x8000;
}
