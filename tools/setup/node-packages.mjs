// The Node packages of the lock file, on whatever Node and npm the machine has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand } from './find-command.mjs';

const versionForNpm = fileURLToPath(new URL('version-for-npm.cjs', import.meta.url));

/**
 * Brings `node_modules` of the checkout at `root` to what `package-lock.json` asks for; nothing where it is there already, which a stamp file says.
 * Returns what went wrong, or `undefined`.
 */
export function installNodePackages(root, say) {
  const stampFile = join(root, 'node_modules', '.mooring-setup');
  const lockText = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lockText).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === wanted) return undefined;
  const lock = JSON.parse(lockText);
  if (missingPackages(lock, installedPackages(root), thisMachine()).length > 0) {
    say('installing the Node packages of package-lock.json (npm ci)');
    const done = spawnSync(...npmCommand('ci', '--no-audit', '--no-fund', '--loglevel=error'), {
      cwd: root,
      encoding: 'utf8',
    });
    if (done.status !== 0) return `npm ci failed:\n${done.stdout ?? ''}${done.stderr ?? done.error}`;
    const missing = missingPackages(lock, installedPackages(root), thisMachine());
    if (missing.length > 0) say(`npm did not install ${missing.join(', ')}`);
  }
  try {
    writeFileSync(stampFile, `${wanted}\n`);
  } catch (error) {
    say(`cannot write ${stampFile} (${error.code}): the next run checks the packages again`);
  }
  return undefined;
}

/**
 * The paths of the lock file's packages that `installed` (the same shape, as npm records it in node_modules/.package-lock.json) lacks or has in
 * another version. An optional package counts only where it names a platform, and that is `machine`'s: npm leaves the others out.
 */
export function missingPackages(lock, installed, machine) {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && (entry.optional !== true || isForPlatform(entry, machine)))
    .filter(([path, entry]) => installed[path]?.version !== entry.version)
    .map(([path]) => path);
}

function isForPlatform({ os, cpu, libc }, machine) {
  return (
    [os].flat().includes(machine.os) &&
    [cpu].flat().includes(machine.cpu) &&
    (libc === undefined || [libc].flat().includes(machine.libc))
  );
}

function thisMachine() {
  const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return { os: process.platform, cpu: process.arch, libc };
}

function installedPackages(root) {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** The npm that runs us, else the one in PATH; told which Node it installs for. */
function npmCommand(...npmArguments) {
  const npm = [process.env.npm_execpath, findCommand('npm')].map(scriptBehind).find((script) => script !== undefined);
  return npm === undefined
    ? ['npm', npmArguments]
    : [process.execPath, ['--require', versionForNpm, npm, ...npmArguments]];
}

/** npm's own script behind the link in /usr/bin; `undefined` for a wrapper and for other package managers. */
function scriptBehind(command) {
  if (command === undefined || !existsSync(command)) return undefined;
  const script = realpathSync(command);
  return basename(script) === 'npm-cli.js' ? script : undefined;
}
