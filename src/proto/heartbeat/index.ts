export type { HeartbeatConfig, HeartbeatEvent, HeartbeatOutput, PathChange } from './events.ts';
export { HeartbeatMachine, type HeartbeatParts, PATHS_MAXIMUM } from './machine.ts';
export type { HeartbeatRow } from './snapshot.ts';
export type { PathState } from './state.ts';
export type { HeartbeatStats } from './stats.ts';
