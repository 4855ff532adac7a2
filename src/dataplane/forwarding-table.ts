import type { ApplyErrorCode, ApplyResult, FailedChange } from './dataplane.ts';
import type { Forwarding, ForwardingChange, NodeForwarding, Path } from './desired.ts';
import { IndexAllocator } from './index-allocator.ts';
import { type Part, type PathPart, partsOf, pathKey } from './part.ts';
import { inverse, plan, type TableChange } from './plan.ts';
import { pathProblem } from './tunnel-form.ts';

/** The tables in which forwarding really happens. */
export interface Tables {
  /** Makes the changes in order up to the first that fails. */
  execute(changes: readonly TableChange[]): Execution;
  /** Sets the counters of a new binding to 0. */
  resetCounters(index: number): void;
}

export interface Execution {
  /** What was changed. */
  readonly done: readonly TableChange[];
  /** Why the rest was not. */
  readonly failure?: string;
}

export interface HeldForwarding {
  readonly forwarding: Forwarding;
  readonly parts: readonly Part[];
  /** Index of its counters. */
  readonly counters: number;
}

/** Tunnels at most. */
export const MAXIMUM_PATHS = 16384;

/**
 * What a data plane holds, binding by binding, and how it gets from there to what is desired. A part that several bindings have in
 * common is made for the first and goes with the last.
 */
export class ForwardingTable {
  readonly #tables: Tables;
  #interfaces: ReadonlySet<string>;
  readonly #held = new Map<string, HeldForwarding>();
  readonly #holders = new Map<string, number>();
  readonly #paths = new Map<string, PathPart>();
  readonly #pathAt = new Map<number, Path>();
  readonly #pathIndices = new IndexAllocator(MAXIMUM_PATHS);
  readonly #counterIndices: IndexAllocator;

