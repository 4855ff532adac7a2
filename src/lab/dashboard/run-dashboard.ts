import { setTimeout as sleep } from 'node:timers/promises';
import { type DaemonNode, daemonNodes } from '../daemons.ts';
import type { DhcpClientName } from '../dhcp-client.ts';
import { InterruptionGuard } from '../interruption-guard.ts';
import type { Lab } from '../lab.ts';
import { LabError } from '../lab-error.ts';
import { namespacePath } from '../namespaces.ts';
import { progressPrinter } from '../progress.ts';
import { radiusServer } from '../topology.ts';
import { families } from '../traffic/protocol.ts';
import { request } from '../traffic/request-channel.ts';
import { Phones } from './phones.ts';
import { PortForwarder } from './port-forwarder.ts';

export interface DashboardOptions {
  readonly prefix: string;
  readonly dhcpClient: DhcpClientName;
  /** Of the anchor's dashboard at this machine's 127.0.0.1; the gateways' are at the next two. */
  readonly port: number;
  /** From one roam of a mobile node to the next, milliseconds. */
  readonly interval: number;
}

/** Beside the mobile node that has a namespace. */
const PHONES = 7;
const PHONES_APART_MS = 700;

/** Runs the lab with its dashboards, mobile nodes moving about, until it is interrupted; nothing is left then. Rejects with `LabError`. */
export async function runDashboard(options: DashboardOptions): Promise<void> {
  const onProgress = progressPrinter();
  const guard = new InterruptionGuard();
  const { prefix, dhcpClient } = options;
  const lab = await guard.build({ prefix, ipv4Only: false, dhcpClient, impairment: undefined, onProgress });
  const closers: (() => void)[] = [];
  try {
    await guard.race(live(lab, options, closers));
  } catch (error) {
    if (!(error instanceof LabError && error.code === 'interrupted')) throw error;
    onProgress('cleaning up');
  } finally {
    for (const close of closers) close();
    await lab.stop();
    guard.end();
  }
}

/** Never resolves; what is to be closed in the end comes to `closers`. */
async function live(lab: Lab, options: DashboardOptions, closers: (() => void)[]): Promise<never> {
  lab.stopObserving();
  lab.processes.startScript('core', 'src/lab/dashboard/radius-server.ts');
  for (const [i, node] of daemonNodes.entries()) {
    await serve(lab, node, options.port + i);
    const forwarder = await PortForwarder.listen(namespacePath(lab.options.prefix, node), options.port + i);
    closers.push(() => forwarder.close());
  }
  process.stdout.write(`\n${whereTo(options.port)}\n`);
  const cn = lab.startTraffic('cn');
  await request(cn, { kind: 'start', families });
  lab.associate('ap1');
  const phones = new Phones(lab, PHONES);
  closers.push(() => phones.close());
  phones.start(PHONES_APART_MS);
  await Promise.all([lab.mobileNode.dhcp.acquire(30_000), lab.mobileNode.awaitIpv6(30_000)]);
  const mn = lab.startTraffic('mn');
  await request(mn, { kind: 'start', families });
  lab.options.onProgress(`${phones.count + 1} mobile nodes are attached, and move about`);
  const ending = new AbortController();
  closers.push(() => ending.abort());
  for (let i = 0; ; i++) {
    await sleep(options.interval * (0.5 + Math.random()), undefined, { signal: ending.signal });
    const mobile = i % (phones.count + 1);
    if (mobile === phones.count) lab.moveTo(lab.accessPoint === 'ap1' ? 'ap2' : 'ap1');
    else phones.roam(mobile);
  }
}

/** The mode of what a node is, in which its heartbeats are configured. */
const modes: Readonly<Record<DaemonNode, string>> = {
  lma: 'ipv6 mobile pmipv6-lma lma1 domain D1',
  mag1: 'ipv6 mobile pmipv6-mag M1 domain D1',
  mag2: 'ipv6 mobile pmipv6-mag M2 domain D1',
};

async function serve(lab: Lab, node: DaemonNode, port: number): Promise<void> {
  const configure = (path: readonly string[], line: string) =>
    lab.daemons.request(node, 'configure-line', { path, line });
  await configure([modes[node]], 'heartbeat interval 10 retries 3');
  await configure([], `radius-server host ${radiusServer.address} timeout 1 key ${radiusServer.secret}`);
  if (node === 'lma') await configure([modes.lma], 'enable aaa accounting');
  else await configure(['ipv6 mobile pmipv6-domain D1'], 'mn-profile-load-aaa');
  await configure([], `ip http port ${port}`);
  await configure([], 'ip http server');
}

function whereTo(port: number): string {
  return [
    `Anchor (LMA):  http://127.0.0.1:${port}/`,
    `Gateway M1:    http://127.0.0.1:${port + 1}/`,
    `Gateway M2:    http://127.0.0.1:${port + 2}/`,
    'They live until Ctrl-C. From another machine: ssh -L ' + `${port}:127.0.0.1:${port} THIS-MACHINE`,
    '',
  ].join('\n');
}
