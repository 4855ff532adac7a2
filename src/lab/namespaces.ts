import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inNetworkNamespace } from '#host/netns.ts';
import { LabError } from './lab-error.ts';
import { kernelSettings, linkBatch, type NodeName, namespaceBatch, namespaceOf, nodeBatch, nodes } from './topology.ts';

const namespaceDirectory = '/run/netns';
/** Files below it replace those of /etc for commands that `ip netns exec` starts. */
const overlayDirectory = '/etc/netns';

/** The file of a node's network namespace, for setns. */
export function namespacePath(prefix: string, node: NodeName): string {
  return join(namespaceDirectory, namespaceOf(prefix, node));
}

/** Makes the namespaces and wires them, without the impairable links if somebody else is to make those. Throws `LabError`. */
export function createNamespaces(prefix: string, impaired: boolean): void {
  runIp(['-batch', '-'], namespaceBatch(prefix));
  for (const node of nodes) applyKernelSettings(prefix, node);
  runIp(['-batch', '-'], linkBatch(prefix, impaired));
}

/** Gives every node its addresses and routes, and brings the links up; throws `LabError`. */
export function configureNodes(prefix: string): void {
  for (const node of nodes) runIp(['-n', namespaceOf(prefix, node), '-batch', '-'], nodeBatch(node));
  // The script of a DHCP client may write /etc/resolv.conf: it gets the namespace's own.
  const overlay = join(overlayDirectory, namespaceOf(prefix, 'mn'));
  mkdirSync(overlay, { recursive: true });
  writeFileSync(join(overlay, 'resolv.conf'), '');
}

/** Deletes what is there of the namespaces with this prefix, after ending the processes inside; says whether there was anything. */
export function deleteNamespaces(prefix: string): boolean {
  const present = nodes.filter((node) => existsSync(namespacePath(prefix, node)));
  for (const node of present) endProcesses(prefix, node);
  for (const node of present) spawnSync('ip', ['netns', 'del', namespaceOf(prefix, node)], { stdio: 'ignore' });
  rmSync(join(overlayDirectory, namespaceOf(prefix, 'mn')), { recursive: true, force: true });
  if (existsSync(overlayDirectory) && readdirSync(overlayDirectory).length === 0)
    rmSync(overlayDirectory, { recursive: true });
  return present.length > 0;
}

/** Runs `ip` and gives its standard output; throws `LabError` with what it complained about. */
export function runIp(options: readonly string[], input = ''): string {
  const done = spawnSync('ip', options, { input, encoding: 'utf8' });
  if (done.status === 0) return done.stdout;
  const complaint = done.error?.message ?? done.stderr.trim().split('\n').slice(0, 3).join('; ');
  throw new LabError('ip-failed', `ip ${options.join(' ')}: ${complaint}`);
}

function applyKernelSettings(prefix: string, node: NodeName): void {
  inNetworkNamespace(namespacePath(prefix, node), () => {
    for (const [name, value] of Object.entries(kernelSettings(node))) writeFileSync(`/proc/sys/net/${name}`, value);
  });
}

function endProcesses(prefix: string, node: NodeName): void {
  const listed = spawnSync('ip', ['netns', 'pids', namespaceOf(prefix, node)], { encoding: 'utf8' });
  const pids = (listed.stdout ?? '')
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
