import { check, PR_SET_PDEATHSIG, prctl } from '#host/posix.ts';

const SIGTERM = 15;

/** When an older Node started this one to run the program, its end is to be this one's end too, even a violent one. */
export function dieWithLauncher(): void {
  if (process.env.MOORING_LAUNCHER !== String(process.ppid)) return;
  check('prctl', prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0));
}
