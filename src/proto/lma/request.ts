import { toHex } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import type { BindingUpdate } from '#wire/mobility/index.ts';
import { findOption, findOptions, MobileNodeIdentifierSubtype } from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import type { CareOfAddress, MobileNodeIdentity, WireTimestamp } from './binding.ts';

/** A Proxy Binding Update with its options sorted out; `undefined` where the option is absent. Nothing is judged yet. */
export interface ProxyBindingRequest {
  readonly from: PeerAddress;
  readonly message: BindingUpdate;
  readonly customer: number;
  readonly sequence: number;
  readonly lifetime: Duration;
  readonly careOf: CareOfAddress;
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
}

export interface HomeAddressRequest {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
}

/** Chooses: one customer for now; the index is in every key so that more can come. */
const ONLY_CUSTOMER = 0;

/** `local` and `remote` are the two ends of the IPv6 exchange in which `message` came. */
export function readRequest(
  from: PeerAddress,
  local: Ipv6Address,
  remote: Ipv6Address,
  message: BindingUpdate,
): ProxyBindingRequest {
  const { options } = message;
  const identifier = findOption(options, 'mobile-node-identifier');
  const timestamp = findOption(options, 'timestamp');
  const prefixes = findOptions(options, 'home-network-prefix').map((option) => option.prefix);
  return {
    from,
    message,
    customer: ONLY_CUSTOMER,
    sequence: message.sequence,
    lifetime: message.lifetime,
    careOf: { address: findOption(options, 'alternate-care-of-address')?.address ?? remote, local },
    mobileNode: identifier && identifier.identifier.length > 0 ? identityOf(identifier) : undefined,
    prefixes,
    namedPrefixes: prefixes.filter((prefix) => !prefix.isAllZero),
    homeAddressRequests: findOptions(options, 'ipv4-home-address-request'),
    handoffIndicator: findOption(options, 'handoff-indicator')?.indicator,
    accessTechnology: findOption(options, 'access-technology-type')?.accessTechnology,
    linkLayerIdentifier: linkLayerKey(findOption(options, 'mobile-node-link-layer-identifier')?.identifier),
    linkLocalAddress: findOption(options, 'link-local-address')?.address,
    timestamp: timestamp && { seconds: timestamp.seconds, fraction: timestamp.fraction },
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
