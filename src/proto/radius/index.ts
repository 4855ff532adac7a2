export { RadiusClient } from './client.ts';
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
