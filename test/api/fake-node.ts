import type { NodeAccess } from '#api/node-access.ts';
import { type ControlRequest, RequestError } from '#daemon/control-protocol.ts';
import type { BindingChanges, BindingEntry } from '#daemon/observe/binding-index.ts';
import { BindingJournal } from '#daemon/observe/binding-journal.ts';

/** A node of which a test says what it has; it tells of bindings as the packet worker does, some at a time. */
export class FakeNode implements NodeAccess {
  readonly version = '1.2.3';
  readonly startedAt = '2026-01-01T00:00:00.000Z';
  readonly hostname = 'fake';
  readonly entries = new Map<string, BindingEntry>();
  readonly asked: ControlRequest[] = [];
  /** What else it answers. */
  readonly answers: Record<string, (request: ControlRequest) => unknown> = {};
  readonly #journal = new BindingJournal();
  readonly #portion: number;

  constructor(portion = 3) {
    this.#portion = portion;
  }

  set(entry: BindingEntry): void {
    this.entries.set(entry.key, entry);
    this.#journal.note(entry.key);
  }

  delete(key: string): void {
    this.entries.delete(key);
    this.#journal.note(key);
  }

  /** Whoever keeps an index must begin anew. */
  forget(): void {
    this.#journal.end();
  }

  async ask<Answer>(request: ControlRequest): Promise<Answer> {
    this.asked.push(request);
    return this.#answer(request) as Answer;
  }

  #answer(request: ControlRequest): unknown {
    if (request.request === 'binding-changes') return this.#changes(request.epoch as number | undefined);
    if (request.request === 'binding-rows') return (request.keys as string[]).filter((key) => this.entries.has(key));
    const answer = this.answers[request.request];
    if (answer) return answer(request);
    throw new RequestError('unknown-request', request.request);
  }

  #changes(epoch: number | undefined): BindingChanges {
    const continues = epoch !== undefined && this.#journal.isOf(epoch);
    if (!continues) this.#journal.begin(this.entries.keys());
    const keys = this.#journal.take(this.#portion);
    return {
      epoch: this.#journal.epoch,
      anew: !continues,
      entries: keys.flatMap((key) => this.entries.get(key) ?? []),
      gone: keys.filter((key) => !this.entries.has(key)),
      more: this.#journal.hasMore,
    };
  }
}

export function entry(key: string, more: Partial<BindingEntry> = {}): BindingEntry {
  return {
    key,
    role: 'lma',
    node: 'L',
    nai: key,
    mac: '0200.5e00.5301',
    addresses: ['192.0.2.1'],
    peer: 'M1',
    peerAddress: '2001:db8::15',
    customer: null,
    registeredAt: 0,
    ...more,
  };
}
