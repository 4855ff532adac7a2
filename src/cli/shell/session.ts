import {
  complete,
  type Help,
  help,
  isSeparator,
  type Mode,
  matchLine,
  modeNamed,
  type Row,
  splitWords,
} from '#config/index.ts';
import { captureFile, readCapture } from '#daemon/capture/capture-file.ts';
import type { CapturedRow } from '#daemon/capture/requests.ts';
import type { EditReply } from '#daemon/worker-requests.ts';
import type { Backend } from './backend.ts';
import { capturedText } from './capture-commands.ts';
import type { Action, Inquiry } from './exec-command.ts';
import { privilegedTable, userTable } from './exec-commands.ts';
import { readExecLine } from './exec-line.ts';
import { inquire, type Shown } from './inquire.ts';
import { faultOf, iosError } from './ios-error.ts';
import { CONFIGURATION_WORDS, leavingWord, PRIVILEGED_WORDS } from './mode-words.ts';
import { FILTER_HELP, filterText, type OutputFilter } from './output-filter.ts';

const HISTORY_LENGTH = 256;
/** As many as IOS shows. */
const HISTORY_SHOWN = 20;
const PASSWORD_TRIES = 3;

/** What a line brought. */
export interface Reply extends Shown {
  /** The operator leaves the shell. */
  readonly leave?: true;
  /** `terminal length` from now on. */
  readonly length?: number;
  /** `terminal width` from now on. */
  readonly width?: number;
  /** What is typed next, unseen, is the answer. */
  readonly ask?: Question;
  /** The line did not do what it says. */
  readonly failed?: true;
}

export interface Question {
  readonly prompt: string;
  answer(text: string): Promise<Reply>;
}

export interface SessionOptions {
  readonly hostname: string;
  /** Whether the session begins in privileged mode. */
  readonly privileged: boolean;
}

/**
 * One operator at one terminal, line by line: user EXEC, privileged EXEC and the configuration modes of IOS. It knows no terminal and no
 * daemon. The configuration is the daemon's: it reads each line, so that several operators do not undo each other's work.
 */
export class ShellSession {
  readonly #backend: Backend;
  #hostname: string;
  #privileged: boolean;
  /** The lines that lead to the configuration mode; `undefined` in EXEC mode. */
  #path: readonly string[] | undefined;
  #mode: Mode = modeNamed('global');
  #monitoring = false;
  readonly #history: string[] = [];

  constructor(backend: Backend, options: SessionOptions) {
    this.#backend = backend;
    this.#hostname = options.hostname;
    this.#privileged = options.privileged;
  }

