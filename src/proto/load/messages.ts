import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { type Duration, milliseconds, type UtcTime } from '#base/time.ts';
import {
  AccessTechnologyType,
  BindingRevocationFlag,
  type BindingUpdate,
  BindingUpdateFlag,
  HandoffIndicator,
  MobileNodeIdentifierSubtype,
  type MobilityMessage,
  type MobilityOption,
  RevocationStatus,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';
import { echoedStamp } from '../revocation/sender.ts';

/** What a mobile node does: it comes, stays longer, goes to the next MAG, leaves. */
export const OPERATIONS = ['attach', 'refresh', 'handover', 'detach'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What it wants addresses of. */
export const SERVICES = ['dual', 'ipv4', 'ipv6'] as const;
export type Service = (typeof SERVICES)[number];

/** The addresses that the LMA gave. */
export interface Grant {
  readonly prefixes: readonly Ipv6Prefix[];
  readonly home: { readonly address: Ipv4Address; readonly prefixLength: number } | undefined;
}

export interface UpdateContent {
  readonly node: number;
  readonly realm: string;
  readonly operation: Operation;
  readonly service: Service;
  readonly lifetime: Duration;
  readonly grant: Grant | undefined;
  readonly sequence: number;
  /** Of the Timestamp option, which is absent without it. */
  readonly utc?: UtcTime;
}

const INDICATORS: Readonly<Record<Operation, number>> = {
  attach: HandoffIndicator.NEW_INTERFACE,
  refresh: HandoffIndicator.NOT_CHANGED,
  handover: HandoffIndicator.UNKNOWN,
  detach: HandoffIndicator.UNKNOWN,
};

/**
 * RFC 5213 §6.9.1 "Binding Registrations". A MAG to which a mobile node comes does not know its addresses, and asks for all of them with ALL_ZERO.
 */
export function proxyBindingUpdate(content: UpdateContent): BindingUpdate {
  const { node, realm, operation, service, lifetime, sequence, utc } = content;
  const known = operation === 'refresh' || operation === 'detach' ? content.grant : undefined;
  const options: MobilityOption[] = [
    {
      kind: 'mobile-node-identifier',
      subtype: MobileNodeIdentifierSubtype.NAI,
      identifier: encodeText(identifierText(node, realm)),
    },
  ];
  if (service !== 'ipv4')
    for (const prefix of known?.prefixes ?? [Ipv6Prefix.allZero])
      options.push({ kind: 'home-network-prefix', prefix, offLink: false });
  options.push(
    { kind: 'handoff-indicator', indicator: INDICATORS[operation] },
    { kind: 'access-technology-type', accessTechnology: AccessTechnologyType.IEEE_802_11 },
  );
  if (utc !== undefined) options.push(timestampFromUtc(utc));
  options.push({ kind: 'mobile-node-link-layer-identifier', identifier: linkLayerIdentifier(node) });
  if (service !== 'ipv6') {
    const home = known?.home ?? { address: Ipv4Address.unspecified, prefixLength: 0 };
    options.push({ kind: 'ipv4-home-address-request', ...home });
  }
  return {
    kind: 'binding-update',
    sequence,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
    lifetime: operation === 'detach' ? milliseconds(0) : lifetime,
    options,
  };
}

/** Of a mobile node's name, before its number. */
export const NAME_PREFIX_LENGTH = 2;

export function identifierText(node: number, realm: string): string {
  return `mn${node}@${realm}`;
}

/** From the identifier in an answer, which is between these octets; -1 when it is none of ours. */
export function nodeNumber(octets: Uint8Array, start: number, end: number): number {
  const digits = start + NAME_PREFIX_LENGTH;
  if (digits > end || octets[start] !== 0x6d || octets[start + 1] !== 0x6e) return -1;
  let number = 0;
  for (let i = digits; i < end; i++) {
    const digit = (octets[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return i > digits ? number : -1;
    number = number * 10 + digit;
  }
  return -1;
}

/**
 * What a MAG answers to a request of its LMA: a revocation is obeyed (RFC 5846 §6.1.2 "Sending Binding Revocation Acknowledgement"), a heartbeat answered by a node that
 * has never restarted (RFC 5847 §3.1 "Failure Detection").
 */
export function replyTo(message: MobilityMessage): MobilityMessage | undefined {
  if (message.kind === 'heartbeat' && !message.response) {
    const options = [{ kind: 'restart-counter', counter: 0 } as const];
    return { kind: 'heartbeat', response: true, unsolicited: false, sequence: message.sequence, options };
  }
  if (message.kind !== 'binding-revocation-indication') return undefined;
  const { P, G, V } = BindingRevocationFlag;
  return {
    kind: 'binding-revocation-acknowledgement',
    status: RevocationStatus.SUCCESS,
    sequence: message.sequence,
    flags: message.flags & (P | G | V),
    options: echoedStamp(message.options),
  };
}

/** A locally administered MAC address. */
function linkLayerIdentifier(node: number): Uint8Array {
  return Uint8Array.of(0x02, 0x10, node >>> 24, (node >>> 16) & 0xff, (node >>> 8) & 0xff, node & 0xff);
}
