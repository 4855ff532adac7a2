// Sets the checkout up, then runs a script under the pinned Node:
//
//   node tools/setup.mjs <lab|test|bench|check> -- <script.ts> [arguments…]
//   node tools/setup.mjs setup
//
// Plain JavaScript without dependencies: this is what runs before anything is installed, on whatever Node (18 or newer) the machine has.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const neededNodeMajor = 24;
const stampFile = join(root, 'node_modules', '.mooring-setup');

/** A Debian package and how to see that it is there: a command in PATH, or a file. */
const labPackages = [
  { name: 'iproute2', command: 'ip' },
  { name: 'iputils-ping', command: 'ping' },
  { name: 'isc-dhcp-client', command: 'dhclient' },
  { name: 'tshark', command: 'tshark' },
];
const buildPackages = [
  { name: 'clang-14', command: 'clang-14' },
  { name: 'libbpf-dev', file: '/usr/include/bpf/bpf_helpers.h' },
];
const purposes = {
  lab: { packages: labPackages, required: true },
  test: { packages: [...labPackages, ...buildPackages], required: false },
  bench: { packages: labPackages, required: false },
  check: { packages: [], required: false },
  setup: { packages: [...labPackages, ...buildPackages], required: false },
};

main();

function main() {
  const [purposeName = '', separator, script, ...scriptArguments] = process.argv.slice(2);
  const purpose = purposes[purposeName];
  const runsScript = purposeName !== 'setup';
  if (purpose === undefined || (runsScript && (separator !== '--' || script === undefined))) {
    fail(
      'usage: node tools/setup.mjs <lab|test|bench|check> -- <script.ts> [arguments…]\n       node tools/setup.mjs setup',
      2,
    );
  }
  installNodePackages();
  const node = pinnedNode();
  if (needsPackages(scriptArguments)) installDebianPackages(purposeName, purpose);
  if (runsScript) run(node, [join(root, script), ...scriptArguments]);
  else
    say(
      `ready: Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}, bin/mooring, npm run lab, npm test`,
    );
}

/** The simulated story and the help need neither packages nor root. */
function needsPackages(scriptArguments) {
  return !scriptArguments.some((argument) => ['--simulated', '--help', '-h'].includes(argument));
}

function installNodePackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === wanted) return;
  if (!installedPackagesMatch(JSON.parse(lock))) {
    say('installing the Node packages of package-lock.json (npm ci)');
    const done = spawnSync(...npmCommand('ci', '--no-audit', '--no-fund', '--loglevel=error'), {
      cwd: root,
      encoding: 'utf8',
    });
    if (done.status !== 0) fail(`npm ci failed:\n${done.stdout ?? ''}${done.stderr ?? done.error}`);
  }
  try {
    writeFileSync(stampFile, `${wanted}\n`);
  } catch (error) {
    say(`cannot write ${stampFile} (${error.code}): the next run checks the packages again`);
  }
}

/** Whether node_modules holds exactly what the lock file asks for, as npm recorded it there. */
function installedPackagesMatch(lock) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(lock.packages).every(
    ([path, entry]) => path === '' || entry.optional === true || installed[path]?.version === entry.version,
  );
}

/** The npm that runs us where there is one, so that its version and settings stay the same. */
function npmCommand(...npmArguments) {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js') ? [process.execPath, [npm, ...npmArguments]] : ['npm', npmArguments];
}

function pinnedNode() {
  if (Number(process.versions.node.split('.')[0]) >= neededNodeMajor) return process.execPath;
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(node)) return node;
  fail(
    `Node ${neededNodeMajor} or newer is needed: this is ${process.version}, and ${node} is missing ` +
      `(no such npm package for ${process.platform} ${process.arch}, or installed with --omit=optional)`,
  );
}

function installDebianPackages(purposeName, { packages, required }) {
  const missing = packages.filter((wanted) => !isPresent(wanted));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const obstacle =
    process.getuid() !== 0 ? 'not root' : findCommand('apt-get') === undefined ? 'no apt-get here' : undefined;
  const failure = obstacle ?? aptInstall(names);
  if (failure === undefined && missing.every(isPresent)) return;
  const still = missing.filter((wanted) => !isPresent(wanted));
  const list = still.map(({ name, command, file }) => `${name} (${command ?? file})`).join(', ');
  say(`missing and not installable (${failure ?? 'installed, but still not found'}): ${list}`);
  if (purposeName === 'lab') say('the same story without packages and without root: npm run lab -- --simulated');
  if (required) process.exit(1);
}

/** `undefined` when it worked, otherwise the reason. */
function aptInstall(names) {
  say(`installing Debian packages: ${names.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', DEBCONF_NONINTERACTIVE_SEEN: 'true' };
  const options = { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const lockTimeout = ['-o', 'DPkg::Lock::Timeout=120'];
  const updated = spawnSync('apt-get', [...lockTimeout, '-q', 'update'], options);
  if (updated.status !== 0) say('apt-get update failed: trying with the package lists that are there');
  const installed = spawnSync(
    'apt-get',
    [...lockTimeout, '-q', 'install', '-y', '--no-install-recommends', ...names],
    options,
  );
  if (installed.status === 0) return undefined;
  const lines = `${installed.stderr ?? ''}`.trim().split('\n');
  return `apt-get install failed: ${lines.at(-1) || installed.error?.message || `status ${installed.status}`}`;
}

function isPresent({ command, file }) {
  return file === undefined ? findCommand(command) !== undefined : existsSync(file);
}

/** Where a command is; the system directories count although an ordinary user's PATH lacks them. */
function findCommand(command) {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return directories.map((directory) => join(directory, command)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs the script in a process group of its own, so that Ctrl-C, which the terminal and npm both deliver here, reaches it exactly once.
 * Its exit status becomes ours.
 */
function run(node, nodeArguments) {
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(
    delimiter,
  );
  const child = spawn(node, nodeArguments, { stdio: 'inherit', detached: true, env: { ...process.env, PATH: path } });
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`));
  const lastForwarded = {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      if (Date.now() - (lastForwarded[signal] ?? 0) < 500) return;
      lastForwarded[signal] = Date.now();
      child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(code ?? 128 + osConstants.signals[signal]));
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(text, status = 1) {
  process.stderr.write(`setup: ${text}\n`);
  process.exit(status);
}
