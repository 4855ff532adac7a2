import { inSeconds } from '#base/time.ts';
import type { BindingCount, HeartbeatView } from '#cli/show/index.ts';
import type { HeartbeatConfig, HeartbeatRow } from '#proto/heartbeat/index.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { isSelected } from './binding-selection.ts';
import { RequestError } from './control-protocol.ts';
import { named } from './named-nodes.ts';
import type { LmaInstance, MagInstance, Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

export function lmaBindings(node: Node, filter: ShowFilter): LmaBindingRow[] {
  const lmas = named(node.lmas, 'LMA', filter.node);
  node.runtime.refreshClock();
  return lmas.flatMap((lma) => ofCustomer(node, lma, filter.customer)).filter((row) => isWanted(row, filter));
}

export function magBindings(node: Node, filter: ShowFilter): MagBindingRow[] {
  const mags = named(node.mags, 'MAG', filter.node);
  node.runtime.refreshClock();
  const rows = mags.flatMap(({ machine }) => machine.snapshot()).filter((row) => isWanted(row, filter));
  return rows.filter((row) => filter.lma === undefined || [row.lma, row.lmaAddress].includes(filter.lma));
}

/** Without a selection no row is made for it, as there may be a million. */
export function countLmaBindings(node: Node, filter: ShowFilter): BindingCount {
  if (selectsAll(filter)) return total(named(node.lmas, 'LMA', filter.node));
  return { bindings: lmaBindings(node, filter).length };
}

export function countMagBindings(node: Node, filter: ShowFilter): BindingCount {
  if (selectsAll(filter)) return total(named(node.mags, 'MAG', filter.node));
  return { bindings: magBindings(node, filter).length };
}

interface Watching {
  readonly config: { readonly domain: string; readonly name: string; readonly heartbeat?: HeartbeatConfig };
  readonly machine: { heartbeats(): readonly HeartbeatRow[] };
}

/** `peer`: only the paths to this one, by its name or address. */
export function heartbeats(node: Node, nodes: readonly Watching[], peer: string | undefined): HeartbeatView[] {
  node.runtime.refreshClock();
  return nodes.map(({ config: { domain, name, heartbeat }, machine }) => ({
    domain,
    name,
    interval: heartbeat ? inSeconds(heartbeat.interval) : null,
    retries: heartbeat?.retries ?? null,
    paths: machine.heartbeats().filter((path) => peer === undefined || [path.peer, path.destination].includes(peer)),
  }));
}

function isWanted(row: LmaBindingRow | MagBindingRow, { nai, mac, mag }: ShowFilter): boolean {
  return isSelected(row, { ...(nai !== undefined && { nai }), ...(mac && { mac }), ...(mag !== undefined && { mag }) });
}

/** The bindings of one customer of an LMA; customers are numbered from 1 in the order of the configuration, 0 is the node's own table. */
function ofCustomer(node: Node, { config, machine }: LmaInstance, customer: string | undefined): LmaBindingRow[] {
  if (customer === undefined) return machine.snapshot();
  const configured = node.configuration.lmas.find(({ name }) => name === config.name)?.localLoop?.customers ?? [];
  const number = configured.findIndex(({ name }) => name === customer) + 1;
  if (number > 0) return machine.snapshot().filter((row) => row.customer === number);
  const there = configured.map(({ name }) => name).join(', ') || 'none';
  throw new RequestError('bad-request', `LMA ${config.name} has no customer "${customer}"; it has: ${there}`);
}

function selectsAll({ nai, mac, mag, lma, customer }: ShowFilter): boolean {
  return [nai, mac, mag, lma, customer].every((wanted) => wanted === undefined);
}

function total(nodes: readonly (LmaInstance | MagInstance)[]): BindingCount {
  return { bindings: nodes.reduce((sum, { machine }) => sum + machine.bindingCount, 0) };
}
