import { describe, expect, it } from 'vitest';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { entryOfWords } from '#dataplane/anchor-bindings.ts';
import { type EntryWords, emptyWords, writeEntry } from '#dataplane/anchor-entries.ts';
import type { Forwarding } from '#dataplane/desired.ts';
import { counterSlots, ForwardingTable } from '#dataplane/forwarding-table.ts';
import type { Part, PathPart } from '#dataplane/part.ts';
import type { TableChange } from '#dataplane/plan.ts';
import type { Execution, Tables } from '#dataplane/tables.ts';
import { anchored, attached, attachedBob, BOB, ipv4, node, otherPath, prefix6 } from './bed.ts';

/** Tables that keep what is in them and fail when told to. */
class FailingTables implements Tables {
  readonly held = new Map<string, Part>();
  readonly log: string[] = [];
  readonly counterSlots = counterSlots(node);
  failAt = Number.POSITIVE_INFINITY;

  parts(): Iterable<Part> {
    return [...this.held.values()].filter(({ kind }) => kind !== 'anchor-entry');
  }

  *anchorEntries(): Iterable<EntryWords> {
    for (const part of this.held.values()) {
      if (part.kind !== 'anchor-entry') continue;
      const words = emptyWords();
      writeEntry(words, part);
      yield words;
    }
  }

  find(part: Part): Part | undefined {
    return this.held.get(part.key);
  }

  execute(changes: readonly TableChange[]): Execution {
    const done: TableChange[] = [];
    for (const change of changes) {
      if (this.failAt-- === 0) return { done, failure: 'disk on fire' };
      const part = (change.after ?? change.before) as Part;
      this.log.push(`${change.after ? (change.before ? '=' : '+') : '-'}${part.kind}`);
      if (change.after) this.held.set(part.key, change.after);
      else this.held.delete(part.key);
      done.push(change);
    }
    return { done };
  }

  addAnchor(entry: Readonly<EntryWords>, path: PathPart): boolean {
    return this.execute([{ after: entryOfWords(entry, () => path) }]).failure === undefined;
  }

  resetCounters(): void {}

  translatedPort(): undefined {}
}

function fresh() {
  const tables = new FailingTables();
  const table = new ForwardingTable(node, tables);
  const set = (...forwardings: Forwarding[]) =>
    table.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding })));
  const clear = (kind: Forwarding['kind'], id: string) => table.apply([{ kind: 'clear', forwardingKind: kind, id }]);
  return { tables, table, set, clear };
}

describe('the plan for a binding', () => {
  it('makes the way before it directs packets there, and stops directing before it takes the way apart', () => {
    const { tables, set, clear } = fresh();
    set({ ...attached, prefixes: [] });
    const up = tables.log.splice(0);
    expect(up).toEqual(['+path', '+router-address', '+neighbour', '+route', '+station', '+access-entry']);
    clear('access', 'attached');
    expect(tables.log).toEqual(['-access-entry', '-station', '-route', '-neighbour', '-router-address', '-path']);
  });

  it('changes only the entry of a mobile node that moves to another gateway, between new tunnel and end of the old', () => {
    const { tables, set } = fresh();
    set(anchored);
    tables.log.length = 0;
    set({ ...anchored, paths: [otherPath] });
    expect(tables.log).toEqual(['+path', '=anchor-entry', '=anchor-entry', '-path']);
  });

  it('does nothing for what is already so', () => {
    const { tables, set } = fresh();
    set(anchored, attached);
    tables.log.length = 0;
    set(anchored, attached);
    expect(tables.log).toEqual([]);
  });

  it('[RFC 5213 §5.6.1(3), §5.3.4(2), §5.3.2(5), §5.3.4(3), §5.6.1, §6.9.1.2(12), §6.9.1.4(3), RFC 5844 §3.2.3.2(7)] keeps what two bindings share, the tunnel too, until the second ends', () => {
    const { tables, set, clear } = fresh();
    set(attached, attachedBob);
    const shared = () =>
      [...tables.held.values()].map((part) => part.kind).filter((kind) => kind === 'path' || kind === 'router-address');
    expect(shared()).toEqual(['path', 'router-address']);
    clear('access', 'attached');
    expect(shared()).toEqual(['path', 'router-address']);
    clear('access', 'attached-bob');
    expect(tables.held.size).toBe(0);
  });

  it('leaves another binding alone when an address is in use', () => {
    const { tables, set } = fresh();
    set(attached);
    const before = new Map(tables.held);
    expect(set({ ...attachedBob, homeAddress: ipv4('203.0.113.1') }).failed).toMatchObject([
      { id: 'attached-bob', code: 'address-in-use', reason: expect.stringContaining('203.0.113.1') },
    ]);
    expect(tables.held).toEqual(before);
  });
});

describe('the comparison of tables and bindings', () => {
  it('may take its time: what changes meanwhile is no fault, what is one stays one', () => {
    const { tables, table, set, clear } = fresh();
    set(anchored, attached);
    const [lost] = [...tables.held.values()].filter((part) => part.kind === 'access-entry');
    tables.held.delete((lost as Part).key);
    const steps = table.auditing();
    for (let step = 0; step < 3; step++) steps.next();
    clear('anchor', 'anchored');
    set(attachedBob);
    let end = steps.next();
    while (!end.done) end = steps.next();
    expect(end.value).toMatchObject({ missing: 1, different: 0, extra: 0, unclaimed: 0 });
    expect(end.value.examples).toEqual([expect.stringContaining('missing: ')]);
  });
});

