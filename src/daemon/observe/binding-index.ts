import { MacAddress } from '#base/mac-address.ts';
import { lmaOfBinding } from '#proto/lma/binding-id.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import type { ControlRequest } from '../control-protocol.ts';
import { RequestError } from '../control-protocol.ts';
import type { Node } from '../node.ts';
import { lmaKey, magKey } from './binding-key.ts';

/** What of a binding it is found and sorted by; the rest is asked for when it is shown. */
export interface BindingEntry {
  readonly key: string;
  readonly role: 'lma' | 'mag';
  /** The LMA or MAG. */
  readonly node: string;
  readonly nai: string;
  /** As `0024.d78e.21a4`. */
  readonly mac: string;
  /** The home address and the home network prefixes. */
  readonly addresses: readonly string[];
  /** Of an LMA's binding the MAG, of a MAG's the LMA: its name, and its address. */
  readonly peer: string;
  readonly peerAddress: string;
  readonly customer: string | null;
  /** UTC milliseconds of the registration at the current MAG; `null` at a MAG. */
  readonly registeredAt: number | null;
}

export interface BindingChanges {
  /** To be given when asking again. */
  readonly epoch: number;
  /** Nothing that was known before counts. */
  readonly anew: boolean;
  readonly entries: readonly BindingEntry[];
  readonly gone: readonly string[];
  /** There is more to ask for. */
  readonly more: boolean;
}

/** A binding as `show` has it, with its key, and whose it is. */
export type KeyedRow =
  | ({ readonly id: string; readonly role: 'lma'; readonly node: string } & Omit<LmaBindingRow, 'id'>)
  | ({ readonly id: string; readonly role: 'mag'; readonly node: string } & MagBindingRow);

/** So many leave the packet worker no time to notice. */
const PORTION = 200;
const ROWS_MAXIMUM = 1000;

/** What has changed since the last call with this `epoch`: some of it, and then the rest. Throws `RequestError`. */
export function bindingChanges(node: Node, { epoch }: ControlRequest): BindingChanges {
  const { bindings } = node.runtime;
  const continues = typeof epoch === 'number' && bindings.isOf(epoch);
  if (!continues) bindings.begin(anchorKeys(node));
  bindings.compare(gatewayKeys(node));
  const keys = bindings.take(PORTION);
  const entries: BindingEntry[] = [];
  const gone: string[] = [];
  for (const key of keys) {
    const entry = entryOf(node, key);
    if (entry) entries.push(entry);
    else gone.push(key);
  }
  return { epoch: bindings.epoch, anew: !continues, entries, gone, more: bindings.hasMore };
}

/** The bindings of these keys that there are, as `show` has them. Throws `RequestError`. */
export function bindingRows(node: Node, { keys }: ControlRequest): KeyedRow[] {
  if (!Array.isArray(keys) || keys.length > ROWS_MAXIMUM || !keys.every((key) => typeof key === 'string'))
    throw new RequestError('bad-request', `"keys" must be a list of at most ${ROWS_MAXIMUM} keys`);
  node.runtime.refreshClock();
  return keys.flatMap((key) => rowOf(node, key) ?? []);
}

export function rowOf(node: Node, key: string): KeyedRow | undefined {
  const at = locate(node, key);
  if (at?.role === 'lma') {
    const row = at.lma.machine.row(at.id);
    return row && { ...row, id: key, role: 'lma', node: at.lma.config.name };
  }
  const row = at?.mag.machine.row(at.mac);
  return at && row && { ...row, id: key, role: 'mag', node: at.mag.config.name };
}

function entryOf(node: Node, key: string): BindingEntry | undefined {
  const row = rowOf(node, key);
  if (!row) return undefined;
  const { role, nai, llid: mac, hoa, hnps } = row;
  const careOf = role === 'lma' ? row.careOfAddresses[0] : undefined;
  return {
    key,
    role,
    node: row.node,
    nai,
    mac,
    addresses: [...(hoa === null ? [] : [hoa]), ...hnps],
    peer: role === 'lma' ? row.peer : row.lma,
    peerAddress: role === 'lma' ? (careOf?.address ?? '') : row.lmaAddress,
    customer: role === 'lma' ? customerName(node, row.node, row.customer) : null,
    registeredAt: role === 'lma' ? row.registeredAt : null,
  };
}

function customerName(node: Node, lma: string, number: number): string | null {
  const customers = node.configuration.lmas.find(({ name }) => name === lma)?.localLoop?.customers ?? [];
  return customers[number - 1]?.name ?? null;
}

function locate(node: Node, key: string) {
  const [role, rest] = [key.slice(0, 4), key.slice(4)];
  if (role === 'lma:') {
    const lma = node.lmas.find(({ config }) => config.name === lmaOfBinding(rest));
    return lma && ({ role: 'lma', lma, id: rest } as const);
  }
  const slash = rest.lastIndexOf('/');
  const mac = role === 'mag:' ? MacAddress.parse(rest.slice(slash + 1)) : undefined;
  const mag = node.mags.find(({ config }) => config.name === rest.slice(0, slash));
  return mag && mac && ({ role: 'mag', mag, mac } as const);
}

function* anchorKeys({ lmas }: Node): Iterator<string> {
  for (const { machine } of lmas) for (const id of machine.bindingIds()) yield lmaKey(id);
}

function* gatewayKeys({ mags }: Node): Iterable<string> {
  for (const { machine, config } of mags) for (const mac of machine.bindingMacs()) yield magKey(config.name, `${mac}`);
}
