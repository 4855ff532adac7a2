import { describe, expect, it } from 'vitest';
import { BindingStatus } from '#wire/mobility/index.ts';
import { acknowledgement, MagDialogue, MN, revocation } from './dialogue.ts';

/** What the machine told of its bindings' states; taken. */
function transitions(dialogue: MagDialogue): string[] {
  const told = dialogue.outputs.flatMap((output) =>
    output.kind === 'log' && output.code === 'transition' ? [output.text.replace('Event received ', '')] : [],
  );
  dialogue.outputs = dialogue.outputs.filter((output) => output.kind === 'send');
  return told;
}

describe('transitions of a binding', () => {
  it('are told while the machine is debugged, by the event that caused them', () => {
    const dialogue = new MagDialogue();
    dialogue.handle({ kind: 'debug', on: true });
    dialogue.attach();
    expect(transitions(dialogue)).toEqual(['New MN intf attached in state: NULL, new state: INIT']);
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(transitions(dialogue)).toEqual(['PBA accept in state: INIT, new state: ACTIVE']);
    dialogue.advance(300_000);
    expect(transitions(dialogue)).toEqual(['MN intf present in state: ACTIVE, new state: REFRESH_PENDING']);
    dialogue.receive(acknowledgement(dialogue.update()));
    dialogue.receive(revocation());
    expect(transitions(dialogue)).toEqual([
      'PBA accept in state: REFRESH_PENDING, new state: ACTIVE',
      'BRI in state: ACTIVE, new state: NULL',
    ]);
  });

  it('end with a rejection, or a de-registration that is answered', () => {
    const dialogue = new MagDialogue();
    dialogue.handle({ kind: 'debug', on: true });
    dialogue.attach();
    const refused = { status: BindingStatus.ADMINISTRATIVELY_PROHIBITED };
    transitions(dialogue);
    dialogue.receive(acknowledgement(dialogue.update(), refused));
    expect(transitions(dialogue)).toEqual(['PBA reject in state: INIT, new state: NULL']);
    dialogue.becomeActive();
    dialogue.detach();
    expect(transitions(dialogue)).toEqual([
      'MN intf detached (station-left) in state: ACTIVE, new state: DISCONNECTING',
    ]);
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(transitions(dialogue)).toEqual(['PBA accept in state: DISCONNECTING, new state: NULL']);
  });

  it('name the mobile node, and are not told without debugging', () => {
    const dialogue = new MagDialogue();
    dialogue.attach();
    expect(transitions(dialogue)).toEqual([]);
    dialogue.handle({ kind: 'debug', on: true });
    dialogue.receive(acknowledgement(dialogue.update()));
    const nai = MN.toCiscoString();
    expect(dialogue.outputs.find((output) => output.kind === 'log')).toMatchObject({ fields: { nai, mac: nai } });
    dialogue.handle({ kind: 'debug', on: false });
    dialogue.outputs = [];
    dialogue.detach();
    expect(transitions(dialogue)).toEqual([]);
  });
});
