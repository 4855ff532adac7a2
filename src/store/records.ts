/** What is kept of a node, and in which tables. */
import { readU32, writeU32 } from '#base/bytes.ts';
import type { BindingRecord, StoreChange } from '#proto/lma/index.ts';
import { BINDING_RECORD_VERSION, decodeBindingRecord, encodeBindingRecord, isBindingRecord } from '#proto/lma/index.ts';
import type { SessionRecord, SessionStoreChange } from '#proto/mag/index.ts';
import { decodeSessionRecord, encodeSessionRecord, isSessionRecord, SESSION_RECORD_VERSION } from '#proto/mag/index.ts';
import type { RecordChange, RestartGap } from '#proto/record-change.ts';
import { decodeRestartGap, encodeRestartGap, RESTART_GAP_VERSION } from './restart-gap.ts';
import { type StoredChange, type StoredEntry, StoreError } from './store.ts';

export const Table = {
  /** Of the node itself. */
  NODE: 0,
  /** Binding caches of LMAs. */
  BINDING: 1,
  /** Binding Update Lists of MAGs. */
  SESSION: 2,
} as const;

const RESTART_COUNTER = 'restart-counter';
const RESTART_GAP = 'restart-gap';
const COUNTER_VERSION = 1;

/** What LMAs and MAGs have stored. */
export interface OwnedRecords {
  readonly bindings: readonly BindingRecord[];
  readonly sessions: readonly SessionRecord[];
}

/** Of the node itself. */
export interface NodeRecords {
  /** RFC 5847 §3.2 "Restart Detection"; `undefined` in a new store. */
  readonly restartCounter: number | undefined;
  /** What runs that crashed have lost, up to the one before the last; `undefined` when nothing. */
  readonly restartGap: RestartGap | undefined;
}

/** Everything that a store holds. */
export interface StoredRecords extends OwnedRecords, NodeRecords {}

/** How much a store holds. */
export interface RecordCounts extends NodeRecords {
  readonly bindings: number;
  readonly sessions: number;
}

type DecodedEntry =
  | { readonly kind: 'binding'; readonly record: BindingRecord }
  | { readonly kind: 'session'; readonly record: SessionRecord }
  | { readonly kind: 'node'; readonly record: Partial<NodeRecords> };

const NOTHING_OF_NODE: NodeRecords = { restartCounter: undefined, restartGap: undefined };

/** Records that are handed on at once: so few that they are gone before the collector of young objects comes by. */
const PORTION = 64;

/** Throws `StoreError` (`corrupt`, `newer`) when there is an entry that this version does not know. */
export function readRecords(entries: Iterable<StoredEntry>): StoredRecords {
  const bindings: BindingRecord[] = [];
  const sessions: SessionRecord[] = [];
  let ofNode = NOTHING_OF_NODE;
  for (const entry of entries) {
    const decoded = decodeEntry(entry);
    if (decoded.kind === 'binding') bindings.push(decoded.record);
    else if (decoded.kind === 'session') sessions.push(decoded.record);
    else ofNode = { ...ofNode, ...decoded.record };
  }
  return { bindings, sessions, ...ofNode };
}

/** Reads every entry and keeps none. Throws as `readRecords`. */
export function countRecords(entries: Iterable<StoredEntry>): RecordCounts {
  let [bindings, sessions] = [0, 0];
  let ofNode = NOTHING_OF_NODE;
  for (const entry of entries) {
    // Of a million the values are not needed twice.
    if (entry.table === Table.BINDING && isBindingRecord(entry.value)) {
      bindings++;
      continue;
    }
    if (entry.table === Table.SESSION && isSessionRecord(entry.value)) {
      sessions++;
      continue;
    }
    const decoded = decodeEntry(entry);
    if (decoded.kind === 'binding') bindings++;
    else if (decoded.kind === 'session') sessions++;
    else ofNode = { ...ofNode, ...decoded.record };
  }
  return { bindings, sessions, ...ofNode };
}

