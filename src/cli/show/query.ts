/** What a `show` command asks for; a stable name, also of its JSON form. */
export type ShowQuery =
  | 'lma-binding'
  | 'lma-globals'
  | 'lma-stats'
  | 'lma-heartbeat'
  | 'mag-binding'
  | 'mag-globals'
  | 'mag-stats'
  | 'mag-heartbeat'
  | 'dataplane'
  | 'logging'
  | 'running-config'
  | 'version';
