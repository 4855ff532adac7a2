import { bytesEqual } from '#base/bytes.ts';
import { type BindingAcknowledgement, BindingAcknowledgementFlag, findOption } from '#wire/mobility/index.ts';
import type { Binding, Request } from './state.ts';
import type { MagStats } from './stats.ts';

/** One reason for ignoring a Proxy Binding Acknowledgement that answers a request by its sequence number. */
export interface AcknowledgementCheck {
  readonly step: string;
  readonly rfc: string;
  readonly counter: keyof MagStats;
  /** RFC 5213 §6.9.1.2(6) "Receiving Proxy Binding Acknowledgement": "MUST NOT retransmit the Proxy Binding Update message until an administrative action is taken." */
  readonly endsRequest: boolean;
  passes(acknowledgement: BindingAcknowledgement, binding: Binding, request: Request): boolean;
}

/** In the order of RFC 5213 §6.9.1.2 "Receiving Proxy Binding Acknowledgement". */
export const acknowledgementChecks: readonly AcknowledgementCheck[] = [
  {
    step: 'proxy-flag',
    rfc: 'RFC 5213 §6.9.1.2(1)',
    counter: 'pbaWithoutProxyFlag',
    endsRequest: false,
    passes: (acknowledgement) => (acknowledgement.flags & BindingAcknowledgementFlag.P) !== 0,
  },
  {
    // "if the received Proxy Binding Acknowledgement message does not match any of the Proxy Binding Update messages that it
    // sent recently, the message MUST be ignored."
    step: 'same-mobile-node',
    rfc: 'RFC 5213 §6.9.1.2(5)',
    counter: 'pbaUnmatched',
    endsRequest: false,
    passes: (acknowledgement, binding) => {
      const option = findOption(acknowledgement.options, 'mobile-node-identifier');
      return option === undefined || sameText(option.identifier, binding.nai);
    },
  },
  {
    // "carrying option values that are different from the option values present in the corresponding request (Proxy Binding
    // Update) message, the message MUST be ignored"
    step: 'options-echoed',
    rfc: 'RFC 5213 §6.9.1.2(6)',
    counter: 'pbaEchoMismatch',
    endsRequest: true,
    passes: (acknowledgement, binding, request) => {
      const { options } = acknowledgement;
      const handoff = findOption(options, 'handoff-indicator');
      const access = findOption(options, 'access-technology-type');
      const linkLayer = findOption(options, 'mobile-node-link-layer-identifier');
      return (
        (handoff === undefined || handoff.indicator === request.handoffIndicator) &&
        (access === undefined || access.accessTechnology === request.accessTechnology) &&
        (linkLayer === undefined || bytesEqual(linkLayer.identifier, binding.mac.toBytes()))
      );
    },
  },
];

function sameText(bytes: Uint8Array, text: string): boolean {
  return bytesEqual(bytes, new TextEncoder().encode(text));
}
