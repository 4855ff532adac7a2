/**
 * The same text with comments and the contents of string, template and regular-expression literals turned into spaces.
 * Positions and lines stay, so that a rule can look for code without meeting prose. Code inside `${…}` stays.
 */
export function codeOnly(text: string): string {
  return new Scanner(text).run();
}

/** After these a slash starts a regular expression; after anything else it divides. */
const REGEX_MAY_FOLLOW =
  /(^|[=(,:;!&|?{}[+\-*%<>~^]|\b(return|typeof|case|in|of|do|else|yield|await|void|delete|throw))$/;

class Scanner {
  readonly #text: string;
  readonly #out: string[];
  /** The brace depth outside each template literal whose `${` is open. */
  readonly #templates: number[] = [];
  #depth = 0;
  #at = 0;
  /** The code seen last, enough of it to tell a regular expression from a division. */
  #previous = '';

  constructor(text: string) {
    this.#text = text;
    this.#out = text.split('');
  }

  run(): string {
    if (this.#text.startsWith('#!')) this.#blank(this.#endOfLine());
    while (this.#at < this.#text.length) this.#step();
    return this.#out.join('');
  }

  #step(): void {
    const char = this.#text[this.#at] as string;
    const pair = this.#text.slice(this.#at, this.#at + 2);
    if (pair === '//') this.#blank(this.#endOfLine());
    else if (pair === '/*') this.#blank(this.#find('*/', this.#at + 2) + 2);
    else if (char === "'" || char === '"') this.#literal(this.#closing(char));
    else if (char === '`' || this.#templateGoesOn(char)) this.#template();
    else if (char === '/' && REGEX_MAY_FOLLOW.test(this.#previous.trimEnd())) this.#literal(this.#closing('/'));
    else this.#code(char);
  }

  #code(char: string): void {
    if (char === '{') this.#depth++;
    if (char === '}') this.#depth--;
    this.#previous = (this.#previous + char).slice(-12);
    this.#at++;
  }

  #templateGoesOn(char: string): boolean {
    if (char !== '}' || this.#templates.at(-1) !== this.#depth) return false;
    this.#templates.pop();
    return true;
  }

  /** From a backquote or a closing `}` to the next `${` or the closing backquote. */
  #template(): void {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '`' && !this.#text.startsWith('${', end)) {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    const opens = this.#text[end] === '$';
    if (opens) this.#templates.push(this.#depth);
    this.#at++;
    this.#blank(end);
    this.#at = end + (opens ? 2 : 1);
    this.#previous = opens ? '{' : 'x';
  }

  /** Blanks what is between the delimiters. */
  #literal(end: number): void {
    this.#at++;
    this.#blank(end);
    this.#at = end + 1;
    this.#previous = 'x';
  }

  /** Where an escaped literal that starts here ends; the end of the line when it is not closed. */
  #closing(delimiter: string): number {
    let inClass = false;
    for (let i = this.#at + 1; i < this.#text.length; i++) {
      const char = this.#text[i];
      if (char === '\n') return i;
      if (char === '\\') i++;
      else if (delimiter === '/' && char === '[') inClass = true;
      else if (delimiter === '/' && char === ']') inClass = false;
      else if (char === delimiter && !inClass) return i;
    }
    return this.#text.length;
  }

  #blank(end: number): void {
    for (let i = this.#at; i < Math.min(end, this.#out.length); i++) if (this.#out[i] !== '\n') this.#out[i] = ' ';
    this.#at = end;
  }

  #endOfLine(): number {
    return this.#find('\n', this.#at);
  }

  #find(what: string, from: number): number {
    const at = this.#text.indexOf(what, from);
    return at < 0 ? this.#text.length : at;
  }
}
