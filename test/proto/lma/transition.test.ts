import { describe, expect, it } from 'vitest';
import type { LmaOutput } from '#proto/lma/events.ts';
import { Dialogue, MAG2 } from './dialogue.ts';

function transitions(outputs: readonly LmaOutput[]): string[] {
  return outputs.flatMap((output) =>
    output.kind === 'log' && output.code === 'transition' ? [output.text.replace('Event received ', '')] : [],
  );
}

describe('transitions of a binding', () => {
  it('are told while the machine is debugged, by the event that caused them', () => {
    const dialogue = new Dialogue();
    dialogue.tell({ kind: 'debug', on: true });
    expect(transitions(dialogue.update())).toEqual(['New MN PBU in state: NULL, new state: ACTIVE']);
    dialogue.pass(1000);
    expect(transitions(dialogue.update())).toEqual(['PBU refresh in state: ACTIVE, new state: ACTIVE']);
    dialogue.pass(1000);
    expect(transitions(dialogue.update({ from: MAG2 }))).toEqual(['PBU handoff in state: ACTIVE, new state: ACTIVE']);
    dialogue.pass(1000);
    expect(transitions(dialogue.update({ from: MAG2, lifetimeSeconds: 0 }))).toEqual([
      'PBU deregistration in state: ACTIVE, new state: DELETING',
    ]);
    expect(transitions(dialogue.pass(10_000))).toEqual(['Timer expiry in state: DELETING, new state: NULL']);
  });

  it('are told of bindings that were there before, and no more when debugging ends', () => {
    const dialogue = new Dialogue();
    expect(transitions(dialogue.update())).toEqual([]);
    dialogue.tell({ kind: 'debug', on: true });
    dialogue.tell({ kind: 'debug', on: true });
    expect(transitions(dialogue.tell({ kind: 'clear-bindings' }))).toEqual([
      'Clear binding in state: ACTIVE, new state: REVOKING',
    ]);
    dialogue.tell({ kind: 'debug', on: false });
    expect(transitions(dialogue.update())).toEqual([]);
    expect(dialogue.lma.snapshot()).toHaveLength(1);
  });
});
