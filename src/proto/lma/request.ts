import { sameAddress } from '#base/ip-address.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import type { BindingUpdate } from '#wire/mobility/index.ts';
import { BindingUpdateFlag, findOption, findOptions } from '#wire/mobility/index.ts';
import type { Interop, PeerAddress } from '../peer.ts';
import type { WireTimestamp } from '../wire-timestamp.ts';
import type { MessageId, TunnelEnds } from './binding.ts';
import type { Reading } from './dialect.ts';
import { readAs } from './dialect.ts';

/** A Proxy Binding Update with its options sorted out; `undefined` where the option is absent. Nothing is judged yet. */
export interface ProxyBindingRequest extends Reading {
  readonly from: PeerAddress;
  readonly interop: Interop;
  readonly message: BindingUpdate;
  readonly customer: number;
  readonly sequence: number;
  readonly lifetime: Duration;
  readonly careOf: TunnelEnds;
  readonly tunnel: TunnelRequest;
  /** The NON_ZERO ones. */
  readonly namedPrefixes: readonly Ipv6Prefix[];
  readonly homeAddressRequests: readonly HomeAddressRequest[];
  readonly handoffIndicator: number | undefined;
  readonly accessTechnology: number | undefined;
  readonly linkLocalAddress: Ipv6Address | undefined;
  /** For the order of messages; a tolerated peer has none. */
  readonly timestamp: WireTimestamp | undefined;
  /** RFC 4285 §6 "Mobility Message Replay Protection Option": an NTP timestamp. */
  readonly messageId: MessageId | undefined;
}

/** What a request says of its tunnel. */
export interface TunnelRequest {
  /** The F flag: UDP encapsulation whether a NAT is on the way or not. */
  readonly forcesUdp: boolean;
  /** The T flag. */
  readonly asksForTlvHeader: boolean;
  /** The GRE Key option. */
  readonly gre: { readonly key: number | undefined } | undefined;
  /** The sender's own idea of its address, in the IPv4 Care-of Address option, is not where the message came from. */
  readonly natDetected: boolean;
  /** It is: no NAT is on the way. Neither holds where the sender does not state it. */
  readonly natExcluded: boolean;
}

export interface HomeAddressRequest {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
}

/** Chooses: one customer for now; the index is in every key so that more can come. */
export const ONLY_CUSTOMER = 0;

export function readRequest(from: PeerAddress, message: BindingUpdate, interop: Interop): ProxyBindingRequest {
  const { options } = message;
  const timestamp = interop === 'tolerant' ? undefined : findOption(options, 'timestamp');
  const messageId = findOption(options, 'replay-protection');
  const { mobileNode, prefixes, longPrefixes, linkLayerIdentifier, service } = readAs(interop, options);
  // Field by field: an object that grows by spreading costs several times as much.
  return {
    mobileNode,
    prefixes,
    longPrefixes,
    linkLayerIdentifier,
    service,
    from,
    interop,
    message,
    customer: ONLY_CUSTOMER,
    sequence: message.sequence,
    lifetime: message.lifetime,
    careOf: careOfAddress(from, message),
    tunnel: readTunnel(from, message),
    namedPrefixes: namedAmong(prefixes),
    homeAddressRequests: findOptions(options, 'ipv4-home-address-request'),
    handoffIndicator: findOption(options, 'handoff-indicator')?.indicator,
    accessTechnology: findOption(options, 'access-technology-type')?.accessTechnology,
    linkLocalAddress: findOption(options, 'link-local-address')?.address,
    timestamp: timestamp && { seconds: timestamp.seconds, fraction: timestamp.fraction },
    messageId: messageId && { seconds: messageId.seconds, fraction: messageId.fraction },
  };
}

/** What most say of theirs. */
const PLAIN: TunnelRequest = {
  forcesUdp: false,
  asksForTlvHeader: false,
  gre: undefined,
  natDetected: false,
  natExcluded: false,
};

const NO_PREFIXES: readonly Ipv6Prefix[] = [];

function namedAmong(prefixes: readonly Ipv6Prefix[]): readonly Ipv6Prefix[] {
  if (prefixes.every(isAllZero)) return NO_PREFIXES;
  return prefixes.some(isAllZero) ? prefixes.filter((prefix) => !isAllZero(prefix)) : prefixes;
}

function isAllZero(prefix: Ipv6Prefix): boolean {
  return prefix.isAllZero;
}

/**
 * RFC 5844 §4.1.1 "Extensions to Binding Cache Entry", §4.1.1(1), of the IPv4 Proxy Care-of Address: "The address MUST be the same as the source address of the
 * received IPv4 packet that contains the Proxy Binding Update message." Over IPv6 an Alternate Care-of Address option replaces the source.
 */
function careOfAddress({ transport, local, remote }: PeerAddress, { options }: BindingUpdate): TunnelEnds {
  const alternate = transport === 'ipv6' ? findOption(options, 'alternate-care-of-address') : undefined;
  return { address: alternate?.address ?? remote, local };
}

/**
 * RFC 5844 §4.1.3.1 "Processing Proxy Binding Updates" has UDP encapsulation over IPv4 only; the F flag says nothing over IPv6.
 */
function readTunnel({ transport, remote }: PeerAddress, { flags, options }: BindingUpdate): TunnelRequest {
  const own = findOption(options, 'ipv4-care-of-address');
  const gre = findOption(options, 'gre-key');
  if (!own && !gre && (flags & (BindingUpdateFlag.F | BindingUpdateFlag.T)) === 0) return PLAIN;
  const overIpv4 = transport === 'ipv4-udp';
  return {
    forcesUdp: overIpv4 && (flags & BindingUpdateFlag.F) !== 0,
    asksForTlvHeader: (flags & BindingUpdateFlag.T) !== 0,
    gre,
    natDetected: overIpv4 && own !== undefined && !sameAddress(own.address, remote),
    natExcluded: own !== undefined && sameAddress(own.address, remote),
  };
}
