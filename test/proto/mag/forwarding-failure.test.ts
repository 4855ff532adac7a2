import { describe, expect, it } from 'vitest';
import { ACC0, MagDialogue, MN } from './dialogue.ts';

describe('forwarding that the data plane refuses', () => {
  it('[RFC 5213 §6.9.1.4] ends the session, tells the LMA, and refuses the mobile node', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.outputs = [];
    dialogue.handle({ kind: 'forwarding-failed', id: MN.toString(), reason: 'no room' });
    expect(dialogue.outputs).toMatchObject([
      { kind: 'store', change: { kind: 'delete', id: `M1/${MN}` } },
      { kind: 'forward', change: { kind: 'clear', forwardingKind: 'access', id: MN.toString() } },
      { kind: 'session', change: { kind: 'session-ended', interface: ACC0 } },
      { kind: 'send', message: { kind: 'binding-update', lifetime: 0 } },
      { kind: 'session', change: { kind: 'session-refused', reason: 'no forwarding: no room' } },
    ]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ state: 'DISCONNECTING' }]);
    expect(dialogue.mag.stats.forwardingFailed).toBe(1);
  });

  it('of an unknown mobile node, or of one that leaves, is nothing', () => {
    const dialogue = new MagDialogue();
    dialogue.handle({ kind: 'forwarding-failed', id: MN.toString(), reason: 'no room' });
    dialogue.handle({ kind: 'forwarding-failed', id: 'nobody', reason: 'no room' });
    dialogue.becomeActive();
    dialogue.detach();
    dialogue.outputs = [];
    dialogue.handle({ kind: 'forwarding-failed', id: MN.toString(), reason: 'no room' });
    expect(dialogue.outputs).toEqual([]);
  });
});
