import { bytesEqual } from '#base/bytes.ts';
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
  readonly advice?: string;
  passes(acknowledgement: BindingAcknowledgement, binding: Binding, request: Request): boolean;
}

/** In the order of RFC 5213 §6.9.1.2 "Receiving Proxy Binding Acknowledgement". */
export const acknowledgementChecks: readonly AcknowledgementCheck[] = [
  {
    step: 'proxy-flag',
    rfc: 'RFC 5213 §6.9.1.2(1)',
    counter: 'pbaWithoutProxyFlag',
    endsRequest: false,
    advice: '"interop tolerant" for this LMA accepts an acknowledgement without the P flag',
    passes: ({ flags }, { lma }) => lma.interop === 'tolerant' || (flags & BindingAcknowledgementFlag.P) !== 0,
  },
  {
    // "carrying option values that are different from the option values present in the corresponding request (Proxy Binding
    // Update) message, the message MUST be ignored"
    step: 'options-echoed',
    rfc: 'RFC 5213 §6.9.1.2(6)',
    counter: 'pbaEchoMismatch',
    endsRequest: true,
    advice: 'the mobile node is not asked for again until its binding is cleared here',
    passes: (acknowledgement, binding, request) => {
      const { options } = acknowledgement;
      const handoff = findOption(options, 'handoff-indicator');
      const access = findOption(options, 'access-technology-type');
      const linkLayer = findOption(options, 'mobile-node-link-layer-identifier');
      return (
        (handoff === undefined || handoff.indicator === request.handoffIndicator) &&
        (access === undefined || access.accessTechnology === request.accessTechnology) &&
        (linkLayer === undefined || bytesEqual(linkLayer.identifier, linkLayerIdentifier(binding)))
      );
    },
  },
];

/** Whether the acknowledgement is for another mobile node than that of `binding`. A tolerated peer may add octets to the name. */
export function namesAnother({ options }: BindingAcknowledgement, binding: Binding): boolean {
  const name = findOption(options, 'mobile-node-identifier')?.identifier;
  if (name === undefined) return false;
  const own = new TextEncoder().encode(identityText(binding));
  return !bytesEqual(binding.lma.interop === 'tolerant' ? name.subarray(0, own.length) : name, own);
}
