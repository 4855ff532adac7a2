import { describe, expect, it } from 'vitest';
import { BindingStatus } from '#wire/mobility/index.ts';
import { acknowledgement, MagDialogue, MN, prefixesOf, requestedHomeAddress } from './dialogue.ts';

describe('rejection', () => {
  it.each([128, 129, 130, 133, 153, 154, 156, 159])('[RFC 5213 §6.9.1.2(11)] denies service on status %i', (status) => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { status }));
    expect(dialogue.story()).toEqual(['log pbu-rejected', expect.stringMatching(/^session-refused [A-Z]/)]);
    expect(dialogue.mag.snapshot()).toEqual([]);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });

  it('[RFC 5213 §6.9.1.2(7)] does not ask again after PROXY_REG_NOT_ENABLED until the operator acts', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { status: BindingStatus.PROXY_REG_NOT_ENABLED }));
    dialogue.outputs = [];
    dialogue.attach();
    expect(dialogue.story()).toEqual(['session-refused PROXY_REG_NOT_ENABLED']);
    dialogue.handle({ kind: 'clear-bindings', nai: MN.toCiscoString() });
    dialogue.attach();
    expect(dialogue.updates()).toHaveLength(1);
  });

  it('[RFC 5213 §6.9.1.2(8)] asks again at once after TIMESTAMP_LOWER_THAN_PREV_ACCEPTED, twice at most', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    for (let i = 0; i < 2; i++) {
      const status = BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED;
      dialogue.receive(acknowledgement(dialogue.update(), { status }));
    }
    const last = dialogue.update();
    dialogue.receive(acknowledgement(last, { status: BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED }));
    expect(dialogue.story()).toEqual(['log pbu-rejected', 'session-refused TIMESTAMP_LOWER_THAN_PREV_ACCEPTED']);
  });

  it('becomes active when the repeated request is accepted', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), { status: BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED }));
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(dialogue.mag.snapshot()[0]?.state).toBe('ACTIVE');
  });

  it('[RFC 5213 §6.9.1.2(9)] tells the operator how far the clocks are apart on TIMESTAMP_MISMATCH', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const update = dialogue.update();
    dialogue.receive(
      acknowledgement(update, {
        status: BindingStatus.TIMESTAMP_MISMATCH,
        option: (option) => (option.kind === 'timestamp' ? { ...option, seconds: option.seconds - 30 } : option),
      }),
    );
    const log = dialogue.outputs.find((output) => output.kind === 'log');
    expect(log?.fields.clockAheadSeconds).toBe(30);
    expect(log?.text).toMatch(/: TIMESTAMP_MISMATCH; the clocks are 30 s apart, synchronize both$/);
  });

  it('[RFC 5844 §3.2.3.2] asks for IPv6 alone after NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(
      acknowledgement(dialogue.update(), { status: BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE }),
    );
    const update = dialogue.update();
    expect(prefixesOf(update)).toEqual(['::/0']);
    expect(requestedHomeAddress(update)).toBeUndefined();
  });

  it('[RFC 5844 §3.2.3.2] asks for IPv4 alone after NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE, then for nothing', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    dialogue.receive(
      acknowledgement(dialogue.update(), { status: BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE }),
    );
    const update = dialogue.update();
    expect(prefixesOf(update)).toEqual([]);
    dialogue.receive(acknowledgement(update, { status: BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE }));
    dialogue.outputs = [];
    dialogue.attach();
    expect(dialogue.story()).toEqual(['session-refused the LMA authorizes no service']);
  });
});
