import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENDINGS } from './endings.ts';
import { MOVEMENT } from './movement.ts';
import { REFUSALS } from './refusals.ts';
import { SERVICES } from './services.ts';
import { Stage } from './stage.ts';
import { TUNNELS } from './tunnels.ts';

const ALL = [...MOVEMENT, ...SERVICES, ...ENDINGS, ...TUNNELS, ...REFUSALS];

/** `vitest run test/proto/dialogues -u` records them anew; whoever does reads what has changed. */
describe('LMA and MAG, as recorded', () => {
  it.each(ALL)('[$rfc] $title', async ({ name, title, rfc, setting = {}, agrees, play }) => {
    const stage = new Stage(setting);
    play(stage);
    const text = `${title}\n${rfc}\n\n${stage.end(agrees)}`;
    await expect(text).toMatchFileSnapshot(`recorded/${name}.txt`);
  });

  it('no recording is left over', () => {
    const recorded = readdirSync(new URL('recorded/', import.meta.url));
    expect(recorded.toSorted()).toEqual(ALL.map(({ name }) => `${name}.txt`).toSorted());
  });
});
