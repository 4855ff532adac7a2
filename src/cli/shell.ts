import { writeFileSync } from 'node:fs';
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
    const { hostname } = (await backend.ask({ request: 'session' })) as { readonly hostname: string };
    await run(backend, new ShellSession(local, { hostname, privileged: false }));
  } finally {
    backend.close();
  }
}

async function run(backend: ControlSession, session: ShellSession): Promise<void> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY) {
    backend.onEvent = (event) => void stdout.write(monitorText(event));
    const done = await runLines(session, stdin, (text) => void stdout.write(text));
    if (!done) process.exitCode = ExitStatus.FAILED;
    return;
  }
  stdin.setRawMode(true);
  try {
    const terminal = runTerminal(session, { input: stdin, output: stdout, rows: () => stdout.rows });
    backend.onEvent = (event) => terminal.notice(monitorText(event));
    backend.onEnd = () => terminal.end('the daemon ended');
    await terminal.ended;
  } finally {
    stdin.setRawMode(false);
    stdin.unref();
  }
}
