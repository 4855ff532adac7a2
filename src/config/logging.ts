/** The parts of the daemon whose entries in the log have a level of their own. */
export const LOG_FACILITIES = [
  'lma',
  'mag',
  'access',
  'signalling',
  'dataplane',
  'store',
  'aaa',
  'configuration',
  'http',
  'ssh',
  'daemon',
] as const;
export type LogFacility = (typeof LOG_FACILITIES)[number];

/** The severities of IOS that the log has, with less and less of them. */
export const LOG_SEVERITIES = ['debugging', 'informational', 'warnings', 'errors'] as const;
export type LogSeverity = (typeof LOG_SEVERITIES)[number];

/** `logging level FACILITY SEVERITY`. */
export interface LogLevelConfiguration {
  facility: LogFacility | 'all';
  severity: LogSeverity;
}
