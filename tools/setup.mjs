// Sets the checkout up, then runs a script under the pinned Node:
//
//   node tools/setup.mjs <lab|test|bench|screenshots|sim|check> -- <script.ts> [arguments…]
//   node tools/setup.mjs setup
//
// Plain JavaScript without dependencies: this is what runs before anything is installed, on whatever Node (18 or newer) the machine has.
import { spawn, spawnSync } from 'node:child_process';
import { constants as osConstants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard } from './setup/dashboard.mjs';
import { installDebianPackages } from './setup/debian-packages.mjs';
import { installNodePackages } from './setup/node-packages.mjs';
import { pinnedNode } from './setup/pinned-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const labPackages = [
  { name: 'iproute2', command: 'ip' },
  { name: 'iputils-ping', command: 'ping' },
  { name: 'isc-dhcp-client', command: 'dhclient' },
  { name: 'tshark', command: 'tshark' },
];
const testPackages = [
  ...labPackages,
  { name: 'procps', command: 'sysctl' },
  { name: 'systemd', command: 'systemd-analyze' },
  { name: 'util-linux', command: 'setpriv' },
  { name: 'udhcpc', command: 'udhcpc' },
  { name: 'ndisc6', command: 'rdisc6' },
  { name: 'iputils-tracepath', command: 'tracepath' },
  { name: 'dnsmasq-base', command: 'dnsmasq' },
  { name: 'hostapd', command: 'hostapd' },
  { name: 'prometheus', command: 'promtool' },
  { name: 'freeradius', file: '/usr/sbin/freeradius' },
  { name: 'freeradius-utils', command: 'radclient' },
  { name: 'openssl', command: 'openssl' },
  { name: 'openssh-client', command: 'ssh' },
  { name: 'bsdutils', command: 'script' },
  { name: 'wpasupplicant', command: 'wpa_supplicant' },
  { name: 'make', command: 'make' },
  { name: 'clang-14', command: 'clang-14' },
  { name: 'chromium', command: 'chromium' },
  { name: 'libbpf-dev', file: '/usr/include/bpf/bpf_helpers.h' },
];
const purposes = {
  lab: { packages: labPackages, required: true },
  test: { packages: testPackages, required: false },
  bench: { packages: labPackages, required: false },
  screenshots: { packages: [...labPackages, { name: 'chromium', command: 'chromium' }], required: true },
  sim: { packages: [], required: false },
  check: { packages: [], required: false },
  setup: { packages: testPackages, required: false },
};

main();

function main() {
  const [purposeName = '', separator, script, ...scriptArguments] = process.argv.slice(2);
  const purpose = purposes[purposeName];
  const runsScript = purposeName !== 'setup';
  if (purpose === undefined || (runsScript && (separator !== '--' || script === undefined))) {
    fail(
      'usage: node tools/setup.mjs <lab|test|bench|screenshots|sim|check> -- <script.ts> [arguments…]\n       node tools/setup.mjs setup',
      2,
    );
  }
  const failure = installNodePackages(root, say);
  if (failure !== undefined) fail(failure);
  const node = nodeOrFail();
  const complaint = buildDashboard(root, node);
  if (complaint !== undefined) say(complaint);
  // The lab's other DHCP client, for who asks for it.
  const chosen = testPackages.filter(({ name }) => name === 'udhcpc' && scriptArguments.includes(name));
  const packages = [...new Set([...purpose.packages, ...chosen])];
  if (needsPackages(scriptArguments) && !installDebianPackages(packages, say)) {
    if (purposeName === 'lab') say('the same story without packages and without root: npm run lab -- --simulated');
    if (purpose.required) process.exit(1);
  }
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

function nodeOrFail() {
  const { node, failure } = pinnedNode(root);
  if (node === undefined) fail(failure);
  return node;
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
