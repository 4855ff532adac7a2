import { describe, expect, it } from 'vitest';
import { findOption } from '#wire/mobility/index.ts';
import {
  ACC0,
  ACC1,
  acknowledgement,
  handoff,
  MagDialogue,
  magConfig,
  PREFIX,
  prefixesOf,
  requestedHomeAddress,
} from './dialogue.ts';

describe('a move between interfaces of one MAG', () => {
  it('[RFC 5844 §3.4.3] moves forwarding at once; the new link serves the node when the LMA has answered', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('data', ACC1);
    expect(dialogue.story()).toEqual([
      `session-ended departed on ${ACC0}`,
      `forward set 192.0.2.1 ${PREFIX} on ${ACC1} via 2001:db8:cafe:1024::101`,
      'send binding-update',
    ]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ interface: ACC1, state: 'REFRESH_PENDING' }]);
  });

  it('[RFC 5213 §6.9.1.1(4)] is an unknown handoff (4) over the same access technology', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('data', ACC1);
    const update = dialogue.update();
    expect(handoff(update)).toBe(4);
    expect(prefixesOf(update)).toEqual(['::/0']);
  });

  it('[RFC 5213 §6.9.1.1(4)] is a handoff between interfaces (2) with the assigned addresses over another one', () => {
    const [first, second] = magConfig().interfaces;
    const dialogue = new MagDialogue({ interfaces: [first!, { ...second!, accessTechnology: 3 }] });
    dialogue.becomeActive();
    dialogue.attach('data', ACC1);
    const update = dialogue.update();
    expect(handoff(update)).toBe(2);
    expect(findOption(update.options, 'access-technology-type')?.accessTechnology).toBe(3);
    expect(prefixesOf(update)).toEqual([PREFIX.toString()]);
    expect(requestedHomeAddress(update)).toBe('192.0.2.1/24');
  });

  it('keeps the session when the old interface goes down after', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    dialogue.attach('data', ACC1);
    dialogue.receive(acknowledgement(dialogue.update()));
    dialogue.outputs = [];
    dialogue.handle({ kind: 'link-down', interface: ACC0 });
    dialogue.detach('station-left', ACC0);
    expect(dialogue.outputs).toEqual([]);
    expect(dialogue.mag.snapshot()).toMatchObject([{ interface: ACC1, state: 'ACTIVE' }]);
  });
});
