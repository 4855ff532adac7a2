import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface SubscriptionQuery {
  readonly kind: 'subscription-query';
  /** 8 bits. */
  readonly sequence: number;
  readonly options: readonly MobilityOption[];
}

export const subscriptionQuery = defineMobilityMessage<SubscriptionQuery>({
  type: 22,
  kind: 'subscription-query',
  name: 'Subscription Query',
  rfc: 'RFC 7161 §4.3.1 "Subscription Query Message"',
  optionsAt: 8,
  decode: (bytes, options) => ({ kind: 'subscription-query', sequence: bytes[6] as number, options }),
  encode(message, out) {
    out[6] = message.sequence;
    out[7] = 0;
  },
});
