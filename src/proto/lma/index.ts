export { lmaOfBinding } from './binding-id.ts';
export type {
  Ipv4PoolConfig,
  Ipv6PoolConfig,
  LmaBindingSelection,
  LmaConfig,
  LmaEvent,
  LmaOutput,
  LmaPeer,
  NaiProfile,
  RevocationConfig,
  TunnelConfig,
} from './events.ts';
export { LmaMachine } from './machine.ts';
export type { BindingRecord, StoreChange } from './record.ts';
export { BINDING_RECORD_VERSION, decodeBindingRecord, encodeBindingRecord, isBindingRecord } from './record-codec.ts';
export type { LmaBindingRow, LmaCareOfRow } from './snapshot.ts';
export type { LmaStats } from './stats.ts';
