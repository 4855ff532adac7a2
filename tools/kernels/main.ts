/** The data plane in Debian's kernels, under QEMU's software emulation: its programs, packets of every kind through them, or its tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { boot } from './boot.ts';
import { DEBIAN_KERNELS, fetchKernel } from './debian-kernel.ts';
import { makeInitramfs } from './initramfs.ts';

const USAGE = `usage: npm run kernels [-- options] [VERSION…]
Boots Debian's kernels ${Object.keys(DEBIAN_KERNELS).join(', ')}, or those named, loads the data plane's programs in each, and lets packets through them.
Needs the Debian packages qemu-system-x86, busybox-static, cpio and kmod, and Debian's mirror.
  --tests PATH  what Vitest is to run instead, which takes long (may be repeated)
  --minutes N   how long each kernel may take (default 20)
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', multiple: true, default: [] },
    minutes: { type: 'string', default: '20' },
    help: { type: 'boolean', short: 'h' },
  },
});
const versions = positionals.length > 0 ? positionals : Object.keys(DEBIAN_KERNELS);
const unknown = versions.find((version) => !(version in DEBIAN_KERNELS));
if (values.help || unknown !== undefined) {
  process.stderr.write(unknown === undefined ? USAGE : `no kernel ${unknown} is known\n${USAGE}`);
  process.exit(values.help ? 0 : 2);
}
const directory = mkdtempSync(join(tmpdir(), 'mooring-kernels-'));
try {
  const failed: string[] = [];
  for (const version of versions) {
    const kernel = fetchKernel(version, join(directory, version));
    process.stdout.write(`\n== Linux ${kernel.release}\n`);
    const initramfs = makeInitramfs(kernel, values.tests, join(directory, `${version}.cpio`));
    const passed = await boot(kernel.image, initramfs, {
      milliseconds: Number(values.minutes) * 60_000,
      tests: values.tests.length > 0,
    });
    process.stdout.write(`== Linux ${kernel.release}: ${passed ? 'passed' : 'FAILED'}\n`);
    if (!passed) failed.push(version);
    rmSync(join(directory, version), { recursive: true });
    rmSync(initramfs);
  }
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
