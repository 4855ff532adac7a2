import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { RESULT } from './initramfs.ts';

const MEMORY_MIB = 3072;
/** QEMU's emulation of cmpxchg16b makes kernels fault. */
const MACHINE = ['-accel', 'tcg', '-cpu', 'max,cx16=off', '-m', String(MEMORY_MIB), '-nographic', '-no-reboot'];
/** The report is in the last so many characters. */
const LAST_WORDS = 2000;
const ARGUMENTS = 'console=ttyS0 quiet panic=-1 mitigations=off no_timer_check';

/** Shows the console; says whether all is well within the time. */
export async function boot(
  image: string,
  initramfs: string,
  { milliseconds, tests }: { readonly milliseconds: number; readonly tests: boolean },
): Promise<boolean> {
  const machine = [...MACHINE, '-nic', 'none', '-kernel', image, '-initrd', initramfs, '-append', ARGUMENTS];
  const child = spawn('qemu-system-x86_64', machine, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: milliseconds,
    killSignal: 'SIGKILL',
  });
  let console = '';
  child.stdout.on('data', (text) => {
    console += text;
    process.stdout.write(text);
  });
  await once(child, 'close');
  // Where the data plane does not start, whole files are skipped, which Vitest takes for success; single tests are where a kernel lacks what they are about.
  const isSaid = tests
    ? /Test Files +[0-9]+ passed \([0-9]+\)\s+Tests +[0-9]+ passed/
    : /packets forwarded, express true/;
  return new RegExp(`${RESULT} 0\\s`).test(console) && isSaid.test(console.slice(-LAST_WORDS));
}
