import { writeFileSync } from 'node:fs';
import type { SessionFacts } from '#daemon/operators.ts';
import { ControlSession } from './control-session.ts';
import { ExitStatus } from './exit-status.ts';
import { type Backend, monitorText, runLines, runTerminal, ShellSession } from './shell/index.ts';

/** `mooring shell`: IOS's command line for a running daemon. Throws `ControlError` when there is none. */
export async function shell(options: { readonly control: string }): Promise<void> {
  const backend = await ControlSession.open(options.control);
  const local: Backend = {
    ask: (request) => backend.ask(request),
    save: (file, octets) => writeFileSync(file, octets),
  };
  try {
    const { hostname, idleSeconds } = (await backend.ask({ request: 'session' })) as SessionFacts;
    await run(backend, new ShellSession(local, { hostname, privileged: false }), idleSeconds);
  } finally {
    backend.close();
  }
}

async function run(backend: ControlSession, session: ShellSession, idleSeconds: number): Promise<void> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY) {
    backend.onEvent = (event) => void stdout.write(monitorText(event));
    const done = await runLines(session, stdin, (text) => void stdout.write(text));
    if (!done) process.exitCode = ExitStatus.FAILED;
    return;
  }
  stdin.setRawMode(true);
  try {
    const terminal = runTerminal(session, { input: stdin, output: stdout, rows: () => stdout.rows, idleSeconds });
    backend.onEvent = (event) => terminal.notice(monitorText(event));
    backend.onEnd = () => terminal.end('the daemon ended');
    await terminal.ended;
  } finally {
    stdin.setRawMode(false);
    stdin.unref();
  }
}
