export type {
  AuthenticatedMessage,
  AuthenticationVerdict,
  MobilitySecurityAssociation,
} from './authentication-data.ts';
export {
  canBeAuthenticated,
  encodeAuthenticated,
  HMAC_SHA1_SPI,
  signAuthentication,
  verifyAuthentication,
} from './authentication-data.ts';
export type { BindingAcknowledgement } from './binding-acknowledgement.ts';
export { BindingAcknowledgementFlag } from './binding-acknowledgement.ts';
export type { BindingError } from './binding-error.ts';
export { BindingErrorStatus } from './binding-error.ts';
export type { BindingRefreshRequest } from './binding-refresh-request.ts';
export type { BindingRevocationAcknowledgement } from './binding-revocation-acknowledgement.ts';
export { RevocationStatus } from './binding-revocation-acknowledgement.ts';
export type { BindingRevocationIndication } from './binding-revocation-indication.ts';
export { BindingRevocationFlag, RevocationTrigger } from './binding-revocation-indication.ts';
export { BindingStatus, statusName } from './binding-status.ts';
export type { BindingUpdate } from './binding-update.ts';
export { BindingUpdateFlag } from './binding-update.ts';
export type { CareOfTest } from './care-of-test.ts';
export type { CareOfTestInit } from './care-of-test-init.ts';
export type { FastBindingAcknowledgement } from './fast-binding-acknowledgement.ts';
export type { FastBindingUpdate } from './fast-binding-update.ts';
export type { FlowBindingAcknowledgement } from './flow-binding-acknowledgement.ts';
export type { FlowBindingIndication } from './flow-binding-indication.ts';
export type { HandoverAcknowledge } from './handover-acknowledge.ts';
export { HandoverAcknowledgeCode, HandoverAcknowledgeFlag } from './handover-acknowledge.ts';
export type { HandoverInitiate } from './handover-initiate.ts';
export { HandoverInitiateCode, HandoverInitiateFlag } from './handover-initiate.ts';
export type { Heartbeat } from './heartbeat.ts';
export type { HomeTest } from './home-test.ts';
export type { HomeTestInit } from './home-test-init.ts';
export type { LocalizedRoutingAcknowledgement } from './localized-routing-acknowledgement.ts';
export { LocalizedRoutingStatus } from './localized-routing-acknowledgement.ts';
export type { LocalizedRoutingInitiation } from './localized-routing-initiation.ts';
export type { KnownMobilityMessage, MobilityMessage, UnknownMobilityMessage } from './messages.ts';
export { MOBILITY_MESSAGES } from './messages.ts';
export {
  checkMobilityChecksum,
  MOBILITY_PROTOCOL,
  mobilityChecksum,
  setMobilityChecksum,
} from './mobility-checksum.ts';
export type { MobilityDecoding } from './mobility-header.ts';
export {
  decodeMobilityHeader,
  decodeMobilityHeaderLeniently,
  encodeMobilityHeader,
  mobilityMessageCodec,
} from './mobility-header.ts';
export { findOption, findOptions, mobilityOptionCodec } from './option-list.ts';
export * from './options/index.ts';
export type { ChangingParts } from './registration-octets.ts';
export {
  answerAs,
  changingPartsOf,
  hashOfLasting,
  isAlike,
  isBindingUpdate,
  sequenceOf,
  timestampOf,
} from './registration-octets.ts';
export type { UnknownSubOption } from './sub-option-list.ts';
export type { SubscriptionQuery } from './subscription-query.ts';
export type { SubscriptionResponse } from './subscription-response.ts';
export type { UpdateNotification } from './update-notification.ts';
export { UpdateNotificationFlag, UpdateNotificationReason } from './update-notification.ts';
export type { UpdateNotificationAcknowledgement } from './update-notification-acknowledgement.ts';
export { UpdateNotificationStatus } from './update-notification-acknowledgement.ts';
