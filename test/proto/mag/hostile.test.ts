import { expect, it } from 'vitest';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { decodeMobilityHeader, encodeMobilityHeader } from '#wire/mobility/index.ts';
import { ACC0, acknowledgement, MagDialogue, MN2, revocation } from './dialogue.ts';

it('takes any message that its LMA can send in any state without a throw, and comes to rest', () => {
  const random = new SeededRandom(11);
  let understood = 0;
  for (let round = 0; round < 300; round++) {
    const dialogue = new MagDialogue();
    dialogue.attach();
    const update = dialogue.update();
    dialogue.attach('dhcp', ACC0, MN2);
    if (round % 2) dialogue.receive(acknowledgement(update));
    if (round % 3 === 0) dialogue.detach();
    for (let i = 0; i < 30; i++) {
      const octets = encodeMobilityHeader(i % 2 ? acknowledgement(update) : revocation());
      for (let n = nextBelow(random, 4); n > 0; n--) octets[nextBelow(random, octets.length)] = random.nextU32();
      const decoded = decodeMobilityHeader(octets);
      if (!decoded.ok) continue;
      understood++;
      dialogue.receive(decoded.value);
      dialogue.advance(nextBelow(random, 3000));
    }
    dialogue.mag.snapshot();
    dialogue.handle({ kind: 'clear-bindings' });
    dialogue.advance(100_000);
    expect(dialogue.mag.snapshot()).toEqual([]);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  }
  expect(understood).toBeGreaterThan(1000);
});
