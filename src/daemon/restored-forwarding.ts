import { AnchorForwardings } from '#dataplane/anchor-forwardings.ts';
import type { AnchorForwarding, ForwardingChange } from '#dataplane/desired.ts';

/** Bindings of one step, set together. */
const STEP = 16;

/** How far it is. */
export interface Restoration {
  readonly set: number;
  readonly total: number;
}

/** What sets them. */
export interface RestoringPlane {
  /** As `HostDataPlane` has it. */
  claim(forwarding: AnchorForwarding): boolean;
  /** Deals with what it could not do, too. */
  apply(changes: readonly ForwardingChange[]): void;
}

/**
 * The forwarding of bindings of anchors that the store gave back. What an earlier daemon left as it shall be is claimed at once, which is quick. Setting a million anew
 * takes seconds, in which mobile nodes shall not wait: they are set step by step, or when somebody asks for one.
 */
export class RestoredForwarding {
  readonly #plane: RestoringPlane;
  readonly #waiting = new AnchorForwardings();
  #total = 0;

  constructor(plane: RestoringPlane) {
    this.#plane = plane;
  }

  /** Takes the changes of anchors that it can put off; returns the others. */
  take(changes: readonly ForwardingChange[]): ForwardingChange[] {
    return changes.filter((change) => {
      if (change.kind === 'clear') return change.forwardingKind === 'access' || !this.#waiting.delete(change.id);
      const { forwarding } = change;
      if (forwarding.kind === 'access') return true;
      return !this.#plane.claim(forwarding) && !this.#waiting.set(forwarding);
    });
  }

  /** No more are to come. */
  begin(): void {
    this.#total = this.#waiting.size;
  }

  get(id: string): AnchorForwarding | undefined {
    return this.#waiting.get(id);
  }

  /** Those that are not set yet. */
  waiting(): Iterable<AnchorForwarding> {
    return this.#waiting.values();
  }

  /** `undefined` when all are set. */
  get progress(): Restoration | undefined {
    return this.#waiting.size === 0 ? undefined : { set: this.#total - this.#waiting.size, total: this.#total };
  }

  /** Sets one now, if it waits. */
  require(id: string): void {
    const forwarding = this.#waiting.get(id);
    if (forwarding) this.#set([forwarding]);
  }

  *working(): Generator<undefined, void> {
    let some: AnchorForwarding[] = [];
    for (const forwarding of this.#waiting.values()) {
      some.push(forwarding);
      if (some.length < STEP) continue;
      this.#set(some);
      some = [];
      yield;
    }
    if (some.length > 0) this.#set(some);
  }

  #set(forwardings: readonly AnchorForwarding[]): void {
    for (const { id } of forwardings) this.#waiting.delete(id);
    this.#plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding })));
  }
}
