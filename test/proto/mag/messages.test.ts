import { describe, expect, it } from 'vitest';
import { LMA, MagDialogue, v6 } from './dialogue.ts';

const STRANGER = { ...LMA, remote: v6('2001:db8:bad::1') };

describe('other messages', () => {
  it('[RFC 5847 §3.2] answers a heartbeat of its LMA with its restart counter', () => {
    const dialogue = new MagDialogue();
    const request = { kind: 'heartbeat', response: false, unsolicited: false, sequence: 77, options: [] } as const;
    dialogue.receive(request);
    expect(dialogue.outputs).toEqual([
      {
        kind: 'send',
        to: LMA,
        message: { ...request, response: true, options: [{ kind: 'restart-counter', counter: 1 }] },
      },
    ]);
    dialogue.outputs = [];
    dialogue.receive(request, STRANGER);
    dialogue.receive({ ...request, response: true });
    expect(dialogue.outputs).toEqual([]);
  });

  it('[RFC 5213 §6.9.1.2(2), RFC 6275 §9.2, RFC 5846 §6.2] answers an unknown type with a Binding Error, so many and no more', () => {
    const dialogue = new MagDialogue();
    const unknown = { kind: 'unknown-mobility-message', type: 99, data: new Uint8Array(2) } as const;
    dialogue.receive(unknown, STRANGER);
    expect(dialogue.outputs).toEqual([]);
    dialogue.receive(unknown);
    expect(dialogue.outputs).toMatchObject([{ kind: 'send', message: { kind: 'binding-error', status: 2 } }]);
    for (let i = 0; i < 100; i++) dialogue.receive(unknown);
    expect(dialogue.mag.stats.bindingErrorsSent).toBe(10);
    expect(dialogue.mag.stats.messagesUnsupported).toBe(101);
  });

  it('counts malformed octets, and logs those of an LMA', () => {
    const dialogue = new MagDialogue();
    const error = { code: 'truncated', offset: 3, field: 'Header Len', rule: 'too short (RFC 6275 §9.2)' } as const;
    dialogue.handle({ kind: 'malformed', from: STRANGER, error });
    expect(dialogue.outputs).toEqual([]);
    dialogue.handle({ kind: 'malformed', from: LMA, error });
    expect(dialogue.outputs).toMatchObject([{ code: 'malformed-message', fields: { error: 'truncated', offset: 3 } }]);
    expect(dialogue.outputs[0]).not.toHaveProperty('fields.code');
    expect(dialogue.mag.stats.messagesMalformed).toBe(2);
  });
});
