import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { ClockReading, Duration } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import type { BindingAcknowledgement, MobilityOption } from '#wire/mobility/index.ts';
import {
  BindingAcknowledgementFlag,
  BindingStatus,
  findOption,
  Ipv4HomeAddressStatus,
  MobileNodeIdentifierSubtype,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import type { Binding } from './binding.ts';
import { NTP_SECONDS_AT_1970 } from './binding.ts';
import { lengthened } from './dialect.ts';
import type { ProxyBindingRequest } from './request.ts';
import type { TunnelShape } from './tunnel.ts';
import { addTunnelOptions, tunnelFlags } from './tunnel.ts';

/** RFC 6543 §3 "IANA Considerations": what every MAG of a domain shows a mobile node when nobody chose otherwise. */
export const FIXED_LINK_LOCAL_ADDRESS = new Ipv6Address(0xfe800000, 0, 0x02005eff, 0xfe005213);

const NO_LIFETIME: Duration = milliseconds(0);

/**
 * RFC 5213 §5.3.6 "Constructing the Proxy Binding Acknowledgement Message", for an accepted request. RFC 5213 §5.3.6(1): the anchor "MUST construct the message as specified
 * below." RFC 5213 §5.3.1(14) "Processing Proxy Binding Updates": "with any Status field value". `advice` stands at the end.
 */
export function acceptance(
  request: ProxyBindingRequest,
  shape: TunnelShape,
  binding: Binding,
  lifetime: Duration,
  advice?: MobilityOption,
): BindingAcknowledgement {
  const options = [identifierOption(request)];
  addAssignedPrefixes(options, request, binding);
  addEchoedHandoff(options, request);
  // RFC 5213 §5.5(7) "Timestamp Option for Message Ordering": "the local mobility anchor MUST return the same timestamp value in
  // the Timestamp option"
  addTimestamp(options, request, undefined);
  addMessageId(options, request, undefined);
  addEchoedLinkLayerIdentifier(options, request);
  addLinkLocal(options, request, binding.linkLocalAddress);
  addAssignedHomeAddress(options, request, binding);
  addTunnelOptions(options, shape, binding.uplinkKey);
  if (advice) options.push(advice);
  return acknowledge(shape.status, tunnelFlags(shape), request.sequence, lifetime, options);
}

/** The same for a rejected one. `lastSequence` is what a request with too low a sequence number is told. */
export function rejection(
  request: ProxyBindingRequest,
  status: number,
  now: ClockReading,
  lastSequence: number,
): BindingAcknowledgement {
  const timestampFailed =
    status === BindingStatus.TIMESTAMP_MISMATCH || status === BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED;
  const sequence = status === BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW ? lastSequence : request.sequence;
  const options = [identifierOption(request)];
  addEchoedPrefixes(options, request);
  addEchoedHandoff(options, request);
  // RFC 5213 §5.5(8), (9): "The message MUST also include the Timestamp option with the value set to the current time of day on the
  // local mobility anchor."
  addTimestamp(options, request, timestampFailed ? timestampFromUtc(now.utc) : undefined);
  addMessageId(options, request, status === BindingStatus.MIPV6_ID_MISMATCH ? now : undefined);
  addEchoedLinkLayerIdentifier(options, request);
  addLinkLocal(options, request, request.linkLocalAddress);
  addRefusedHomeAddress(options, request, status);
  return acknowledge(status, 0, sequence, NO_LIFETIME, options);
}

function acknowledge(
  status: number,
  moreFlags: number,
  sequence: number,
  lifetime: Duration,
  options: readonly MobilityOption[],
): BindingAcknowledgement {
  // "/* P flag must be set to value of 1 */"
  const flags = BindingAcknowledgementFlag.P | moreFlags;
  return { kind: 'binding-acknowledgement', status, flags, sequence, lifetime, options };
}

/**
 * RFC 5213 §5.3.6(4): "The identifier field in the option MUST be copied from the Mobile Node Identifier option in the received Proxy Binding Update
 * message. If the option was not present in the request, the identifier in the option MUST be set to a zero length identifier."
 */
function identifierOption({ message }: ProxyBindingRequest): MobilityOption {
  return (
    findOption(message.options, 'mobile-node-identifier') ?? {
      kind: 'mobile-node-identifier',
      subtype: MobileNodeIdentifierSubtype.NAI,
      identifier: new Uint8Array(0),
    }
  );
}

/**
 * RFC 5213 §5.3.6(5): "... there MUST be a Home Network Prefix option for each of the assigned home network prefixes". RFC 5844 §3.1.2.6(1) "Constructing
 * the Proxy Binding Acknowledgement Message": "if the received Proxy Binding Update message has only the IPv4 Home Address Request
 * option ..., then the local mobility anchor MUST NOT include any Home Network Prefix option(s) in the reply."
 */
function addAssignedPrefixes(options: MobilityOption[], request: ProxyBindingRequest, binding: Binding): void {
  if (request.prefixes.length > 0) addPrefixes(options, request, binding.prefixes);
}

/**
 * "... if the Proxy Binding Update is rejected, all the Home Network Prefix options that were present in the request ... MUST be
 * present in the reply. But, if there was no Home Network Prefix option present in the request, then there MUST be only one Home
 * Network Prefix option with the value in the option set to ALL_ZERO." The exception of RFC 5844 §3.1.2.6 holds here too.
 */
function addEchoedPrefixes(options: MobilityOption[], request: ProxyBindingRequest): void {
  const { prefixes, homeAddressRequests } = request;
  if (prefixes.length > 0) addPrefixes(options, request, prefixes);
  else if (homeAddressRequests.length === 0) addPrefixes(options, request, [Ipv6Prefix.allZero]);
}

/** Chooses: a tolerated peer that writes a length of 128 reads such. */
function addPrefixes(
  options: MobilityOption[],
  { longPrefixes }: ProxyBindingRequest,
  prefixes: readonly Ipv6Prefix[],
): void {
  for (const one of prefixes) {
    const prefix = longPrefixes ? lengthened(one) : one;
    options.push({ kind: 'home-network-prefix', prefix, offLink: false });
  }
}

/**
 * RFC 5213 §5.3.6(6) Handoff Indicator and §5.3.6(7) Access Technology Type: copied; "If the option was not present in the request, the value ... MUST be set to
 * zero."
 */
function addEchoedHandoff(
  options: MobilityOption[],
  { handoffIndicator, accessTechnology }: ProxyBindingRequest,
): void {
  options.push({ kind: 'handoff-indicator', indicator: handoffIndicator ?? 0 });
  options.push({ kind: 'access-technology-type', accessTechnology: accessTechnology ?? 0 });
}

/**
 * RFC 5213 §5.3.6(8): "The Timestamp option MUST be present only if the same option was present in the received Proxy Binding Update message"; RFC 5213 §5.5(1): then
 * the anchor "MUST include a valid Timestamp option". `instead`: of its value.
 */
function addTimestamp(
  options: MobilityOption[],
  { message }: ProxyBindingRequest,
  instead: MobilityOption | undefined,
): void {
  const option = findOption(message.options, 'timestamp');
  if (option) options.push(instead ?? option);
}

/**
 * RFC 4285 §6 "Mobility Message Replay Protection Option": "If the timestamp is valid, the Home Agent copies the entire Timestamp field into the Timestamp field in the BA it
 * returns to the Mobile Node. If the timestamp is not valid, the Home Agent copies only the low-order 32 bits into the BA, and supplies
 * the high-order 32 bits from its own time of day." `now`: it is not.
 */
function addMessageId(
  options: MobilityOption[],
  { messageId }: ProxyBindingRequest,
  now: ClockReading | undefined,
): void {
  if (!messageId) return;
  const own = now && Math.floor(now.utc / 1000) + NTP_SECONDS_AT_1970;
  options.push({ kind: 'replay-protection', seconds: own ?? messageId.seconds, fraction: messageId.fraction });
}

/**
 * RFC 5213 §5.3.6(9): "The link-layer identifier value MUST be copied from the Mobile Node Link-layer Identifier option present in the received ...
 * message."
 */
function addEchoedLinkLayerIdentifier(options: MobilityOption[], { message }: ProxyBindingRequest): void {
  const option = findOption(message.options, 'mobile-node-link-layer-identifier');
  if (option) options.push(option);
}

/** RFC 5213 §5.3.6(10): "The Link-local Address option MUST be present only if the same option was present in the received Proxy Binding Update message" */
function addLinkLocal(options: MobilityOption[], request: ProxyBindingRequest, address: Ipv6Address | undefined): void {
  if (request.linkLocalAddress && address) options.push({ kind: 'link-local-address', address });
}

/**
 * RFC 5844 §3.1.2.6(2): "there MUST be an IPv4 Home Address Reply option to carry the IPv4 home address assigned for that mobility
 * session". RFC 5844 §3.1.2.6(3): "The IPv4 Default-Router Address option (Section 3.3.3) MUST be present, if the Status field value ... is set to 0".
 * Chooses: both only when the request asked for IPv4, so that a MAG which did not is sent nothing that it may not know.
 */
function addAssignedHomeAddress(
  options: MobilityOption[],
  request: ProxyBindingRequest,
  { homeAddress }: Binding,
): void {
  if (request.homeAddressRequests.length === 0 || !homeAddress) return;
  const { address, prefixLength, defaultRouter } = homeAddress;
  options.push(replyOption(Ipv4HomeAddressStatus.SUCCESS, prefixLength, address));
  options.push({ kind: 'ipv4-default-router', address: defaultRouter });
}

/**
 * RFC 5844 §3.1.2.6: "if the Proxy Binding Update is rejected, then there MUST be an IPv4 Home Address Reply option corresponding to
 * the IPv4 Home Address Request option present in the request and with the IPv4 address value and the prefix length fields in the
 * option set to the corresponding values in the request."
 */
function addRefusedHomeAddress(
  options: MobilityOption[],
  { homeAddressRequests }: ProxyBindingRequest,
  status: number,
): void {
  for (const { address, prefixLength } of homeAddressRequests)
    options.push(replyOption(homeAddressStatus(status), prefixLength, address));
}

/**
 * RFC 5844 §3.1.2.2 "Initial Binding Registration (New Mobility Session)": 129 goes with an address that is not authorized
 * (RFC 5844 §3.1.2.2(2)), 128 with lack of resources (RFC 5844 §3.1.2.2(3)).
 */
function homeAddressStatus(status: number): number {
  const prohibited =
    status === BindingStatus.NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS ||
    status === BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE;
  return prohibited ? Ipv4HomeAddressStatus.ADMINISTRATIVELY_PROHIBITED : Ipv4HomeAddressStatus.REASON_UNSPECIFIED;
}

function replyOption(status: number, prefixLength: number, address: Ipv4Address): MobilityOption {
  return { kind: 'ipv4-home-address-reply', status, prefixLength, address };
}
