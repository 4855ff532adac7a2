import { Transform, type TransformCallback } from 'node:stream';
import type { ServerChannel, Session } from 'ssh2';
import type { SessionFacts } from '#daemon/operators.ts';
import type { ControlSession } from '../control-session.ts';
import { monitorText, runTerminal, ShellSession } from '../shell/index.ts';

/** An operator who logged in. */
export interface Operator {
  readonly backend: ControlSession;
  readonly facts: SessionFacts;
}

const LARGEST_WINDOW = 1000;

/** Gives the operator a shell on the terminal of the session, or carries out one command. `end`: nothing more is to come. */
export function serveChannel(session: Session, { backend, facts }: Operator, end: () => void): void {
  const { hostname, privilege, idleSeconds } = facts;
  const shell = new ShellSession(backend, { hostname, privileged: privilege === 'privileged' });
  const output = new TerminalOutput();
  let used = false;
  session.on('pty', (accept, _reject, { cols, rows }) => {
    output.resize(cols, rows);
    accept?.();
  });
  session.on('window-change', (accept, _reject, { cols, rows }) => {
    output.resize(cols, rows);
    accept?.();
  });
  session.on('shell', (accept, reject) => {
    if (used) {
      reject();
      return;
    }
    used = true;
    const channel = accept();
    output.pipe(channel);
    const terminal = runTerminal(shell, { input: channel, output, rows: () => output.rows, idleSeconds });
    backend.onEvent = (event) => terminal.notice(monitorText(event));
    backend.onEnd = () => terminal.end('the daemon ended');
    channel.on('close', () => backend.close());
    void terminal.ended.then(() => finish(channel, 0, end));
  });
  session.on('exec', (accept, reject, { command }) => {
    if (used) {
      reject();
      return;
    }
    used = true;
    const channel = accept();
    void carryOut(shell, command, channel).then((done) => finish(channel, done ? 0 : 1, end));
  });
}

/** One command; whether it did what it says. */
async function carryOut(shell: ShellSession, command: string, channel: ServerChannel): Promise<boolean> {
  const { text, more = [], failed, ask } = await shell.execute(command);
  channel.write(ask ? '% a password can only be asked for in a shell\n' : text);
  try {
    for await (const piece of more) if (!channel.write(piece)) await roomIn(channel);
  } catch (error) {
    channel.write(`% ${(error as Error).message}\n`);
    return false;
  }
  return !failed && !ask;
}

/** Rejects when the channel closes. */
function roomIn(channel: ServerChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.once('drain', resolve);
    channel.once('close', () => reject(new Error('the channel was closed')));
  });
}

function finish(channel: ServerChannel, status: number, end: () => void): void {
  channel.exit(status);
  channel.end();
  channel.once('close', end);
}

/** What is written to a terminal elsewhere: nobody in between makes a carriage return of a line end. */
class TerminalOutput extends Transform {
  columns = 80;
  rows = 24;

  resize(columns: number, rows: number): void {
    this.columns = within(columns, this.columns);
    this.rows = within(rows, this.rows);
    this.emit('resize');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, chunk.toString('utf8').replace(/\r?\n/g, '\r\n'));
  }
}

/** 0 stands for not known. */
function within(given: number, known: number): number {
  return given >= 1 && given <= LARGEST_WINDOW ? given : known;
}
