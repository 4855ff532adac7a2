/** What the program's exit statuses mean; the help prints them. */
export const ExitStatus = {
  OK: 0,
  /** The request or the input is at fault: a wrong configuration, a query that nobody understands. */
  FAILED: 1,
  /** The command line is wrong. */
  USAGE: 2,
  /** No daemon answers at the control socket. */
  NO_DAEMON: 3,
  /** This machine cannot run the daemon: missing rights, kernel feature, interface or address; another daemon is running. */
  CANNOT_RUN: 4,
} as const;

export const EXIT_STATUS_HELP = `
Exit status:
  0  done
  1  the input or the request is at fault; for "check" and "run", the configuration has errors; a running daemon ended by an
     error of its own
  2  the command line is wrong
  3  no daemon answers at the control socket
  4  this machine cannot run the daemon: missing rights, kernel feature, interface or address, or another daemon is running`;

/** An end of the program that was explained to the user in one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
