/**
 * A router of the benchmark: `plane-process.ts NAMESPACE ebpf|user mag|lma express|stack`. Each line of the standard input is the index of a tunnel, which the
 * mobile node's packets go through when the answer has been printed. Runs until the standard input ends, and then leaves nothing.
 */
import { readSync } from 'node:fs';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { PollLoop } from '#host/poll-loop.ts';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import {
  BENCH_TUNNELS,
  type BenchTunnel,
  boundThrough,
  forwardingNode,
  type PlaneKind,
  type PlaneRole,
} from './tunnels.ts';

const [namespace, kind, role, way] = process.argv.slice(2) as [string, PlaneKind, PlaneRole, 'express' | 'stack'];
const plane: HostDataPlane = kind === 'ebpf' ? new BpfDataPlane() : new UserDataPlane();
const inside = <T>(action: () => T) => inNetworkNamespace(namespace, action);
const buffer = Buffer.alloc(1024);
let running = true;

inside(() => plane.start(forwardingNode(kind, role, way === 'express')));
process.stdout.write('ready\n');
try {
  const loop = new PollLoop();
  loop.watch(0, obey);
  for (const fd of plane.slowPathFds()) loop.watch(fd, () => plane.handleSlowPath(fd));
  while (running) loop.round(1000);
} finally {
  inside(() => plane.close());
}

function obey(): void {
  const length = readSync(0, buffer);
  if (length === 0) {
    running = false;
    return;
  }
  const tunnel = BENCH_TUNNELS[Number(buffer.toString('utf8', 0, length))] as BenchTunnel;
  const { failed } = plane.apply([{ kind: 'set', forwarding: boundThrough(tunnel, kind, role) }]);
  process.stdout.write(`${failed[0]?.reason ?? 'set'}\n`);
}
