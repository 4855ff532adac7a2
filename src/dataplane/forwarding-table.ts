import type { IpAddress } from '#base/ip-address.ts';
import { AnchorBindings } from './anchor-bindings.ts';
import { Comparison } from './comparison.ts';
import type { Agreement, ApplyResult, FailedChange, Reconciliation } from './dataplane.ts';
import type { AnchorForwarding, Forwarding, ForwardingChange, NodeForwarding, Path } from './desired.ts';
import { IndexAllocator } from './index-allocator.ts';
import { LeftForwarding } from './left-forwarding.ts';
import {
  type AnchorEntry,
  anchorEntries,
  countedBy,
  describePart,
  isEntry,
  type Part,
  type PathPart,
  partsOf,
  tunnelOwnerKey,
  tunnelParts,
} from './part.ts';
import { PartHolders } from './part-holders.ts';
import { misplaced, type Places, placesOf, type Refusal } from './places.ts';
import { inverse, plan, type TableChange } from './plan.ts';
import type { Execution, Tables } from './tables.ts';
import { atPort, isTranslated, type TranslatedPort } from './translated-port.ts';
import { keysOf, pathProblem } from './tunnel-form.ts';
import { MAXIMUM_PATHS, TunnelPaths } from './tunnel-paths.ts';

export interface HeldForwarding {
  readonly forwarding: Forwarding;
  readonly parts: readonly Part[];
  /** Index of its counters. */
  readonly counters: number;
}

const EXAMPLES = 5;
/** Bindings whose entries are put into the tables together. */
const FRESH_MAXIMUM = 512;
const BOTH: readonly Forwarding['kind'][] = ['anchor', 'access'];

/**
 * What a data plane holds, binding by binding, and how it gets from there to what is desired. A part that several bindings have in
 * common is made for the first and goes with the last. What an earlier process left in the tables is taken over part by part (`LeftForwarding`).
 */
export class ForwardingTable {
  readonly #tables: Tables;
  readonly #onPeerEnd: (remote: IpAddress) => void;
  #node: Places;
  readonly #paths = new TunnelPaths();
  readonly #anchors = new AnchorBindings((index) => this.#paths.at(index));
  /** Bindings of access links, by id. */
  readonly #access = new Map<string, HeldForwarding>();
  readonly #holders = new PartHolders(this.#anchors);
  readonly #comparison: Comparison;
  readonly #counterIndices: IndexAllocator;
  readonly #left: LeftForwarding;
  /** Bindings of anchors that are new and held, but not in the tables yet. */
  #fresh: FreshBinding[] = [];

