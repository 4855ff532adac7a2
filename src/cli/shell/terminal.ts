import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { KeyFilter } from './key-filter.ts';
import { writePaged } from './pager.ts';
import type { Reply, ShellSession } from './session.ts';

export interface TerminalStreams {
  /** Raw: every key as it is pressed. */
  readonly input: Readable;
  readonly output: Writable;
  /** Lines that the terminal shows. */
  rows(): number;
}

const HISTORY = 256;

/** Runs a session at a terminal, with line editing, history and pages, until the operator leaves or the input ends. */
export function runTerminal(session: ShellSession, streams: TerminalStreams): Promise<void> {
  const terminal = new Terminal(session, streams);
  return terminal.ended;
}

class Terminal {
  readonly ended: Promise<void>;
  readonly #session: ShellSession;
  readonly #streams: TerminalStreams;
  readonly #keys: KeyFilter;
  readonly #editor: Interface;
  /** Lines are carried out one after the other, however fast they are typed or pasted. */
  #working: Promise<void> = Promise.resolve();
  #length: number | undefined;

  constructor(session: ShellSession, streams: TerminalStreams) {
    this.#session = session;
    this.#streams = streams;
    this.#keys = new KeyFilter({ help: () => this.#help(), end: () => this.#end() });
    this.#editor = createInterface({
      input: streams.input.pipe(this.#keys),
      output: streams.output,
      terminal: true,
      historySize: HISTORY,
      removeHistoryDuplicates: true,
      completer: (line: string) => [session.complete(line).map((word) => `${word} `), /\S*$/.exec(line)?.[0] ?? ''],
    });
    this.ended = new Promise((resolve) => this.#editor.on('close', resolve));
    this.#editor.on('line', (line) => {
      this.#working = this.#working.then(() => this.#execute(line));
    });
    // Control and C gives up the line.
    this.#editor.on('SIGINT', () => {
      streams.output.write('^C\n');
      this.#editor.write(null, { ctrl: true, name: 'e' });
      this.#editor.write(null, { ctrl: true, name: 'u' });
      this.#prompt();
    });
    this.#prompt();
  }

  async #execute(line: string): Promise<void> {
    const reply = await this.#session.execute(line);
    await this.#show(reply);
    if (reply.leave) this.#editor.close();
    else this.#prompt();
  }

  async #show({ text, length }: Reply): Promise<void> {
    if (length !== undefined) this.#length = length;
    await writePaged(text, {
      length: () => this.#length ?? this.#streams.rows(),
      write: (part) => void this.#streams.output.write(part),
      nextKey: () => this.#keys.nextKey(),
    });
  }

  #help(): void {
    this.#streams.output.write(`?\n${this.#session.help(this.#editor.line)}`);
    this.#editor.prompt(true);
  }

  #end(): void {
    this.#streams.output.write('^Z\n');
    this.#session.endConfiguration();
    this.#editor.write(null, { ctrl: true, name: 'u' });
    this.#prompt();
  }

  #prompt(): void {
    this.#editor.setPrompt(this.#session.prompt);
    this.#editor.prompt();
  }
}

/** Runs the lines of a file or pipe, each printed behind its prompt as on a terminal. Resolves to whether every line did what it says. */
export async function runLines(
  session: ShellSession,
  input: Readable,
  write: (text: string) => void,
): Promise<boolean> {
  let done = true;
  for await (const line of createInterface({ input, terminal: false })) {
    write(`${session.prompt}${line}\n`);
    const { text, leave, failed } = await session.execute(line);
    write(text);
    if (failed) done = false;
    if (leave) break;
  }
  return done;
}
