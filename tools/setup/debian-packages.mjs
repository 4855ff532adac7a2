// Debian packages, installed where this process may.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { findCommand } from './find-command.mjs';

/** Debian's scripts ask it before they start a service. */
const servicePolicy = '/usr/sbin/policy-rc.d';

/** This machine, as `installDebianPackages` sees it. */
export const thisMachine = {
  isRoot: process.getuid?.() === 0,
  findCommand,
  hasFile: existsSync,
  run: (command, commandArguments, environment) =>
    spawnSync(command, commandArguments, {
      env: { ...process.env, ...environment },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  withoutServices,
};

/**
 * Installs what is missing of `packages`, each `{ name, command }` or `{ name, file }`: a Debian package and how to see that it is there, by a
 * command in PATH or a file. Says what it installs and what it could not, and why. Returns whether all are there in the end.
 */
export function installDebianPackages(packages, say, machine = thisMachine) {
  const isMissing = ({ command, file }) =>
    file === undefined ? machine.findCommand(command) === undefined : !machine.hasFile(file);
  const missing = packages.filter(isMissing);
  if (missing.length === 0) return true;
  const failure = obstacle(machine) ?? aptInstall(missing, say, machine);
  const still = missing.filter(isMissing);
  if (failure === undefined && still.length === 0) return true;
  const list = still.map(({ name, command, file }) => `${name} (${command ?? file})`).join(', ');
  say(`missing and not installable (${failure ?? 'installed, but still not found'}): ${list}`);
  return false;
}

function obstacle(machine) {
  if (!machine.isRoot) return 'not root';
  return machine.findCommand('apt-get') === undefined ? 'no apt-get here' : undefined;
}

/** `undefined` when it worked, otherwise the reason. */
function aptInstall(packages, say, machine) {
  const names = packages.map(({ name }) => name);
  say(`installing Debian packages: ${names.join(' ')}`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive', DEBCONF_NONINTERACTIVE_SEEN: 'true' };
  const aptGet = (...words) => machine.run('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-q', ...words], environment);
  if (aptGet('update').status !== 0) say('apt-get update failed: trying with the package lists that are there');
  const installed = machine.withoutServices(() => aptGet('install', '-y', '--no-install-recommends', ...names));
  if (installed.status === 0) return undefined;
  const lines = `${installed.stderr ?? ''}`.trim().split('\n');
  return `apt-get install failed: ${lines.at(-1) || installed.error?.message || `status ${installed.status}`}`;
}

/**
 * Installs what must not start: the tests run their own daemons, and a machine that only tests is to have none. A policy that is there
 * already decides. An interruption waits until ours is taken away again.
 */
function withoutServices(install) {
  if (existsSync(servicePolicy)) return install();
  const wait = () => {};
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, wait);
  try {
    writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    return install();
  } finally {
    rmSync(servicePolicy, { force: true });
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, wait);
  }
}
