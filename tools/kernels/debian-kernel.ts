import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Suites of Debian's archive that have them. */
export const DEBIAN_KERNELS: Readonly<Record<string, string>> = {
  '5.10': 'bullseye',
  '6.1': 'bookworm',
  '6.12': 'bookworm-backports',
};
const MIRROR = 'http://deb.debian.org/debian';
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Whatever the newest one of the suite is. */
const META_PACKAGE = 'linux-image-cloud-amd64';

/** A kernel's package, unpacked. */
export interface Kernel {
  readonly release: string;
  /** File of the compressed kernel. */
  readonly image: string;
  /** Where `lib/modules` is. */
  readonly root: string;
}

/** Gets the package by apt, with lists of its own in `directory`, and unpacks it there. Throws when a command fails. */
export function fetchKernel(version: string, directory: string): Kernel {
  const suite = DEBIAN_KERNELS[version] as string;
  const lists = join(directory, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(join(directory, 'archives', 'partial'), { recursive: true });
  const sources = join(directory, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${KEYS}] ${MIRROR} ${suite} main\n`);
  const own = [`Dir::Etc::sourcelist=${sources}`, 'Dir::Etc::sourceparts=-', `Dir::State::lists=${lists}`];
  const settings = [...own, `Dir::Cache=${directory}`, 'APT::Sandbox::User=root'].flatMap((one) => ['-o', one]);
  command('apt-get', ['-qq', ...settings, 'update'], directory);
  const dependencies = command('apt-cache', [...settings, 'depends', META_PACKAGE], directory);
  const name = /Depends: (linux-image-\S+)/.exec(dependencies)?.[1];
  if (name === undefined) throw new Error(`${suite} has no ${META_PACKAGE}`);
  command('apt-get', ['-qq', ...settings, 'download', name], directory);
  const file = readdirSync(directory).find((entry) => entry.endsWith('.deb')) as string;
  const root = join(directory, 'root');
  command('dpkg-deb', ['-x', file, root], directory);
  const release = name.replace('linux-image-', '');
  return { release, image: join(root, 'boot', `vmlinuz-${release}`), root };
}

/** What it prints. Throws when it fails. */
export function command(name: string, options: readonly string[], cwd: string, input?: string): string {
  const run = spawnSync(name, options, { cwd, encoding: 'utf8', input, maxBuffer: 2 ** 26 });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${name} ${options.join(' ')}: ${run.stderr}`);
  return run.stdout;
}
