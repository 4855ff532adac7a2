/** The words that `text` may stand for: the equal one, else all that begin with it. Case does not count. */
export function uniquePrefix<Word extends string>(words: Iterable<Word>, text: string): Word[] {
  const wanted = text.toLowerCase();
  const found: Word[] = [];
  for (const word of words) {
    const candidate = word.toLowerCase();
    if (candidate === wanted) return [word];
    if (candidate.startsWith(wanted)) found.push(word);
  }
  return found;
}
