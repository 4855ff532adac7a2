import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface SubscriptionResponse {
  readonly kind: 'subscription-response';
  /** 8 bits. */
  readonly sequence: number;
  /** I: the message carries multicast subscriptions. */
  readonly multicastInformation: boolean;
  readonly options: readonly MobilityOption[];
}

const MULTICAST_INFORMATION = 0x80;

export const subscriptionResponse = defineMobilityMessage<SubscriptionResponse>({
  type: 23,
  kind: 'subscription-response',
  name: 'Subscription Response',
  rfc: 'RFC 7161 §4.3.2 "Subscription Response Message"',
  optionsAt: 8,
  decode: (bytes, options) => ({
    kind: 'subscription-response',
    sequence: bytes[6] as number,
    multicastInformation: ((bytes[7] as number) & MULTICAST_INFORMATION) !== 0,
    options,
  }),
  encode(message, out) {
    out[6] = message.sequence;
    out[7] = message.multicastInformation ? MULTICAST_INFORMATION : 0;
  },
});
