import type { ConnectionState } from './state.ts';

/** The client of one hostapd as `show` tells it. */
export interface HostapdClientRow {
  readonly interface: string;
  readonly path: string;
  readonly state: ConnectionState;
  /** How many stations the access point has. */
  readonly stations: number;
}
