/** The data plane in other kernels than this machine's. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../tools/kernels/main.ts', import.meta.url));
const NEEDED = ['qemu-system-x86_64', 'busybox', 'cpio', 'depmod', 'apt-get'];
const MINUTES = 30;
/** What depends on the kernel most, in the oldest one. */
const OLDEST = '5.10';
const DEPENDENT = { 'has nodes as here': 'bpf-node', 'lets processes take over as here': 'bpf-life-cycle' };

const has = (program: string) =>
  spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]).status === 0;
const lacking = NEEDED.filter((program) => !has(program));
const missing =
  process.env.MOORING_NIGHTLY === undefined
    ? 'nightly'
    : lacking.length > 0
      ? `needs ${lacking.join(', ')}`
      : undefined;

const pass = (...options: string[]) => {
  const run = spawnSync(process.execPath, [COMMAND, '--minutes', `${MINUTES}`, ...options], { encoding: 'utf8' });
  expect(run.status, run.stdout + run.stderr).toBe(0);
};

describe.skipIf(missing)(`Debian's kernels${missing ? ` (${missing})` : ''}`, () => {
  it.each(['5.10', '6.1', '6.12'])(
    '%s loads the programs, and packets of every kind go through them as here',
    { timeout: (MINUTES + 5) * 60_000 },
    (version) => pass(version),
  );

  it.each(Object.entries(DEPENDENT))(`${OLDEST} %s`, { timeout: (MINUTES + 5) * 60_000 }, (_, tests) =>
    pass('--tests', `test/dataplane/${tests}.test.ts`, OLDEST),
  );
});
