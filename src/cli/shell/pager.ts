const MORE = ' --More-- ';

/** What shows long output page by page. */
export interface Pages {
  /** Lines of a page; 0: no pages. */
  length(): number;
  write(text: string): void;
  nextKey(): Promise<string>;
}

/** Writes `text`. Behind each page a blank brings the next, the line end one line more, and any other key ends it. */
export async function writePaged(text: string, pages: Pages): Promise<void> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let room = pages.length() - 1;
  for (const [index, line] of lines.entries()) {
    if (pages.length() > 0 && room <= 0) {
      const more = await askForMore(pages);
      if (more === 'end') return;
      room = more === 'line' ? 1 : pages.length() - 1;
    }
    pages.write(`${line}\n`);
    room--;
    if (index === lines.length - 1) return;
  }
}

async function askForMore(pages: Pages): Promise<'page' | 'line' | 'end'> {
  pages.write(MORE);
  const key = await pages.nextKey();
  pages.write(`\r${' '.repeat(MORE.length)}\r`);
  if (key === ' ') return 'page';
  return key === '\r' || key === '\n' ? 'line' : 'end';
}
