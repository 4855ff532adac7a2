import { ExitStatus } from './exit-status.ts';

/**
 * What becomes of the program when its output cannot be written. A reader that goes away, such as `head`, ends a command quietly; a
 * daemon goes on without a log, because its mobile nodes matter more. Of several calls the last one counts.
 */
export function onLostOutput(then: 'end' | 'go-on'): void {
  process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
    if (then === 'go-on') return;
    if (error.code === 'EPIPE') process.exit();
    console.error(`mooring: cannot write the output: ${error.message}`);
    process.exit(ExitStatus.FAILED);
  });
  process.stderr.removeAllListeners('error').on('error', () => {});
}
