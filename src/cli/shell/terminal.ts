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
  /** After which the session ends when no key is pressed; 0 or absent: never. */
  readonly idleSeconds?: number;
}

const HISTORY = 256;

/** Runs a session at a terminal, with line editing, history and pages, until the operator leaves or the input ends. */
export function runTerminal(session: ShellSession, streams: TerminalStreams): RunningTerminal {
  return new Terminal(session, streams);
}

export interface RunningTerminal {
  readonly ended: Promise<void>;
  /** Shows a line, with its end, that nobody asked for just now. */
  notice(line: string): void;
  /** Says why, and ends. */
  end(reason: string): void;
}

/** Lines that wait until a command is done; those beyond are not shown. */
const NOTICE_MAXIMUM = 1000;
const CLEAR_LINE = '\r\x1b[K';

class Terminal implements RunningTerminal {
  readonly ended: Promise<void>;
  readonly #session: ShellSession;
  readonly #streams: TerminalStreams;
  readonly #keys: KeyFilter;
  readonly #editor: Interface;
  /** Lines are carried out one after the other, however fast they are typed or pasted. */
  #working: Promise<void> = Promise.resolve();
  #length: number | undefined;
  /** Whether the operator types; else a command is being carried out. */
  #atPrompt = false;
  #notices: string[] = [];
  #noticesLost = 0;
  #over = false;
  /** Control and C was pressed while a command is carried out. */
  #interrupted = false;

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
    const { idleSeconds = 0 } = streams;
    const idle = idleSeconds > 0 ? setTimeout(() => this.end('nobody is here'), idleSeconds * 1000) : undefined;
    streams.input.on('data', () => idle?.refresh());
    this.ended = new Promise((resolve) => {
      this.#editor.on('close', () => {
        this.#over = true;
        clearTimeout(idle);
        resolve();
      });
    });
    this.#editor.on('line', (line) => {
      this.#atPrompt = false;
      this.#working = this.#working.then(() => this.#execute(line));
    });
    // Control and C gives up the line, or what is being shown.
    this.#editor.on('SIGINT', () => {
      streams.output.write('^C\n');
      if (!this.#atPrompt) {
        this.#interrupted = true;
        return;
      }
      this.#editor.write(null, { ctrl: true, name: 'e' });
      this.#editor.write(null, { ctrl: true, name: 'u' });
      this.#prompt();
    });
    this.#prompt();
  }

  notice(line: string): void {
    if (!this.#atPrompt && this.#notices.length >= NOTICE_MAXIMUM) {
      this.#noticesLost++;
      return;
    }
    this.#notices.push(line);
    if (!this.#atPrompt) return;
    this.#showNotices(CLEAR_LINE);
    this.#editor.prompt(true);
  }

  end(reason: string): void {
    if (this.#over) return;
    this.#streams.output.write(`${CLEAR_LINE}% ${reason}\n`);
    this.#editor.close();
  }

  #showNotices(before: string): void {
    const lost = this.#noticesLost > 0 ? `% ${this.#noticesLost} lines were not shown meanwhile\n` : '';
    const text = this.#notices.join('') + lost;
    this.#notices = [];
    this.#noticesLost = 0;
    if (text !== '') this.#streams.output.write(before + text);
  }

  async #execute(line: string): Promise<void> {
    let reply = await this.#session.execute(line);
    await this.#show(reply);
    while (reply.ask) {
      this.#streams.output.write(reply.ask.prompt);
      reply = await reply.ask.answer(await this.#keys.hiddenLine());
      this.#streams.output.write('\n');
      await this.#show(reply);
    }
    if (reply.leave) this.#editor.close();
    else this.#prompt();
  }

  async #show({ text, more, length, width }: Reply): Promise<void> {
    if (length !== undefined) this.#length = length;
    if (width !== undefined) {
      (this.#streams.output as { columns?: number }).columns = width;
      this.#streams.output.emit('resize');
    }
    this.#interrupted = false;
    const pages = {
      length: () => this.#length ?? this.#streams.rows(),
      write: (part: string) => this.#write(part),
      nextKey: () => this.#keys.nextKey(),
      interrupted: () => this.#interrupted || this.#over,
    };
    try {
      await writePaged(text === '' && more ? more : [text], pages);
    } catch (error) {
      this.#streams.output.write(`% ${(error as Error).message}\n`);
    }
  }

  /** A terminal that does not keep up is waited for. */
  #write(text: string): Promise<void> | undefined {
    const { output } = this.#streams;
    if (output.write(text)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        output.off('drain', done).off('close', done);
        resolve();
      };
      output.on('drain', done).on('close', done);
    });
  }

  #help(): void {
    this.#streams.output.write(`?\n${this.#session.help(this.#editor.line)}`);
    this.#editor.prompt(true);
  }

  /** As in IOS, what was typed before control and Z is carried out. */
  #end(): void {
    const { line } = this.#editor;
    this.#streams.output.write('^Z\n');
    this.#editor.write(null, { ctrl: true, name: 'e' });
    this.#editor.write(null, { ctrl: true, name: 'u' });
    this.#atPrompt = false;
    this.#working = this.#working.then(async () => {
      if (this.#session.isConfiguring && line.trim() !== '') await this.#show(await this.#session.execute(line));
      this.#session.endConfiguration();
      this.#prompt();
    });
  }

  #prompt(): void {
    if (this.#over) return;
    this.#showNotices('');
    this.#atPrompt = true;
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
  const lines = createInterface({ input, terminal: false })[Symbol.asyncIterator]();
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    write(`${session.prompt}${next.value}\n`);
    let reply = await session.execute(next.value);
    while (reply.ask) {
      write(`${reply.text}${reply.ask.prompt}\n`);
      const answer = await lines.next();
      reply = answer.done ? { text: '', failed: true } : await reply.ask.answer(answer.value);
    }
    write(reply.text);
    if (reply.failed || !(await wroteAll(reply, write))) done = false;
    if (reply.leave) break;
  }
  return done;
}

async function wroteAll({ more }: Reply, write: (text: string) => void): Promise<boolean> {
  try {
    for await (const piece of more ?? []) write(piece);
    return true;
  } catch (error) {
    write(`% ${(error as Error).message}\n`);
    return false;
  }
}
