import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { privilegedTable } from '#cli/shell/exec-commands.ts';
import { readExecLine } from '#cli/shell/exec-line.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', 'examples/README.md', ...readdirSync(`${root}docs`).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
);

/** Each `mooring show …` of the page's blocks, as the shell would read it: without options, comments and other programs. */
function shownIn(page: string): string[] {
  const blocks = [...readFileSync(`${root}${page}`, 'utf8').matchAll(/^```\w*\n([\s\S]*?)^```/gm)];
  return blocks.flatMap(([, text = '']) =>
    [...text.matchAll(/^(?:\$ )?(?:bin\/)?mooring (show [^\n]*)/gm)].map(([, line = '']) =>
      line.replace(/\s+(?:--| {2,}| \||#).*$| \|.*$/, '').replace(/ {2,}.*$/, ''),
    ),
  );
}

describe('commands that documents show', () => {
  const all = pages.flatMap((page) => shownIn(page).map((line) => [page, line] as const));

  it('are some', () => {
    expect(all.length).toBeGreaterThan(10);
  });

  it.each(all)('%s: %s', (_, line) => {
    const read = readExecLine(line.trim(), privilegedTable, 0);
    expect(read.ok ? '' : read.error).toBe('');
  });
});
