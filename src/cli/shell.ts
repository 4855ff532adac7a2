import { controlRequest } from './control-client.ts';
import { ExitStatus } from './exit-status.ts';
import { type Backend, runLines, runTerminal, ShellSession } from './shell/index.ts';

/** `mooring shell`: IOS's command line for a running daemon. Throws `ControlError` when there is none. */
export async function shell(options: { readonly control: string }): Promise<void> {
  const backend: Backend = { ask: (request) => controlRequest(options.control, request) };
  const { hostname } = (await backend.ask({ request: 'identity' })) as { readonly hostname: string };
  const session = new ShellSession(backend, { hostname, privileged: true });
  const { stdin, stdout } = process;
  if (!stdin.isTTY) {
    const done = await runLines(session, stdin, (text) => void stdout.write(text));
    if (!done) process.exitCode = ExitStatus.FAILED;
    return;
  }
  stdin.setRawMode(true);
  try {
    await runTerminal(session, { input: stdin, output: stdout, rows: () => stdout.rows });
  } finally {
    stdin.setRawMode(false);
    stdin.unref();
  }
}
