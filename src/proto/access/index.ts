export {
  type AccessConfig,
  type AccessEvent,
  type AccessInterface,
  type AccessOutput,
  DEFAULT_STATION_MAXIMUM,
  DEFAULT_TUNNEL_MTU,
  isReport,
  type StationReport,
} from './events.ts';
export { AccessMachine } from './machine.ts';
export type { AccessStationRow } from './snapshot.ts';
export type { StationPhase } from './state.ts';
export type { AccessStats } from './stats.ts';
