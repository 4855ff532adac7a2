import type { Agreement, ApplyErrorCode, ApplyResult, FailedChange, Reconciliation } from './dataplane.ts';
import type { Forwarding, ForwardingChange, NodeForwarding, Path } from './desired.ts';
import { IndexAllocator } from './index-allocator.ts';
import { LeftForwarding } from './left-forwarding.ts';
import {
  describePart,
  isEntry,
  type Part,
  type PathPart,
  partsOf,
  pathKey,
  sayTheSame,
  tunnelOwnerKey,
} from './part.ts';
import { inverse, plan, type TableChange } from './plan.ts';
import type { Execution, Tables } from './tables.ts';
import { atPort, isTranslated, type TranslatedPort } from './translated-port.ts';
import { TunnelCustomers } from './tunnel-customers.ts';
import { keysOf, pathProblem } from './tunnel-form.ts';

export interface HeldForwarding {
  readonly forwarding: Forwarding;
  readonly parts: readonly Part[];
  /** Index of its counters. */
  readonly counters: number;
}

/** Tunnels at most. */
export const MAXIMUM_PATHS = 16384;
const EXAMPLES = 5;
const BOTH: readonly Forwarding['kind'][] = ['anchor', 'access'];

/**
 * What a data plane holds, binding by binding, and how it gets from there to what is desired. A part that several bindings have in
 * common is made for the first and goes with the last. What an earlier process left in the tables is taken over part by part (`LeftForwarding`).
 */
export class ForwardingTable {
  readonly #tables: Tables;
  #node: Places;
  readonly #held = new Map<string, HeldForwarding>();
  readonly #holders = new Map<string, { readonly part: Part; count: number }>();
  readonly #paths = new Map<string, PathPart>();
  readonly #pathAt = new Map<number, PathPart>();
  readonly #tunnelCustomers = new TunnelCustomers();
  readonly #pathIndices = new IndexAllocator(MAXIMUM_PATHS);
  readonly #counterIndices: IndexAllocator;
  readonly #left: LeftForwarding;
  /** How often a binding took or left a part. */
  #holdChanges = 0;

  /** The tables may hold what an earlier process left. */
  constructor(node: NodeForwarding, tables: Tables) {
    this.#tables = tables;
    this.#node = placesOf(node);
    this.#counterIndices = new IndexAllocator(tables.counterSlots);
    this.#left = new LeftForwarding(tables, this.#counterIndices);
    for (const part of this.#left.tunnels) {
      if (part.kind === 'path') {
        this.#pathIndices.reserve(part.index);
        this.#keepPath(part);
      }
      this.#hold(part);
    }
  }

  apply(changes: readonly ForwardingChange[]): ApplyResult {
    const failed: FailedChange[] = [];
    for (const change of changes) {
      const kind = change.kind === 'set' ? change.forwarding.kind : change.forwardingKind;
      const id = change.kind === 'set' ? change.forwarding.id : change.id;
      const failure = change.kind === 'set' ? this.#set(change.forwarding) : this.#clear(kind, id);
      if (failure) failed.push({ kind, id, code: failure.code, reason: failure.reason });
    }
    return { failed };
  }

