export {
  type AccessConfig,
  type AccessEvent,
  type AccessInterface,
  type AccessOutput,
  type AccessPointName,
  type AssociationEvent,
  DEFAULT_STATION_MAXIMUM,
  isReport,
  type StationReport,
} from './events.ts';
export type { HostParameters, NetworkParameters } from './host-parameters.ts';
export { AccessMachine } from './machine.ts';
export type { AccessStationRow } from './snapshot.ts';
export type { StationPhase } from './state.ts';
export type { AccessStats } from './stats.ts';