  constructor(node: NodeForwarding, tables: Tables) {
    this.#tables = tables;
    this.#interfaces = interfacesOf(node);
    this.#counterIndices = new IndexAllocator(counterSlots(node));
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

  /**
   * Clears the bindings of the access interfaces in `changed`, lets `change` make the node another one, and sets them again. `node` does not
   * need more counters than the first one.
   */
  reconfigure(node: NodeForwarding, changed: ReadonlySet<string>, change: () => void): ApplyResult {
    const moved = this.forwardings().filter((each) => each.kind === 'access' && changed.has(each.interface));
    this.apply(moved.map(({ kind, id }) => ({ kind: 'clear', forwardingKind: kind, id })));
    change();
    this.#interfaces = interfacesOf(node);
    return this.apply(moved.map((forwarding) => ({ kind: 'set', forwarding })));
  }

  held(kind: Forwarding['kind'], id: string): HeldForwarding | undefined {
    return this.#held.get(heldKey(kind, id));
  }

  get size(): number {
    return this.#held.size;
  }

  /** What is held of every binding. */
  forwardings(): Forwarding[] {
    return Array.from(this.#held.values(), ({ forwarding }) => forwarding);
  }

  /** The tunnels that bindings use. */
  paths(): Iterable<PathPart> {
    return this.#paths.values();
  }

  /** The tunnel at an index of `path` parts. */
  pathAt(index: number): Path | undefined {
    return this.#pathAt.get(index);
  }

  /** What leads from all that is held to nothing. */
  clearAll(): void {
    for (const { forwarding } of [...this.#held.values()]) this.#clear(forwarding.kind, forwarding.id);
  }

  #set(forwarding: Forwarding): Failure | undefined {
    const refused = unsupported(forwarding) ?? this.#unknownInterface(forwarding);
    if (refused) return refused;
    const old = this.held(forwarding.kind, forwarding.id);
    const counters = old?.counters ?? this.#counterIndices.take();
    const path = this.#pathPart(forwarding.paths[0]);
    if (counters === undefined || !path) {
      if (counters !== undefined && !old) this.#counterIndices.release(counters);
      return {
        code: 'too-many-bindings',
        reason: path ? 'all counters are in use' : `more than ${MAXIMUM_PATHS} tunnels`,
      };
    }
    if (!old) this.#tables.resetCounters(counters);
    const parts = partsOf(forwarding, path, counters);
    const failure = this.#carryOut(old?.parts ?? [], parts);
    if (failure) {
      if (!old) this.#counterIndices.release(counters);
      this.#forgetUnusedPath(path);
      return failure;
    }
    this.#held.set(heldKey(forwarding.kind, forwarding.id), { forwarding, parts, counters });
    return undefined;
  }

  #clear(kind: Forwarding['kind'], id: string): Failure | undefined {
    const old = this.held(kind, id);
    if (!old) return undefined;
    const failure = this.#carryOut(old.parts, []);
    if (failure) return failure;
    this.#held.delete(heldKey(kind, id));
    this.#counterIndices.release(old.counters);
    return undefined;
  }

  #carryOut(held: readonly Part[], desired: readonly Part[]): Failure | undefined {
    const steps = plan(held, desired, this.#holders);
    if (steps.kind === 'conflict') {
      return { code: 'address-in-use', reason: `another binding has ${describe(steps.part)}` };
    }
    const { done, failure } = steps.changes.length > 0 ? this.#tables.execute(steps.changes) : NOTHING;
    if (failure !== undefined) {
      const undone = this.#tables.execute(inverse(done));
      const remains = undone.failure === undefined ? '' : `; taking the change back failed too: ${undone.failure}`;
      return { code: 'system', reason: failure + remains };
    }
    for (const part of desired) this.#holders.set(part.key, (this.#holders.get(part.key) ?? 0) + 1);
    for (const part of held) this.#release(part);
    return undefined;
  }

  #release(part: Part): void {
    const holders = (this.#holders.get(part.key) as number) - 1;
    if (holders > 0) this.#holders.set(part.key, holders);
    else {
      this.#holders.delete(part.key);
      if (part.kind === 'path') this.#forgetUnusedPath(part);
    }
  }

  #pathPart(path: Path): PathPart | undefined {
    const key = pathKey(path);
    const known = this.#paths.get(key);
    if (known) return known;
    const index = this.#pathIndices.take();
    if (index === undefined) return undefined;
    const part: PathPart = { kind: 'path', key, index, path };
    this.#paths.set(key, part);
    this.#pathAt.set(index, path);
    return part;
  }

  #forgetUnusedPath(part: PathPart): void {
    if (this.#holders.has(part.key)) return;
    this.#paths.delete(part.key);
    this.#pathAt.delete(part.index);
    this.#pathIndices.release(part.index);
  }

  #unknownInterface(forwarding: Forwarding): Failure | undefined {
    if (forwarding.kind === 'anchor' || this.#interfaces.has(forwarding.interface)) return undefined;
    return { code: 'unknown-interface', reason: `${forwarding.interface} is no access interface of this node` };
  }
}

function interfacesOf({ accessInterfaces }: NodeForwarding): Set<string> {
  return new Set(accessInterfaces.map(({ name }) => name));
}

/** How many bindings of both kinds this node can count. */
export function counterSlots(node: NodeForwarding): number {
  return node.maximumBindings * 2;
}

interface Failure {
  readonly code: ApplyErrorCode;
  readonly reason: string;
}

const NOTHING: Execution = { done: [] };

function unsupported(forwarding: Forwarding): Failure | undefined {
  const odd = forwarding.prefixes.find((prefix) => prefix.length !== 64);
  if (odd) return { code: 'unsupported', reason: `home network prefix ${odd}: only /64 is forwarded` };
  if (forwarding.customer !== 0)
    return { code: 'unsupported', reason: `customer ${forwarding.customer}: only 0 is forwarded` };
  const problem = pathProblem(forwarding.paths[0]);
  if (problem) return { code: 'unsupported', reason: problem };
  return undefined;
}

function describe(part: Part): string {
  if (part.kind === 'route' || part.kind === 'anchor-entry' || part.kind === 'access-entry') return String(part.target);
  return part.kind === 'neighbour' ? `${part.address} on ${part.interface}` : part.kind;
}

function heldKey(kind: Forwarding['kind'], id: string): string {
  return `${kind} ${id}`;
}
