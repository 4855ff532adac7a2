const MORE = ' --More-- ';

/** What shows long output page by page. */
export interface Pages {
  /** Lines of a page; 0: no pages. */
  length(): number;
  /** Resolves when there is room for more. */
  write(text: string): Promise<void> | undefined;
  nextKey(): Promise<string>;
  /** Whether the operator wants no more of it. */
  interrupted(): boolean;
}

/** Writes the pieces of a text, each of whole lines. Behind each page a blank brings the next, the line end one line more, and any other key ends it. */
export async function writePaged(pieces: Iterable<string> | AsyncIterable<string>, pages: Pages): Promise<void> {
  let room = pages.length() - 1;
  for await (const piece of pieces) {
    const lines = piece.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) {
      if (pages.interrupted()) return;
      if (pages.length() > 0 && room <= 0) {
        const more = await askForMore(pages);
        if (more === 'end') return;
        room = more === 'line' ? 1 : pages.length() - 1;
      }
      const ready = pages.write(`${line}\n`);
      if (ready) await ready;
      room--;
    }
  }
}

async function askForMore(pages: Pages): Promise<'page' | 'line' | 'end'> {
  void pages.write(MORE);
  const key = await pages.nextKey();
  void pages.write(`\r${' '.repeat(MORE.length)}\r`);
  if (key === ' ') return 'page';
  return key === '\r' || key === '\n' ? 'line' : 'end';
}
