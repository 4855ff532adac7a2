/** Every message that we read and write, in the order of their numbers. The types follow from this array. */
import { bindingAcknowledgement } from './binding-acknowledgement.ts';
import { bindingError } from './binding-error.ts';
import { bindingRefreshRequest } from './binding-refresh-request.ts';
import { bindingRevocationAcknowledgement } from './binding-revocation-acknowledgement.ts';
import { bindingRevocationIndication } from './binding-revocation-indication.ts';
import { bindingUpdate } from './binding-update.ts';
import { careOfTest } from './care-of-test.ts';
import { careOfTestInit } from './care-of-test-init.ts';
import { fastBindingAcknowledgement } from './fast-binding-acknowledgement.ts';
import { fastBindingUpdate } from './fast-binding-update.ts';
import { flowBindingAcknowledgement } from './flow-binding-acknowledgement.ts';
import { flowBindingIndication } from './flow-binding-indication.ts';
import { handoverAcknowledge } from './handover-acknowledge.ts';
import { handoverInitiate } from './handover-initiate.ts';
import { heartbeat } from './heartbeat.ts';
import { homeTest } from './home-test.ts';
import { homeTestInit } from './home-test-init.ts';
import { localizedRoutingAcknowledgement } from './localized-routing-acknowledgement.ts';
import { localizedRoutingInitiation } from './localized-routing-initiation.ts';
import type { MobilityMessageCodec } from './message.ts';
import { subscriptionQuery } from './subscription-query.ts';
import { subscriptionResponse } from './subscription-response.ts';
import { updateNotification } from './update-notification.ts';
import { updateNotificationAcknowledgement } from './update-notification-acknowledgement.ts';

export const MOBILITY_MESSAGES = [
  bindingRefreshRequest,
  homeTestInit,
  careOfTestInit,
  homeTest,
  careOfTest,
  bindingUpdate,
  bindingAcknowledgement,
  bindingError,
  fastBindingUpdate,
  fastBindingAcknowledgement,
  heartbeat,
  handoverInitiate,
  handoverAcknowledge,
  bindingRevocationIndication,
  bindingRevocationAcknowledgement,
  localizedRoutingInitiation,
  localizedRoutingAcknowledgement,
  updateNotification,
  updateNotificationAcknowledgement,
  flowBindingIndication,
  flowBindingAcknowledgement,
  subscriptionQuery,
  subscriptionResponse,
] as const;

type MessageOf<Codec> = Codec extends MobilityMessageCodec<number, infer Message> ? Message : never;

export type KnownMobilityMessage = MessageOf<(typeof MOBILITY_MESSAGES)[number]>;

/** A message without a codec here; it is written back octet for octet. */
export interface UnknownMobilityMessage {
  readonly kind: 'unknown-mobility-message';
  readonly type: number;
  /** From offset 6 of the header to its end. */
  readonly data: Uint8Array;
}

export type MobilityMessage = KnownMobilityMessage | UnknownMobilityMessage;