/** The records of LMAs and MAGs, some at a time. Throws as `readRecords`. */
export function* recordPortions(entries: Iterable<StoredEntry>): Iterable<OwnedRecords> {
  let bindings: BindingRecord[] = [];
  let sessions: SessionRecord[] = [];
  for (const entry of entries) {
    const decoded = decodeEntry(entry);
    if (decoded.kind === 'binding') bindings.push(decoded.record);
    else if (decoded.kind === 'session') sessions.push(decoded.record);
    if (bindings.length + sessions.length < PORTION) continue;
    yield { bindings, sessions };
    bindings = [];
    sessions = [];
  }
  if (bindings.length + sessions.length > 0) yield { bindings, sessions };
}

function decodeEntry(entry: StoredEntry): DecodedEntry {
  const { table, key, value } = entry;
  if (table === Table.BINDING)
    return { kind: 'binding', record: known(entry, BINDING_RECORD_VERSION, decodeBindingRecord(key, value)) };
  if (table === Table.SESSION)
    return { kind: 'session', record: known(entry, SESSION_RECORD_VERSION, decodeSessionRecord(key, value)) };
  if (table === Table.NODE && key === RESTART_COUNTER)
    return { kind: 'node', record: { restartCounter: known(entry, COUNTER_VERSION, decodeCounter(value)) } };
  if (table === Table.NODE && key === RESTART_GAP)
    return { kind: 'node', record: { restartGap: known(entry, RESTART_GAP_VERSION, decodeRestartGap(value)) } };
  throw newer(`an entry "${key}" of table ${table}`);
}

export function bindingChange(change: StoreChange): StoredChange {
  return stored(Table.BINDING, change, encodeBindingRecord);
}

export function sessionChange(change: SessionStoreChange): StoredChange {
  return stored(Table.SESSION, change, encodeSessionRecord);
}

export function restartCounterChange(counter: number): StoredChange {
  const value = new Uint8Array(5);
  value[0] = COUNTER_VERSION;
  writeU32(value, 1, counter);
  return { table: Table.NODE, key: RESTART_COUNTER, value, urgency: 'before-reply' };
}

/** `undefined`: there is none any more. */
export function restartGapChange(gap: RestartGap | undefined): StoredChange {
  const value = gap && encodeRestartGap(gap);
  return { table: Table.NODE, key: RESTART_GAP, value, urgency: 'before-reply' };
}

function stored<Record extends { readonly id: string }>(
  table: number,
  change: RecordChange<Record>,
  encode: (record: Record) => Uint8Array,
): StoredChange {
  const { urgency } = change;
  if (change.kind === 'delete') return { table, key: change.id, value: undefined, urgency };
  const { encoded } = change;
  return encoded
    ? { table, key: encoded.id, value: encoded.octets, urgency }
    : new StoredRecord(table, change.record, encode, urgency);
}

/** It is encoded when somebody takes its value. */
class StoredRecord<Record extends { readonly id: string }> implements StoredChange {
  readonly table: number;
  readonly urgency: StoredChange['urgency'];
  readonly #record: Record;
  readonly #encode: (record: Record) => Uint8Array;

  constructor(table: number, record: Record, encode: (record: Record) => Uint8Array, urgency: StoredChange['urgency']) {
    this.table = table;
    this.urgency = urgency;
    this.#record = record;
    this.#encode = encode;
  }

  get key(): string {
    return this.#record.id;
  }

  get value(): Uint8Array {
    return this.#encode(this.#record);
  }
}

function known<Record>({ key, value }: StoredEntry, version: number, record: Record | undefined): Record {
  if (record !== undefined) return record;
  if ((value[0] ?? 0) > version) throw newer(`the record ${key} in version ${value[0]}`);
  throw new StoreError('corrupt', `the store has a record ${key} that cannot be read; nothing was changed`);
}

function decodeCounter(value: Uint8Array): number | undefined {
  return value[0] === COUNTER_VERSION && value.length === 5 ? readU32(value, 1) : undefined;
}

function newer(what: string): StoreError {
  const text = `the store has ${what}, which this version of mooring does not know; run the version that wrote it. Nothing was changed`;
  return new StoreError('newer', text);
}