  /** As IOS shows it: `mag1>`, `mag1#`, `mag1(config-ipv6-pmipv6-domain-mn)#`. */
  get prompt(): string {
    if (this.#path) return `${this.#hostname}(${this.#mode.prompt})#`;
    return `${this.#hostname}${this.#privileged ? '#' : '>'}`;
  }

  /** Whether it is in a configuration mode. */
  get isConfiguring(): boolean {
    return this.#path !== undefined;
  }

  /** Never throws. */
  async execute(line: string): Promise<Reply> {
    const first = splitWords(line)[0]?.text.toLowerCase();
    // The next line is looked up in global mode first, so that a configuration can be pasted as it is printed.
    if (this.#path && isSeparator(line)) this.#path = [...this.#path.filter((each) => !isSeparator(each)), line];
    if (first === undefined || first.startsWith('!')) return { text: '' };
    this.#history.push(line);
    if (this.#history.length > HISTORY_LENGTH) this.#history.shift();
    try {
      if (!this.#path) return await this.#exec(line, 0);
      const leaving = leavingWord(line, this.#mode);
      if (leaving === 'end' || (leaving && this.#path.length === 0)) return this.endConfiguration();
      const done = /^(\s*do\s+)(\S.*)$/i.exec(line);
      if (done) return await this.#exec(done[2] as string, (done[1] as string).length);
      // A command of configuration mode in IOS that configures nothing.
      if (first === 'crypto') return await this.#exec(line, 0);
      return await this.#configure(leaving ?? line, this.#path);
    } catch (error) {
      return { text: `% ${(error as Error).message}\n`, failed: true };
    }
  }

  /** Leaves all configuration modes: `end`, or control and Z. */
  endConfiguration(): Reply {
    this.#path = undefined;
    return { text: '' };
  }

  /** What `?` behind `line` shows. */
  help(line: string): string {
    const { words, begun } = this.#helpFor(line);
    if (words.length === 0)
      return this.#isAmbiguous(line) ? `% Ambiguous command:  "${line.trim()}"\n` : '% Unrecognized command\n';
    if (begun !== '') return `${words.map(({ word }) => word).join('  ')}\n`;
    const width = Math.max(...words.map(({ word }) => word.length));
    return `${words.map(({ word, help: text }) => `  ${word.padEnd(width)}  ${text}`.trimEnd()).join('\n')}\n`;
  }

  /** The words that may stand where `line` ends. */
  complete(line: string): string[] {
    const filter = beginOfFilter(line);
    if (filter !== undefined) return FILTER_HELP.map(([word]) => word).filter((word) => word.startsWith(filter));
    const words = complete(withoutDo(line, this.#path !== undefined), this.#table(line));
    return [...words, ...this.#generalWords(line).map(({ word }) => word)].sort();
  }

  #helpFor(line: string): { words: readonly Help[]; begun: string } {
    const filter = beginOfFilter(line);
    if (filter !== undefined) {
      const words = FILTER_HELP.filter(([word]) => word.startsWith(filter));
      return { words: words.map(([word, text]) => ({ word, help: text })), begun: filter };
    }
    const begun = /\S*$/.exec(line)?.[0] ?? '';
    const known = help(withoutDo(line, this.#path !== undefined), this.#table(line));
    const general = this.#generalWords(line);
    const words = general.length === 0 ? known : [...known, ...general].sort((a, b) => (a.word < b.word ? -1 : 1));
    return { words, begun };
  }

  /** What every mode of this kind knows, as far as the first word of `line` may still become it. */
  #generalWords(line: string): readonly Help[] {
    const begun = line.trimStart().toLowerCase();
    if (!this.#path && !this.#privileged) return [];
    return (this.#path ? CONFIGURATION_WORDS : PRIVILEGED_WORDS).filter(({ word }) => word.startsWith(begun));
  }

  /** Whether one of the whole words of `line` may stand for several commands. */
  #isAmbiguous(line: string): boolean {
    const whole = withoutDo(line.replace(/\S*$/, ''), this.#path !== undefined);
    const match = matchLine<Row>(splitWords(whole), whole, this.#table(line));
    return !match.ok && match.kind === 'ambiguous';
  }

  #table(line: string): Mode | typeof privilegedTable {
    if (this.#path && !/^\s*do\s/i.test(line)) return this.#mode;
    return this.#privileged || this.#path ? privilegedTable : userTable;
  }

  async #exec(line: string, offset: number): Promise<Reply> {
    const table = this.#privileged || this.#path ? privilegedTable : userTable;
    const read = readExecLine(line, table, this.prompt.length + offset);
    return read.ok ? this.#act(read.action, read.filter) : failure(read.error);
  }

  async #act(action: Action, filter: OutputFilter | undefined): Promise<Reply> {
    switch (action.kind) {
      case 'inquiry':
        return this.#inquire(action, filter);
      case 'export':
        return { text: await this.#export(action.capture, action.file) };
      case 'captured': {
        const rows = await this.#captured(action.capture);
        const text =
          filter?.kind === 'json' ? `${JSON.stringify(rows, undefined, 2)}\n` : capturedText(rows, action.detailed);
        return { text: filter ? filterText(text, filter) : text };
      }
      case 'monitor': {
        const { text } = action.inquiry ? await inquire(this.#backend, action.inquiry, filter) : { text: '' };
        await this.#backend.ask({ request: 'monitor', on: action.on });
        this.#monitoring = action.on;
        return { text };
      }
      case 'enable':
        return this.#enable(undefined, 0);
      case 'disable':
        await this.#backend.ask({ request: 'disable' });
        this.#privileged = false;
        return { text: '' };
      case 'history':
        return {
          text: this.#history
            .slice(-HISTORY_SHOWN)
            .map((line) => `  ${line}\n`)
            .join(''),
        };
      case 'width':
        return { text: '', width: action.columns };
      case 'leave':
        return { text: '', leave: true };
      case 'configure':
        this.#path = [];
        this.#mode = modeNamed('global');
        return { text: 'Enter configuration commands, one per line.  End with CNTL/Z.\n' };
      case 'length':
        return { text: '', length: action.lines };
    }
  }

  async #inquire(inquiry: Inquiry, filter: OutputFilter | undefined): Promise<Reply> {
    const shown = await inquire(this.#backend, inquiry, filter);
    return inquiry.watched ? { text: shown.text + this.#whereToWatch() } : shown;
  }

  /** The daemon says whether a password is needed, and whether it is right. */
  async #enable(password: string | undefined, wrong: number): Promise<Reply> {
    try {
      await this.#backend.ask({ request: 'enable', ...(password !== undefined && { password }) });
      this.#privileged = true;
      return { text: '' };
    } catch (error) {
      const needed = (error as { readonly code?: string }).code === 'password-required';
      if (!needed && password === undefined) throw error;
      if (!needed && wrong + 1 >= PASSWORD_TRIES) return failure('% Bad secrets\n\n');
      const next = needed ? wrong : wrong + 1;
      return { text: '', ask: { prompt: 'Password: ', answer: (text) => this.#enable(text, next) } };
    }
  }

  async #export(capture: string, file: string): Promise<string> {
    if (!this.#backend.save) throw new Error('a file can only be written by "mooring shell" on the machine itself');
    const rows = await this.#captured(capture);
    this.#backend.save(file, Buffer.concat(await all(captureFile([rows]))));
    const messages = rows.filter(({ kind }) => kind === 'message').length;
    const packets = messages < rows.length ? ` and ${rows.length - messages} packets` : '';
    return `Exported Successfully: ${messages} messages${packets} to ${file}\n`;
  }

  async #captured(capture: string): Promise<CapturedRow[]> {
    return (await all(readCapture((request) => this.#backend.ask(request), capture))).flat();
  }

  #whereToWatch(): string {
    return this.#monitoring ? '' : '% "terminal monitor" shows it here, "show logging" shows it afterwards\n';
  }

  async #configure(line: string, path: readonly string[]): Promise<Reply> {
    const reply = (await this.#backend.ask({ request: 'configure-line', path, line })) as EditReply;
    if (!reply.ok) {
      const fault = faultOf(reply.error);
      return failure(fault ? iosError(fault, line, this.prompt.length) : `% ${reply.error.message}\n`);
    }
    this.#path = reply.path;
    this.#mode = modeNamed(reply.mode);
    this.#hostname = reply.hostname;
    return { text: reply.messages.map((message) => `% ${message}\n`).join('') };
  }
}

async function all<One>(things: AsyncIterable<One>): Promise<One[]> {
  const found: One[] = [];
  for await (const one of things) found.push(one);
  return found;
}

function failure(text: string): Reply {
  return { text, failed: true };
}

/** What is written of an output filter behind ` |`; `undefined` when nothing is, or when its pattern has begun. */
function beginOfFilter(line: string): string | undefined {
  return / \|\s*(\S*)$/.exec(line)?.[1]?.toLowerCase();
}

function withoutDo(line: string, configuring: boolean): string {
  return configuring ? line.replace(/^\s*do\s+/i, '') : line;
}
