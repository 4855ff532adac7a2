/** A package for Debian and its kin, with the pinned Node inside: theirs is older than what the program needs. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { COMPLETIONS, type Offer } from './completion.ts';
import { pruneModules } from './prune.ts';

export interface DebianParts {
  /** The checkout. */
  readonly root: string;
  /** As `writeProductTree` made it. */
  readonly tree: string;
  /** A folder to work in, which is not there yet. */
  readonly stage: string;
  readonly version: string;
  readonly manual: string;
  /** What shells complete. */
  readonly offers: readonly Offer[];
  /** Of every file, so that the same input gives the same octets. */
  readonly time: Date;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const HOME = 'usr/lib/mooring';
const DOC = 'usr/share/doc/mooring';
const UNITS = ['mooring.service', 'mooring@.service'];
const LICENCES = `Debian has the texts of both in /usr/share/common-licenses: Apache-2.0 and GPL-2. The packages below /usr/lib/mooring/node_modules,
Node.js among them, each have their own licence there.
`;
const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** Returns the path of the package in the folder `out`. Throws what `npm` and `dpkg-deb` say. */
export function writeDebianPackage(parts: DebianParts, out: string): string {
  const { root, tree, stage, version, time } = parts;
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  cpSync(tree, join(stage, HOME), { recursive: true });
  installDependencies(root, join(stage, HOME));
  const launcher = join(stage, HOME, 'bin/mooring');
  writeFileSync(launcher, withOwnNode(readFileSync(launcher, 'utf8')));
  moveDocuments(parts);
  mkdirSync(join(stage, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/mooring/bin/mooring', join(stage, 'usr/bin/mooring'));
  for (const unit of UNITS)
    put(join(stage, 'usr/lib/systemd/system', unit), readFileSync(join(root, 'packaging/systemd', unit)));
  put(join(stage, 'usr/lib/sysusers.d/mooring.conf'), readFileSync(join(root, 'packaging/systemd/sysusers.conf')));
  put(join(stage, 'DEBIAN/control'), control(stage, version, architecture));
  for (const name of SCRIPTS) {
    put(join(stage, 'DEBIAN', name), readFileSync(join(root, 'tools/package/debian', name)));
    chmodSync(join(stage, 'DEBIAN', name), 0o755);
  }
  for (const path of pathsBelow(stage)) {
    if (!path.isLink) chmodSync(path.name, path.isFolder || isExecutable(path.name) ? 0o755 : 0o644);
    lutimesSync(path.name, time, time);
  }
  const file = join(out, `mooring_${version}_${architecture}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', stage, file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, SOURCE_DATE_EPOCH: `${time.getTime() / 1000}` },
  });
  return file;
}

/** The launcher, started by the Node of the package: the machine may have none. Throws where it names no interpreter. */
export function withOwnNode(launcher: string): string {
  if (!launcher.startsWith('#!/usr/bin/env node\n')) throw new Error('bin/mooring does not begin with its interpreter');
  return launcher.replace('/usr/bin/env node', `/${HOME}/node_modules/node-linux-${process.arch}/bin/node`);
}

/** What the program needs at run time, and of Node only the program itself. */
function installDependencies(root: string, home: string): void {
  cpSync(join(root, 'package-lock.json'), join(home, 'package-lock.json'));
  const own = readFileSync(join(home, 'package.json'));
  cpSync(join(root, 'package.json'), join(home, 'package.json'));
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  writeFileSync(join(home, 'package.json'), own);
  for (const name of ['package-lock.json', 'node_modules/.bin', 'node_modules/.package-lock.json'])
    rmSync(join(home, name), { recursive: true, force: true });
  const node = join(home, 'node_modules', `node-linux-${process.arch}`);
  for (const name of readdirSync(node))
    if (!['bin', 'package.json', 'LICENSE'].includes(name)) rmSync(join(node, name), { recursive: true });
  for (const name of readdirSync(join(node, 'bin')))
    if (name !== 'node') rmSync(join(node, 'bin', name), { force: true });
  pruneModules(join(home, 'node_modules'));
}

/** To where Debian has documents. */
function moveDocuments({ root, stage, manual, offers, version, time }: DebianParts): void {
  const home = join(stage, HOME);
  for (const name of ['docs', 'examples', 'README.md'])
    cpSync(join(home, name), join(stage, DOC, name), { recursive: true });
  for (const name of ['docs', 'examples', 'README.md', 'CHANGELOG.md', 'LICENSES', 'LICENSE', 'NOTICE'])
    rmSync(join(home, name), { recursive: true, force: true });
  const notice = readFileSync(join(root, 'NOTICE'), 'utf8');
  const copyright = `Copyright (C) ${time.getUTCFullYear()} The Mooring authors`;
  put(join(stage, DOC, 'copyright'), `${copyright}\n\n${notice}\n${LICENCES}`);
  put(join(stage, DOC, 'NEWS.md.gz'), zipped(readFileSync(join(root, 'CHANGELOG.md'))));
  const entry = `mooring (${version}) unstable; urgency=medium\n\n  * See NEWS.md.gz.\n\n -- The Mooring authors <mooring@localhost>  ${time.toUTCString().replace('GMT', '+0000')}\n`;
  put(join(stage, DOC, 'changelog.gz'), zipped(entry));
  put(join(stage, 'usr/share/man/man1/mooring.1.gz'), zipped(manual));
  for (const { path, script } of COMPLETIONS) put(join(stage, 'usr', path), script(offers));
  const overrides = readFileSync(join(root, 'tools/package/debian/lintian-overrides'));
  put(join(stage, 'usr/share/lintian/overrides/mooring'), overrides);
}

function zipped(content: string | Uint8Array): Uint8Array {
  return gzipSync(content, { level: 9 });
}

function control(stage: string, version: string, architecture: string): string {
  const octets = pathsBelow(stage).reduce((sum, { name, isLink }) => sum + (isLink ? 0 : statSync(name).size), 0);
  return `Package: mooring
Version: ${version}
Architecture: ${architecture}
Maintainer: The Mooring authors <mooring@localhost>
Installed-Size: ${Math.ceil(octets / 1024)}
Depends: libc6 (>= 2.28), libstdc++6, libgcc-s1, passwd
Recommends: systemd, iproute2
Section: net
Priority: optional
Description: Proxy Mobile IPv6 router: Local Mobility Anchor and Mobile Access Gateway
 Mobile nodes keep their IP addresses while they roam, without any software
 on them (RFC 5213, RFC 5844). It is configured in the style of Cisco IOS; the
 data plane is in the kernel.
`;
}

interface Path {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

/** Every file and folder, deepest first, and the folder itself last. */
function pathsBelow(folder: string): Path[] {
  const below = readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Path[] => {
      const name = join(folder, entry.name);
      return entry.isDirectory() ? pathsBelow(name) : [{ name, isFolder: false, isLink: entry.isSymbolicLink() }];
    });
  return [...below, { name: folder, isFolder: true, isLink: false }];
}

function isExecutable(path: string): boolean {
  return /\/bin\/(mooring|node)$/.test(path) || /\/DEBIAN\/(postinst|prerm|postrm)$/.test(path);
}

function put(path: string, content: string | Uint8Array): void {
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
