export type { AssociationChange, HostapdClientConfig, HostapdClientEvent, HostapdClientOutput } from './events.ts';
export { HostapdClientMachine } from './machine.ts';
export type { HostapdClientRow } from './snapshot.ts';
export type { ConnectionState } from './state.ts';
export type { HostapdClientStats } from './stats.ts';
