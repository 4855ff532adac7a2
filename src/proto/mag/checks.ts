import { bytesEqual, toHex } from '#base/bytes.ts';
import { characters } from '#base/characters.ts';
import { type BindingAcknowledgement, BindingAcknowledgementFlag, findOption } from '#wire/mobility/index.ts';
import { identityText, linkLayerIdentifier } from './dialect.ts';
import type { Binding, Request } from './state.ts';
import type { MagStats } from './stats.ts';

/** One reason for ignoring a Proxy Binding Acknowledgement that answers a request by its sequence number. */
export interface AcknowledgementCheck {
  readonly step: string;
  readonly rfc: string;
  readonly counter: keyof MagStats;
  /** RFC 5213 §6.9.1.2(6) "Receiving Proxy Binding Acknowledgement": "MUST NOT retransmit the Proxy Binding Update message until an administrative action is taken." */
  readonly endsRequest: boolean;
  /** What the operator can do about it. */
  readonly advice: string;
  /** What is wrong, if anything is. */
  fault(acknowledgement: BindingAcknowledgement, binding: Binding, request: Request): string | undefined;
}

/** What becomes of the mobile node. */
export const NOT_ASKED_AGAIN = 'the mobile node is not asked for again until its binding is cleared here';

const TOLERATE = '"interop tolerant" for this LMA accepts that';

/** In the order of RFC 5213 §6.9.1.2 "Receiving Proxy Binding Acknowledgement". A tolerated peer may leave all of it out, or say something else. */
export const acknowledgementChecks: readonly AcknowledgementCheck[] = [
  {
    step: 'proxy-flag',
    rfc: 'RFC 5213 §6.9.1.2(1)',
    counter: 'pbaWithoutProxyFlag',
    endsRequest: false,
    advice: TOLERATE,
    fault: ({ flags }) => ((flags & BindingAcknowledgementFlag.P) === 0 ? 'it has no P flag' : undefined),
  },
  {
    // "carrying option values that are different from the option values present in the corresponding request (Proxy Binding
    // Update) message, the message MUST be ignored"
    step: 'options-echoed',
    rfc: 'RFC 5213 §6.9.1.2(6)',
    counter: 'pbaEchoMismatch',
    endsRequest: true,
    advice: `${TOLERATE}; ${NOT_ASKED_AGAIN}`,
    fault: echoFault,
  },
];

/** How the options of an acknowledgement differ from those of the request, as far as it has them. */
export function echoFault({ options }: BindingAcknowledgement, binding: Binding, request: Request): string | undefined {
  const handoff = findOption(options, 'handoff-indicator')?.indicator;
  const access = findOption(options, 'access-technology-type')?.accessTechnology;
  const linkLayer = findOption(options, 'mobile-node-link-layer-identifier')?.identifier;
  const sent = linkLayerIdentifier(binding);
  const faults = [
    unlike('Handoff Indicator', handoff, request.handoffIndicator),
    unlike('Access Technology Type', access, request.accessTechnology),
    unlike('Mobile Node Link-layer Identifier', linkLayer && toHex(linkLayer), toHex(sent)),
  ].filter((fault) => fault !== undefined);
  return faults.length > 0 ? faults.join(', ') : undefined;
}

/** Of the checks that apply to the LMA of a binding, the first that finds fault. */
export function faultOf(
  acknowledgement: BindingAcknowledgement,
  binding: Binding,
  request: Request,
): { readonly check: AcknowledgementCheck; readonly fault: string } | undefined {
  if (binding.lma.interop === 'tolerant') return undefined;
  for (const check of acknowledgementChecks) {
    const fault = check.fault(acknowledgement, binding, request);
    if (fault !== undefined) return { check, fault };
  }
  return undefined;
}

function unlike(option: string, said: number | string | undefined, sent: number | string): string | undefined {
  return said === undefined || said === sent ? undefined : `${option} ${said} where ${sent} was sent`;
}

/**
 * The name in an acknowledgement, as text or hexadecimal, if it is that of another mobile node than of `binding`. A tolerated peer may add octets
 * to the name, or name the node by two octets of zero and its link-layer address.
 */
export function namesAnother({ options }: BindingAcknowledgement, binding: Binding): string | undefined {
  const name = findOption(options, 'mobile-node-identifier')?.identifier;
  if (name === undefined) return undefined;
  const own = new TextEncoder().encode(identityText(binding));
  if (bytesEqual(name, own)) return undefined;
  if (binding.lma.interop === 'tolerant') {
    const raw = Uint8Array.of(0, 0, ...binding.mac.toBytes());
    if ([own, raw].some((each) => bytesEqual(name.subarray(0, each.length), each))) return undefined;
  }
  return name.every((octet) => octet > 0x20 && octet < 0x7f) ? characters(name) : toHex(name);
}
