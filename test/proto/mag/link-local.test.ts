import { expect, it } from 'vitest';
import { type BindingUpdate, findOption, type MobilityOption } from '#wire/mobility/index.ts';
import { acknowledgement, MagDialogue, magConfig, v6 } from './dialogue.ts';

const OFFERED = v6('fe80::1234');
/** What the mobile node makes of its own link-layer address. */
const OF_THE_NODE = v6('fe80::224:d7ff:fe8e:21a4');
const offer = (address = OFFERED): { more: MobilityOption[] } => ({ more: [{ kind: 'link-local-address', address }] });

function asked(update: BindingUpdate): string | undefined {
  return findOption(update.options, 'link-local-address')?.address.toString();
}

function served(dialogue: MagDialogue): string | undefined {
  const session = dialogue.outputs.flatMap((output) =>
    output.kind === 'session' && output.change.kind === 'session-active' ? [output.change.session] : [],
  );
  return session.at(-1)?.linkLocal.toString();
}

it('[RFC 5213 §6.9.1.1(9), §6.9.1.2(15)] asks the LMA for the link-local address where none is fixed, and uses it', () => {
  const dialogue = new MagDialogue({ linkLocalFromLma: true });
  dialogue.attach();
  const update = dialogue.update();
  expect(asked(update)).toBe('::');
  dialogue.receive(acknowledgement(update, offer()));
  expect(served(dialogue)).toBe('fe80::1234');
  dialogue.outputs = [];
  dialogue.advance(300_000);
  expect(asked(dialogue.update())).toBe('fe80::1234');
});

it('[RFC 5213 §6.9.1.2(15)] uses another one than that of the mobile node, and uploads it at once, once', () => {
  const dialogue = new MagDialogue({ linkLocalFromLma: true });
  dialogue.attach();
  dialogue.receive(acknowledgement(dialogue.update(), offer(OF_THE_NODE)));
  expect(served(dialogue)).toBe(magConfig().linkLocal.toString());
  const upload = dialogue.update();
  expect(asked(upload)).toBe(magConfig().linkLocal.toString());
  dialogue.receive(acknowledgement(upload, offer(OF_THE_NODE)));
  expect(dialogue.updates()).toEqual([]);
});

it('uses its own where the LMA names none, or none that is link-local', () => {
  for (const answer of [{}, offer(v6('::')), offer(v6('2001:db8::1'))]) {
    const dialogue = new MagDialogue({ linkLocalFromLma: true });
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update(), answer));
    expect(served(dialogue)).toBe(magConfig().linkLocal.toString());
  }
});

it('does not take the address of an LMA that was not asked', () => {
  const dialogue = new MagDialogue();
  dialogue.attach();
  dialogue.receive(acknowledgement(dialogue.update(), offer()));
  expect(served(dialogue)).toBe(magConfig().linkLocal.toString());
});