describe('a change that fails', () => {
  const moved: Forwarding = { ...attached, mac: BOB, prefixes: [prefix6('2001:db8:beef:9::/64')], paths: [otherPath] };
  const steps = () => {
    const { tables, set } = fresh();
    set(attached);
    tables.log.length = 0;
    set(moved);
    return tables.log.length;
  };

  it.each(Array.from({ length: steps() }, (_, i) => i))(
    'at step %i leaves what was held, and works when tried again',
    (failAt) => {
      const { tables, table, set } = fresh();
      set(attached);
      const before = new Map(tables.held);
      tables.failAt = failAt;
      expect(set(moved).failed).toEqual([{ kind: 'access', id: 'attached', code: 'system', reason: 'disk on fire' }]);
      expect(tables.held).toEqual(before);
      expect(table.held('access', 'attached')?.forwarding).toBe(attached);
      expect(set(moved).failed).toEqual([]);
      expect(table.held('access', 'attached')?.forwarding).toBe(moved);
      expect([...table.paths()]).toHaveLength(1);
    },
  );

  it('among many that are new together leaves the others in place, and nothing of its own', () => {
    const { tables, table, set } = fresh();
    const many = Array.from(
      { length: 12 },
      (_, i): Forwarding => ({
        ...anchored,
        id: `mn${i}`,
        homeAddress: ipv4(`192.0.2.${i + 1}`),
        prefixes: [prefix6(`2001:db8:beef:${i + 1}::/64`)],
      }),
    );
    const [first, ...rest] = many as [Forwarding, ...Forwarding[]];
    set(first);
    const full = tables.execute.bind(tables);
    tables.execute = (changes) => {
      const at = changes.findIndex(({ after }) => after?.kind === 'anchor-entry' && `${after.target}` === '192.0.2.8');
      const { done } = full(at < 0 ? changes : changes.slice(0, at));
      return at < 0 ? { done } : { done, failure: 'the table is full' };
    };
    expect(set(...rest).failed).toEqual([{ kind: 'anchor', id: 'mn7', code: 'system', reason: 'the table is full' }]);
    expect(table.size).toBe(11);
    expect(table.audit()).toMatchObject({ missing: 0, different: 0, extra: 0 });
    const counters = many.map(({ id }) => table.counters(id)).filter((index) => index !== undefined);
    expect(new Set(counters).size).toBe(11);
  });

  it('does not hold up the others', () => {
    const { tables, table, set } = fresh();
    tables.failAt = 1;
    expect(set(anchored, attached).failed.map(({ id }) => id)).toEqual(['anchored']);
    expect(table.held('access', 'attached')).toBeDefined();
    expect([...tables.held.values()].some((part) => part.kind === 'anchor-entry')).toBe(false);
  });
});

describe('the agreement of tables and bindings', () => {
  const choices = Array.from(
    { length: 6 },
    (_, i): Forwarding => ({
      ...(i % 2 === 0 ? anchored : attached),
      id: `mn${i}`,
      homeAddress: ipv4(`192.0.2.${i + 1}`),
      prefixes: [prefix6(`2001:db8:beef:${i + 1}::/64`)],
    }),
  );
  const moved = choices.map((one): Forwarding => ({ ...one, paths: [otherPath] }));

  it.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    'is reached in steps between which bindings come and go (seed %i)',
    (seed) => {
      const random = new SeededRandom(seed);
      const { tables, set } = fresh();
      set(...choices);
      const next = new ForwardingTable(node, tables);
      const wanted = new Map<string, Forwarding>();
      const steps = next.reconciling();
      while (!steps.next().done) {
        const [one, other] = [choices, moved].map((all) => all[nextBelow(random, all.length)] as Forwarding);
        const forwarding = (nextBelow(random, 2) === 0 ? one : other) as Forwarding;
        if (nextBelow(random, 3) === 0) {
          wanted.delete(forwarding.id);
          next.apply([{ kind: 'clear', forwardingKind: forwarding.kind, id: forwarding.id }]);
        } else {
          wanted.set(forwarding.id, forwarding);
          expect(next.apply([{ kind: 'set', forwarding }]).failed).toEqual([]);
        }
      }
      expect(next.audit()).toMatchObject({ missing: 0, different: 0, extra: 0, unclaimed: 0 });
      const alone = fresh();
      alone.set(...wanted.values());
      expect([...tables.held.keys()].sort()).toEqual([...alone.tables.held.keys()].sort());
      const counters = new Set([...wanted.values()].map(({ kind, id }) => next.held(kind, id)?.counters));
      expect(counters.size).toBe(wanted.size);
      for (let i = 0; i < 3; i++) {
        expect(next.apply([...choices, ...moved].map((forwarding) => ({ kind: 'set', forwarding }))).failed).toEqual(
          [],
        );
        next.clearAll();
      }
      expect(tables.held.size).toBe(0);
    },
  );
});