  /** Ends the bindings of interfaces and customers that the other node does not have; returns them as failed. */
  configure(node: NodeForwarding): ApplyResult['failed'] {
    this.#node = placesOf(node);
    const lost = [...this.#held.values()].filter(({ forwarding }) => this.#misplaced(forwarding));
    return lost.map((held) => this.#lose(held, this.#misplaced(held.forwarding) as Failure));
  }

  /** The tables have become larger. */
  grow(): void {
    this.#counterIndices.grow(this.#tables.counterSlots);
  }

  reconcile(kinds: readonly Forwarding['kind'][] = BOTH): Reconciliation {
    return completed(this.reconciling(kinds));
  }

  /** `reconcile` in steps; bindings may come and go between two. */
  *reconciling(kinds: readonly Forwarding['kind'][] = BOTH): Generator<undefined, Reconciliation> {
    this.#left.end(kinds);
    const { matching, missing, different, extra } = yield* this.#comparing();
    let [removed, repaired] = [0, 0];
    for (const some of portions(extra.toReversed())) {
      const removals = some.filter((part) => this.#isExtra(part)).map((before): TableChange => ({ before }));
      removed += removals.length - this.#attempt(removals).length;
      for (const part of some) if (isEntry(part)) this.#left.releaseCounters(part.counters);
      yield;
    }
    const unusedTunnels = this.#left.ended ? this.#endLeft() : [];
    removed += unusedTunnels.length - this.#attempt(unusedTunnels).length;
    const failed: FailedChange[] = [];
    for (const some of portions([...missing, ...different])) {
      const repairs = some.flatMap((part) => this.#repairOf(part) ?? []);
      const unrepaired = this.#attempt(repairs);
      repaired += repairs.length - unrepaired.length;
      failed.push(...unrepaired.flatMap(({ change, reason }) => this.#loseHoldersOf(change.after as Part, reason)));
      yield;
    }
    return { confirmed: matching - unusedTunnels.length, removed, repaired, failed };
  }

  audit(): Agreement {
    return completed(this.auditing());
  }

  /** `audit` in steps; bindings may come and go between two. */
  *auditing(): Generator<undefined, Agreement> {
    const { matching, missing, different, extra, unclaimed } = yield* this.#comparing();
    const faults = [
      ...missing.map((part) => `missing: ${describePart(part)}`),
      ...different.map((part) => `different: ${describePart(part)}`),
      ...extra.map((part) => `extra: ${describePart(part)}`),
    ];
    return {
      matching,
      missing: missing.length,
      different: different.length,
      extra: extra.length,
      unclaimed,
      examples: faults.slice(0, EXAMPLES),
    };
  }

  held(kind: Forwarding['kind'], id: string): HeldForwarding | undefined {
    return this.#held.get(heldKey(kind, id));
  }

  get size(): number {
    return this.#held.size;
  }

  /** What is held of every binding. */
  *forwardings(): Iterable<Forwarding> {
    for (const { forwarding } of this.#held.values()) yield forwarding;
  }

  /** The tunnels that bindings use. */
  paths(): Iterable<PathPart> {
    return this.#paths.values();
  }

  /** The tunnel at an index of `path` parts, as packets travel on it now. */
  pathAt(index: number): Path | undefined {
    const path = this.#pathAt.get(index)?.path;
    return path && isTranslated(path) ? atPort(path, this.#tables.translatedPort(index)) : path;
  }

  /** The tunnel of one of the customers that is the same as this path. */
  partOf(path: Path): PathPart | undefined {
    for (const customer of this.#node.customers) {
      const part = this.#paths.get(pathKey(customer, path));
      if (part) return part;
    }
    return undefined;
  }

  /** That of the remote of a path; `undefined` where no NAT is known to give it one. */
  translatedPort(path: Path): TranslatedPort | undefined {
    const part = this.partOf(path);
    return part && isTranslated(path) ? this.#tables.translatedPort(part.index) : undefined;
  }

  /** Of the node; 0 among them. */
  get customers(): Iterable<number> {
    return this.#node.customers;
  }

  /** What leads from all that is held to nothing. */
  clearAll(): void {
    for (const { forwarding } of [...this.#held.values()]) this.#clear(forwarding.kind, forwarding.id);
  }

  #set(forwarding: Forwarding): Failure | undefined {
    const refused = unsupported(forwarding) ?? this.#misplaced(forwarding) ?? this.#ofAnother(forwarding);
    if (refused) return refused;
    const old = this.held(forwarding.kind, forwarding.id);
    const path = this.#pathPart(forwarding.customer, forwarding.paths[0]);
    if (!path) return { code: 'too-many-bindings', reason: `more than ${MAXIMUM_PATHS} tunnels` };
    const left = old ? undefined : this.#left.counters(partsOf(forwarding, path, 0), this.#holders);
    const counters = old?.counters ?? left ?? this.#counterIndices.take();
    if (counters === undefined) {
      this.#forgetUnusedPath(path);
      return { code: 'too-many-bindings', reason: 'all counters are in use' };
    }
    if (!old && left === undefined) this.#tables.resetCounters(counters);
    const parts = partsOf(forwarding, path, counters);
    const failure = this.#carryOut(old?.parts ?? [], parts);
    if (failure) {
      if (!old && left === undefined) this.#counterIndices.release(counters);
      this.#forgetUnusedPath(path);
      return failure;
    }
    this.#left.claimCounters(counters);
    this.#held.set(heldKey(forwarding.kind, forwarding.id), { forwarding, parts, counters });
    return undefined;
  }

  #clear(kind: Forwarding['kind'], id: string): Failure | undefined {
    const old = this.held(kind, id);
    if (!old) return undefined;
    const failure = this.#carryOut(old.parts, []);
    if (failure) return failure;
    this.#forget(old);
    return undefined;
  }

  #forget({ forwarding, counters }: HeldForwarding): void {
    this.#held.delete(heldKey(forwarding.kind, forwarding.id));
    this.#counterIndices.release(counters);
  }

  #carryOut(held: readonly Part[], desired: readonly Part[]): Failure | undefined {
    const steps = plan([...held, ...this.#left.find(desired, this.#holders)], desired, this.#holders);
    if (steps.kind === 'conflict') {
      return { code: 'address-in-use', reason: `another binding has ${describePart(steps.part)}` };
    }
    const { done, failure } = steps.changes.length > 0 ? this.#tables.execute(steps.changes) : NOTHING;
    if (failure !== undefined) {
      const undone = this.#tables.execute(inverse(done));
      const remains = undone.failure === undefined ? '' : `; taking the change back failed too: ${undone.failure}`;
      return { code: 'system', reason: failure + remains };
    }
    for (const part of desired) this.#hold(part);
    for (const part of held) this.#release(part);
    return undefined;
  }

  /** A binding loses its forwarding; parts that cannot be removed remain as extra ones. */
  #lose(held: HeldForwarding, { code, reason }: Failure): FailedChange {
    const { kind, id } = held.forwarding;
    const steps = plan(held.parts, [], this.#holders);
    if (steps.kind === 'changes') this.#attempt(steps.changes);
    for (const part of held.parts) this.#release(part);
    this.#forget(held);
    return { kind, id, code, reason };
  }

  #loseHoldersOf(part: Part, reason: string): FailedChange[] {
    const holders = [...this.#held.values()].filter(({ parts }) => parts.some(({ key }) => key === part.key));
    return holders.map((held) => this.#lose(held, { code: 'system', reason }));
  }

  /** Makes all the changes that can be made; returns the others. */
  #attempt(changes: readonly TableChange[]): { change: TableChange; reason: string }[] {
    const failed: { change: TableChange; reason: string }[] = [];
    for (let at = 0; at < changes.length; ) {
      const { done, failure } = this.#tables.execute(changes.slice(at));
      at += done.length;
      if (failure !== undefined) failed.push({ change: changes[at++] as TableChange, reason: failure });
    }
    return failed;
  }

  /** What the tables have against what the bindings need; what has changed since a part was looked at counts. */
  *#comparing(): Generator<undefined, Comparison> {
    let [matching, unclaimed] = [0, 0];
    const different: Part[] = [];
    const extra: Part[] = [];
    const missing: Part[] = [];
    const holdChanges = this.#holdChanges;
    for (const part of this.#tables.parts()) {
      const needed = this.#holders.get(part.key)?.part;
      if (needed && sayTheSame(part, needed)) matching++;
      else if (needed) different.push(needed);
      else if (this.#left.has(part)) unclaimed++;
      else extra.push(part);
      yield;
    }
    const complete = holdChanges === this.#holdChanges && this.#holders.size === matching + different.length;
    for (const { part } of complete ? [] : this.#holders.values()) {
      if (!this.#tables.find(part)) missing.push(part);
      yield;
    }
    return {
      matching,
      unclaimed,
      missing: missing.filter((part) => this.#repairOf(part)),
      different: different.filter((part) => this.#repairOf(part)),
      extra: extra.filter((part) => this.#isExtra(part)),
    };
  }

  /** Whether it is there, and of no binding. */
  #isExtra(part: Part): boolean {
    return !this.#holders.has(part.key) && this.#tables.find(part)?.key === part.key;
  }

  /** Nothing is left of an earlier process but tunnels; returns how those go that no binding uses. */
  #endLeft(): TableChange[] {
    this.#left.releaseAllCounters();
    const tunnels = this.#left.releaseTunnels();
    for (const part of tunnels) this.#release(part);
    return tunnels.filter((part) => this.#isExtra(part)).map((before) => ({ before }));
  }

  /** What makes a part as the bindings need it; `undefined` when none does, or it is so. */
  #repairOf({ key }: Part): TableChange | undefined {
    const after = this.#holders.get(key)?.part;
    const before = after && this.#tables.find(after);
    if (!after || (before && sayTheSame(before, after))) return undefined;
    return before ? { before, after } : { after };
  }

  #hold(part: Part): void {
    this.#holdChanges++;
    const holder = this.#holders.get(part.key);
    this.#holders.set(part.key, { part, count: (holder?.count ?? 0) + 1 });
  }

  #release(part: Part): void {
    this.#holdChanges++;
    const holder = this.#holders.get(part.key);
    if (holder && holder.count > 1) holder.count--;
    else {
      this.#holders.delete(part.key);
      if (part.kind === 'path') this.#forgetUnusedPath(part);
    }
  }

  #pathPart(customer: number, path: Path): PathPart | undefined {
    const key = pathKey(customer, path);
    const known = this.#paths.get(key);
    if (known) return known;
    const index = this.#pathIndices.take();
    if (index === undefined) return undefined;
    const part: PathPart = { kind: 'path', key, index, path, customer };
    this.#keepPath(part);
    return part;
  }

  #keepPath(part: PathPart): void {
    this.#paths.set(part.key, part);
    this.#pathAt.set(part.index, part);
    this.#tunnelCustomers.add(part);
  }

  #forgetUnusedPath(part: PathPart): void {
    if (this.#holders.has(part.key)) return;
    this.#paths.delete(part.key);
    this.#pathAt.delete(part.index);
    this.#tunnelCustomers.remove(part);
    this.#pathIndices.release(part.index);
  }

  /** It is of a customer or at an interface that this node does not have. */
  #misplaced(forwarding: Forwarding): Failure | undefined {
    const { customer } = forwarding;
    if (!this.#node.customers.has(customer))
      return { code: 'unknown-customer', reason: `customer ${customer} is none of this node` };
    if (forwarding.kind === 'anchor') return undefined;
    const owner = this.#node.interfaces.get(forwarding.interface);
    if (owner === undefined)
      return { code: 'unknown-interface', reason: `${forwarding.interface} is no access interface of this node` };
    if (owner === customer) return undefined;
    return {
      code: 'unknown-customer',
      reason: `${forwarding.interface} is not the access interface of customer ${customer}`,
    };
  }

  /** Its tunnel is another customer's. */
  #ofAnother({ customer, paths: [path] }: Forwarding): Failure | undefined {
    const key = tunnelOwnerKey(path.local, path.remote, keysOf(path.encapsulation)?.receive);
    const owner = this.#holders.get(key)?.part;
    const other = owner?.kind === 'tunnel-owner' ? owner.customer : this.#tunnelCustomers.other({ path, customer });
    if (other === undefined || other === customer) return undefined;
    return {
      code: 'address-in-use',
      reason: `the tunnel from ${path.local} to ${path.remote} is that of customer ${other}`,
    };
  }
}

/** Where bindings can be. */
interface Places {
  readonly customers: ReadonlySet<number>;
  /** The customers of the access interfaces. */
  readonly interfaces: ReadonlyMap<string, number>;
}

function placesOf({ customers = [], accessInterfaces }: NodeForwarding): Places {
  return {
    customers: new Set([0, ...customers.map(({ number }) => number)]),
    interfaces: new Map(accessInterfaces.map(({ name, customer = 0 }) => [name, customer])),
  };
}

/** How many bindings of both kinds this node can count. */
export function counterSlots(node: NodeForwarding): number {
  return node.maximumBindings * 2;
}

interface Failure {
  readonly code: ApplyErrorCode;
  readonly reason: string;
}

interface Comparison {
  readonly matching: number;
  readonly missing: readonly Part[];
  readonly different: readonly Part[];
  readonly extra: readonly Part[];
  readonly unclaimed: number;
}

/** Changes that are made in one step. */
const PORTION = 64;

function* portions(parts: readonly Part[]): Iterable<readonly Part[]> {
  for (let at = 0; at < parts.length; at += PORTION) yield parts.slice(at, at + PORTION);
}

function completed<Answer>(steps: Iterator<unknown, Answer>): Answer {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const NOTHING: Execution = { done: [] };

function unsupported(forwarding: Forwarding): Failure | undefined {
  const odd = forwarding.prefixes.find((prefix) => prefix.length !== 64);
  if (odd) return { code: 'unsupported', reason: `home network prefix ${odd}: only /64 is forwarded` };
  const problem = pathProblem(forwarding.paths[0]);
  if (problem) return { code: 'unsupported', reason: problem };
  return undefined;
}

function heldKey(kind: Forwarding['kind'], id: string): string {
  return `${kind} ${id}`;
}
