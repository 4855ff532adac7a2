export {
  type AccountingCall,
  type AccountingClient,
  AccountingProxy,
  type AccountingProxyOutput,
  type AccountingReply,
} from './accounting-proxy.ts';
export type { AccountingProxyStats } from './accounting-proxy-stats.ts';
export { RadiusClient } from './client.ts';
export {
  type DynamicAuthorizationOutput,
  type DynamicAuthorizationReply,
  DynamicAuthorizationServer,
} from './dynamic-authorization.ts';
export type { DynamicAuthorizationStats } from './dynamic-authorization-stats.ts';
export type {
  Entropy,
  Exchange,
  RadiusAnswer,
  RadiusClientConfig,
  RadiusEvent,
  RadiusOutcome,
  RadiusOutput,
  RadiusRequest,
  RadiusSend,
  RadiusServer,
} from './events.ts';
export { SLOTS } from './server-state.ts';
export type { RadiusStats } from './stats.ts';
