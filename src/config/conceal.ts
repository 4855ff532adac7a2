/** Words, as short as they can be typed, that secrets come after; and what may stand between: how they are written, or a type. */
const SECRET =
  /(?<!\S)((?:server-)?ke?y?|sec(?:r(?:et?)?)?|pas(?:s(?:w(?:o(?:rd?)?)?)?)?|community)(\s+(?:(?:ascii|hex|\d)\s+)?)(\S.*)$/i;

/**
 * A line of a configuration with its secrets as stars, as long as before, so that it can be shown and logged. It need not be a command; whatever follows a word that
 * secrets come after is taken for one.
 */
export function concealSecrets(line: string): string {
  return line.replace(SECRET, (_, word: string, between: string, rest: string) => word + between + stars(rest));
}

export function stars(text: string): string {
  return text.replace(/\S/g, '*');
}
