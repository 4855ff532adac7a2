import { toHex } from '#base/bytes.ts';
import { sameAddress } from '#base/ip-address.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import type { BindingUpdate } from '#wire/mobility/index.ts';
import { BindingUpdateFlag, findOption, findOptions, MobileNodeIdentifierSubtype } from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import type { MessageId, MobileNodeIdentity, TunnelEnds, WireTimestamp } from './binding.ts';

/** A Proxy Binding Update with its options sorted out; `undefined` where the option is absent. Nothing is judged yet. */
export interface ProxyBindingRequest {
  readonly from: PeerAddress;
  readonly message: BindingUpdate;
  readonly customer: number;
  readonly sequence: number;
  readonly lifetime: Duration;
  readonly careOf: TunnelEnds;
  readonly tunnel: TunnelRequest;
  readonly mobileNode: MobileNodeIdentity | undefined;
  /** Every Home Network Prefix option, those that ask for one with ALL_ZERO too. */
  readonly prefixes: readonly Ipv6Prefix[];
  /** The NON_ZERO ones. */
  readonly namedPrefixes: readonly Ipv6Prefix[];
  readonly homeAddressRequests: readonly HomeAddressRequest[];
  readonly handoffIndicator: number | undefined;
  readonly accessTechnology: number | undefined;
  /** Hexadecimal; empty when the option is absent or ALL_ZERO. */
  readonly linkLayerIdentifier: string;
  readonly linkLocalAddress: Ipv6Address | undefined;
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
}

export interface HomeAddressRequest {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
}

/** Chooses: one customer for now; the index is in every key so that more can come. */
const ONLY_CUSTOMER = 0;

export function readRequest(from: PeerAddress, message: BindingUpdate): ProxyBindingRequest {
  const { options } = message;
  const identifier = findOption(options, 'mobile-node-identifier');
  const timestamp = findOption(options, 'timestamp');
  const messageId = findOption(options, 'replay-protection');
  const prefixes = findOptions(options, 'home-network-prefix').map((option) => option.prefix);
  return {
    from,
    message,
    customer: ONLY_CUSTOMER,
    sequence: message.sequence,
    lifetime: message.lifetime,
    careOf: careOfAddress(from, message),
    tunnel: readTunnel(from, message),
    mobileNode: identifier && identifier.identifier.length > 0 ? identityOf(identifier) : undefined,
    prefixes,
    namedPrefixes: prefixes.filter((prefix) => !prefix.isAllZero),
    homeAddressRequests: findOptions(options, 'ipv4-home-address-request'),
    handoffIndicator: findOption(options, 'handoff-indicator')?.indicator,
    accessTechnology: findOption(options, 'access-technology-type')?.accessTechnology,
    linkLayerIdentifier: linkLayerKey(findOption(options, 'mobile-node-link-layer-identifier')?.identifier),
    linkLocalAddress: findOption(options, 'link-local-address')?.address,
    timestamp: timestamp && { seconds: timestamp.seconds, fraction: timestamp.fraction },
    messageId: messageId && { seconds: messageId.seconds, fraction: messageId.fraction },
  };
}

/**
 * RFC 5844 §4.1.1 "Extensions to Binding Cache Entry", of the IPv4 Proxy Care-of Address: "The address MUST be the same as the source address of the
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
  const overIpv4 = transport === 'ipv4-udp';
  return {
    forcesUdp: overIpv4 && (flags & BindingUpdateFlag.F) !== 0,
    asksForTlvHeader: (flags & BindingUpdateFlag.T) !== 0,
    gre: findOption(options, 'gre-key'),
    natDetected: overIpv4 && own !== undefined && !sameAddress(own.address, remote),
  };
}

/**
 * A name that differs whenever subtype or octets differ: the text of a Network Access Identifier of printable ASCII,
 * otherwise the subtype and hexadecimal.
 */
export function identityOf({ subtype, identifier }: { subtype: number; identifier: Uint8Array }): MobileNodeIdentity {
  const printable = subtype === MobileNodeIdentifierSubtype.NAI && identifier.every((o) => o > 0x20 && o < 0x7f);
  const name = printable ? String.fromCharCode(...identifier) : `\\${subtype}\\${toHex(identifier)}`;
  return { subtype, identifier, name };
}

function linkLayerKey(identifier: Uint8Array | undefined): string {
  return identifier?.some((octet) => octet !== 0) ? toHex(identifier) : '';
}