  /** The tables may hold what an earlier process left. `onPeerEnd` is told of a peer that no tunnel leads to any more. */
  constructor(node: NodeForwarding, tables: Tables, onPeerEnd: (remote: IpAddress) => void = () => {}) {
    this.#tables = tables;
    this.#onPeerEnd = onPeerEnd;
    this.#node = placesOf(node);
    this.#counterIndices = new IndexAllocator(tables.counterSlots);
    const pathAt = (index: number) => this.#paths.at(index);
    this.#left = new LeftForwarding(tables, this.#counterIndices, this.#anchors);
    const [anchors, holders, left] = [this.#anchors, this.#holders, this.#left];
    this.#comparison = new Comparison({ tables, anchors, holders, left, pathAt });
    for (const part of this.#left.tunnels) {
      if (part.kind === 'path') this.#paths.adopt(part);
      this.#holders.hold(part);
    }
  }

  apply(changes: readonly ForwardingChange[]): ApplyResult {
    const failed: FailedChange[] = [];
    for (const change of changes) {
      if (change.kind === 'set' && this.#isDoneSoon(change.forwarding)) {
        if (this.#fresh.length >= FRESH_MAXIMUM) failed.push(...this.#putFresh());
        continue;
      }
      if (this.#fresh.length > 0) failed.push(...this.#putFresh());
      const failure = this.#make(change);
      if (failure) failed.push(failure);
    }
    if (this.#fresh.length > 0) failed.push(...this.#putFresh());
    return { failed };
  }

  /** Whether a binding of an anchor needs nothing, because the tables have it as it shall be: it is held from now on. */
  claim(forwarding: AnchorForwarding): boolean {
    const path = this.#pathFor(forwarding);
    if (path === undefined) return false;
    const held = this.#anchors.counters(forwarding.id);
    return held === undefined ? this.#isLeftSo(forwarding, path) : this.#anchors.says(forwarding, path.index, held);
  }

  /** Ends the bindings of interfaces and customers that the other node does not have; returns them as failed. */
  configure(node: NodeForwarding): ApplyResult['failed'] {
    this.#node = placesOf(node);
    const lost = [...this.#placedElsewhere()];
    return lost.map((held) => this.#lose(held, misplaced(held.forwarding, this.#node) as Refusal));
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
    if (kinds.length === 1 && this.#left.isOfAccessAlone && this.#anchors.size === 0) return NOTHING_OF_ANCHORS;
    const { matching, missing, different, extra } = yield* this.#comparison.run();
    let [removed, repaired] = [0, 0];
    for (const some of portions(extra.toReversed())) {
      const removals = some.filter((part) => this.#comparison.isExtra(part)).map((before): TableChange => ({ before }));
      removed += removals.length - this.#attempt(removals).length;
      for (const part of some) {
        if (part.kind === 'anchor-entry') this.#anchors.forgetLeft(part);
        if (isEntry(part)) this.#left.releaseCounters(part.counters);
      }
      yield;
    }
    const unusedTunnels = this.#left.ended ? this.#endLeft() : [];
    removed += unusedTunnels.length - this.#attempt(unusedTunnels).length;
    const failed: FailedChange[] = [];
    for (const some of portions([...missing, ...different])) {
      const repairs = some.flatMap((part) => this.#comparison.repairOf(part) ?? []);
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
    const { matching, missing, different, extra, unclaimed } = yield* this.#comparison.run();
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
    if (kind === 'access') return this.#access.get(id);
    const counters = this.#anchors.counters(id);
    return counters === undefined ? undefined : this.#anchored(counters);
  }

  /** The index of a binding's counters. Without `kind`, an anchor's before an access binding's. */
  counters(id: string, kind?: Forwarding['kind']): number | undefined {
    const anchored = kind === 'access' ? undefined : this.#anchors.counters(id);
    return anchored ?? (kind === 'anchor' ? undefined : this.#access.get(id)?.counters);
  }

  get size(): number {
    return this.#anchors.size + this.#access.size;
  }

  /** What is held of every binding. */
  *forwardings(): Iterable<Forwarding> {
    for (const { forwarding } of this.#allHeld()) yield forwarding;
  }

  /** The tunnels that bindings use. */
  paths(): Iterable<PathPart> {
    return this.#paths.values();
  }

  /** Whether one of its tunnels leads there. */
  isPeer(address: IpAddress): boolean {
    return this.#paths.leadTo(address);
  }

  /** The tunnel at an index of `path` parts, as packets travel on it now. */
  pathAt(index: number): Path | undefined {
    const path = this.#paths.at(index)?.path;
    return path && isTranslated(path) ? atPort(path, this.#tables.translatedPort(index)) : path;
  }

  /** The tunnel of one of the customers that is the same as this path. */
  partOf(path: Path): PathPart | undefined {
    for (const customer of this.#node.customers) {
      const part = this.#paths.find(customer, path);
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
    for (const id of [...this.#access.keys()]) this.#clear('access', id);
    for (const id of [...this.#anchors.ids()]) this.#clear('anchor', id);
  }

  #make(change: ForwardingChange): FailedChange | undefined {
    const kind = change.kind === 'set' ? change.forwarding.kind : change.forwardingKind;
    const id = change.kind === 'set' ? change.forwarding.id : change.id;
    const failure = change.kind === 'set' ? this.#set(change.forwarding) : this.#clear(kind, id);
    return failure && { kind, id, code: failure.code, reason: failure.reason };
  }

  #refusal(forwarding: Forwarding, known: PathPart | undefined): Refusal | undefined {
    return unsupported(forwarding) ?? misplaced(forwarding, this.#node) ?? this.#ofAnother(forwarding, known);
  }

  /** Whether there is nothing to do for a binding of an anchor but what `#putFresh` does: what most are when a store is read. */
  #isDoneSoon(forwarding: Forwarding): boolean {
    if (forwarding.kind === 'access') return false;
    const path = this.#pathFor(forwarding);
    if (path === undefined) return false;
    const held = this.#anchors.counters(forwarding.id);
    if (held !== undefined) return this.#anchors.says(forwarding, path.index, held);
    return this.#isLeftSo(forwarding, path) || this.#isFresh(forwarding, path);
  }

  /** The tunnel of a binding that may have it; `undefined` where there is none yet. */
  #pathFor(forwarding: AnchorForwarding): PathPart | undefined {
    const path = this.#paths.find(forwarding.customer, forwarding.paths[0]);
    return path && !this.#refusal(forwarding, path) ? path : undefined;
  }

  #isFresh(forwarding: AnchorForwarding, path: PathPart): boolean {
    if (this.#anchors.hasEntryOf(forwarding)) return false;
    const shared = tunnelParts(forwarding, path);
    if (!shared.every(this.#isHeld)) return false;
    const counters = this.#counterIndices.take();
    if (counters === undefined) return false;
    this.#tables.resetCounters(counters);
    for (const part of shared) this.#holders.hold(part);
    this.#anchors.set(forwarding, path.index, counters);
    this.#fresh.push({ forwarding, path, counters });
    return true;
  }

  /** Puts them into the tables all at once; those that cannot be, one by one. */
  #putFresh(): FailedChange[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.every(this.#putEntries)) return [];
    this.#tables.execute(fresh.flatMap(entriesOf).map((before) => ({ before })));
    return fresh.flatMap(({ forwarding, path, counters }) => {
      this.#forget({ forwarding, parts: partsOf(forwarding, path, counters), counters });
      return this.#make({ kind: 'set', forwarding }) ?? [];
    });
  }

  readonly #putEntries = ({ path, counters }: FreshBinding): boolean => {
    const anchors = this.#anchors;
    for (let row = anchors.firstRow(counters); row >= 0; row = anchors.nextRow(row))
      if (!this.#tables.addAnchor(anchors.wordsAt(row), path)) return false;
    return true;
  };

  #set(forwarding: Forwarding): Refusal | undefined {
    const known = this.#paths.find(forwarding.customer, forwarding.paths[0]);
    const refused = this.#refusal(forwarding, known);
    if (refused) return refused;
    const path = known ?? this.#paths.add(forwarding.customer, forwarding.paths[0]);
    if (!path) return { code: 'too-many-bindings', reason: `more than ${MAXIMUM_PATHS} tunnels` };
    const old = this.held(forwarding.kind, forwarding.id);
    const uncounted = partsOf(forwarding, path, 0);
    const left = this.#left.isEmpty ? [] : this.#left.find(uncounted, this.#isHeld);
    const found = old ? undefined : this.#left.countersOf(left);
    const counters = old?.counters ?? found ?? this.#counterIndices.take();
    if (counters === undefined) {
      this.#forgetUnusedPath(path);
      return { code: 'too-many-bindings', reason: 'all counters are in use' };
    }
    if (!old && found === undefined) this.#tables.resetCounters(counters);
    const parts = countedBy(uncounted, counters);
    const failure = this.#carryOut(old?.parts ?? [], left, parts);
    if (failure) {
      if (!old && found === undefined) this.#counterIndices.release(counters);
      this.#forgetUnusedPath(path);
      return failure;
    }
    this.#left.claimCounters(counters);
    this.#keep(forwarding, path, parts, counters);
    for (const part of old?.parts ?? []) this.#release(part);
    return undefined;
  }

  /** Whether a binding that is not held was left in the tables as it shall be: it is held from now on. */
  #isLeftSo(forwarding: AnchorForwarding, path: PathPart): boolean {
    const counters = this.#anchors.leftCounters(forwarding, path.index);
    if (counters === undefined || !this.#left.hasCounters(counters)) return false;
    const shared = tunnelParts(forwarding, path);
    if (!shared.every(this.#isHeld)) return false;
    for (const part of shared) this.#holders.hold(part);
    this.#anchors.set(forwarding, path.index, counters);
    this.#left.claimCounters(counters);
    return true;
  }

  #keep(forwarding: Forwarding, path: PathPart, parts: readonly Part[], counters: number): void {
    for (const part of parts) this.#holders.hold(part);
    if (forwarding.kind === 'access') this.#access.set(forwarding.id, { forwarding, parts, counters });
    else this.#anchors.set(forwarding, path.index, counters);
  }

  #clear(kind: Forwarding['kind'], id: string): Refusal | undefined {
    const old = this.held(kind, id);
    if (!old) return undefined;
    const failure = this.#carryOut(old.parts, [], []);
    if (failure) return failure;
    this.#forget(old);
    return undefined;
  }

  /** Its parts go with it, as far as they are nobody else's. */
  #forget({ forwarding: { kind, id }, parts, counters }: HeldForwarding): void {
    if (kind === 'access') this.#access.delete(id);
    else this.#anchors.delete(id);
    for (const part of parts) this.#release(part);
    this.#counterIndices.release(counters);
  }

  /** From the parts that a binding has, and what is `left` where it shall have some, to those that it shall have. */
  #carryOut(held: readonly Part[], left: readonly Part[], desired: readonly Part[]): Refusal | undefined {
    const steps = plan([...held, ...left], desired, this.#countOf);
    if (steps.kind === 'conflict') {
      return { code: 'address-in-use', reason: `another binding has ${describePart(steps.part)}` };
    }
    const { done, failure } = steps.changes.length > 0 ? this.#tables.execute(steps.changes) : NOTHING;
    if (failure === undefined) return undefined;
    const undone = this.#tables.execute(inverse(done));
    const remains = undone.failure === undefined ? '' : `; taking the change back failed too: ${undone.failure}`;
    return { code: 'system', reason: failure + remains };
  }

  readonly #countOf = (part: Part) => this.#holders.count(part);
  readonly #isHeld = (part: Part) => this.#holders.count(part) > 0;

  #anchored(counters: number): HeldForwarding {
    const forwarding = this.#anchors.forwarding(counters);
    return { forwarding, parts: partsOf(forwarding, this.#anchors.path(counters), counters), counters };
  }

  *#allHeld(): Iterable<HeldForwarding> {
    for (const id of this.#anchors.ids()) yield this.#anchored(this.#anchors.counters(id) as number);
    yield* this.#access.values();
  }

  /** Bindings that cannot be on this node. A million of anchors are not looked at unless a customer is gone. */
  *#placedElsewhere(): Iterable<HeldForwarding> {
    const all = [...this.paths()].every(({ customer }) => this.#node.customers.has(customer));
    for (const held of all ? this.#access.values() : this.#allHeld())
      if (misplaced(held.forwarding, this.#node)) yield held;
  }

  /** A binding loses its forwarding; parts that cannot be removed remain as extra ones. */
  #lose(held: HeldForwarding, { code, reason }: Refusal): FailedChange {
    const { kind, id } = held.forwarding;
    const steps = plan(held.parts, [], this.#countOf);
    if (steps.kind === 'changes') this.#attempt(steps.changes);
    this.#forget(held);
    return { kind, id, code, reason };
  }

  #loseHoldersOf(part: Part, reason: string): FailedChange[] {
    const holders: HeldForwarding[] = [];
    const anchored = part.kind === 'anchor-entry' ? this.#anchors.idOf(part) : undefined;
    if (anchored !== undefined) holders.push(this.held('anchor', anchored) as HeldForwarding);
    else for (const held of this.#allHeld()) if (held.parts.some(({ key }) => key === part.key)) holders.push(held);
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

  /** Nothing is left of an earlier process but tunnels; returns how those go that no binding uses. */
  #endLeft(): TableChange[] {
    this.#left.releaseAllCounters();
    const tunnels = this.#left.releaseTunnels();
    for (const part of tunnels) this.#release(part);
    return tunnels.filter((part) => this.#comparison.isExtra(part)).map((before) => ({ before }));
  }

  #release(part: Part): void {
    if (this.#holders.release(part) && part.kind === 'path') this.#forgetUnusedPath(part);
  }

  #forgetUnusedPath(part: PathPart): void {
    if (this.#holders.count(part) !== 0) return;
    this.#paths.remove(part);
    if (!this.isPeer(part.path.remote)) this.#onPeerEnd(part.path.remote);
  }

  /** Its tunnel is another customer's. `known`: the one that it has already, whose customer none but its keys can change. */
  #ofAnother({ customer, paths: [path] }: Forwarding, known: PathPart | undefined): Refusal | undefined {
    if (known && !keysOf(path.encapsulation)) return undefined;
    const key = tunnelOwnerKey(path.local, path.remote, keysOf(path.encapsulation)?.receive);
    const owner = this.#holders.at(key);
    const other = owner?.kind === 'tunnel-owner' ? owner.customer : this.#paths.customers.other({ path, customer });
    if (other === undefined || other === customer) return undefined;
    return {
      code: 'address-in-use',
      reason: `the tunnel from ${path.local} to ${path.remote} is that of customer ${other}`,
    };
  }
}

/** How many bindings of both kinds this node can count. */
export function counterSlots(node: NodeForwarding): number {
  return node.maximumBindings * 2;
}

interface FreshBinding {
  readonly forwarding: AnchorForwarding;
  readonly path: PathPart;
  readonly counters: number;
}

function entriesOf({ forwarding, path, counters }: FreshBinding): readonly AnchorEntry[] {
  return anchorEntries(forwarding, path.index, counters);
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
const NOTHING_OF_ANCHORS: Reconciliation = { confirmed: 0, removed: 0, repaired: 0, failed: [] };

function unsupported(forwarding: Forwarding): Refusal | undefined {
  for (const prefix of forwarding.prefixes)
    if (prefix.length !== 64)
      return { code: 'unsupported', reason: `home network prefix ${prefix}: only /64 is forwarded` };
  const problem = pathProblem(forwarding.paths[0]);
  if (problem) return { code: 'unsupported', reason: problem };
  return undefined;
}
