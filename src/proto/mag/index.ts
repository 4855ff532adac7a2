export type {
  AccessSession,
  AskPresence,
  AttachedEvent,
  AttachTrigger,
  DetachDetection,
  DetachedEvent,
  DetachReason,
  DhcpSupport,
  HeardEvent,
  LocalProfile,
  MagConfig,
  MagEvent,
  MagInterface,
  MagLma,
  MagOutput,
  MagProfile,
  SessionChange,
  SessionEnd,
  SessionHomeAddress,
} from './events.ts';
export { DEFAULT_TUNNEL_MTU } from './events.ts';
export { MagMachine } from './machine.ts';
export type { SessionRecord, SessionStoreChange } from './record.ts';
export { magOfSession } from './record.ts';
export { decodeSessionRecord, encodeSessionRecord, isSessionRecord, SESSION_RECORD_VERSION } from './record-codec.ts';
export type { MagBindingSelection } from './selection.ts';
export type { MagBindingRow } from './snapshot.ts';
export type { BindingState } from './state.ts';
export type { MagStats } from './stats.ts';
