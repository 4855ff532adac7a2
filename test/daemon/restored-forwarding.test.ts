import { describe, expect, it } from 'vitest';
import type { AnchorForwarding, ForwardingChange } from '#dataplane/desired.ts';
import { MemoryDataPlane } from '#dataplane/memory.ts';
import { RestoredForwarding } from '../../src/daemon/restored-forwarding.ts';
import { anchored, attached, ipv4, node } from '../dataplane/bed.ts';

const set = (forwarding: AnchorForwarding): ForwardingChange => ({ kind: 'set', forwarding });
const numbered = (n: number): AnchorForwarding => ({
  ...anchored,
  id: `mn${n}`,
  homeAddress: ipv4('203.0.113.0').plus(n),
  prefixes: [],
});

function restart() {
  const plane = new MemoryDataPlane();
  plane.start({ ...node, maximumBindings: 1000 });
  const restored = new RestoredForwarding({
    claim: ({ id }) => id === 'left',
    apply: (changes) => plane.apply(changes),
  });
  const held = () => Array.from(plane.forwardings(), ({ id }) => id);
  return { plane, restored, held };
}

describe('the forwarding of restored bindings', () => {
  it('waits for its turn, that of access links does not, and says how far it is', () => {
    const { restored, held } = restart();
    const others = restored.take([
      ...Array.from({ length: 100 }, (_, n) => set(numbered(n))),
      { kind: 'set', forwarding: attached },
    ]);
    expect(others).toEqual([{ kind: 'set', forwarding: attached }]);
    restored.begin();
    expect(restored.progress).toEqual({ set: 0, total: 100 });
    const steps = restored.working();
    steps.next();
    expect(restored.progress?.set).toBe(held().length);
    expect(held().length).toBeGreaterThan(0);
    expect(held().length).toBeLessThan(100);
    while (!steps.next().done);
    expect(restored.progress).toBeUndefined();
    expect(held()).toHaveLength(100);
  });

  it('is there at once when somebody needs it, and is what was said last', () => {
    const { plane, restored, held } = restart();
    restored.take([set(numbered(1)), set(numbered(2))]);
    restored.begin();
    const steps = restored.working();
    restored.require('mn2');
    expect(held()).toEqual(['mn2']);
    plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id: 'mn2' }]);
    while (!steps.next().done);
    expect(held()).toEqual(['mn1']);
  });

  it('need not be set where all of it was left by the daemon before', () => {
    const { restored, held } = restart();
    restored.take([set({ ...numbered(1), id: 'left' }), set(numbered(2))]);
    restored.begin();
    expect(restored.progress).toEqual({ set: 0, total: 1 });
    for (const _ of restored.working());
    expect(held()).toEqual(['mn2']);
  });

  it('is forgotten with a binding that ends before the restart does', () => {
    const { restored, held } = restart();
    restored.take([set(numbered(1)), { kind: 'clear', forwardingKind: 'anchor', id: 'mn1' }]);
    for (const _ of restored.working());
    expect(held()).toEqual([]);
  });
});
