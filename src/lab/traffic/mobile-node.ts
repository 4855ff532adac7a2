import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { correspondent } from '../topology.ts';
import type { ProbeCommand, ProbeReport } from './probe-worker.ts';
import {
  type Family,
  type ProbeWindow,
  ports,
  type TrafficRequest,
  type TrafficResult,
  tickMilliseconds,
} from './protocol.ts';
import { serve } from './request-channel.ts';
import { TcpStream } from './tcp-stream.ts';
import { UdpStream } from './udp-stream.ts';

// The mobile node's process: the probes (in a thread of their own, for their pace), one TCP connection and one UDP stream per family.

const tcp: TcpStream[] = [];
const udp: UdpStream[] = [];
let ticker: NodeJS.Timeout | undefined;
let probes: Worker | undefined;

serve(async (request: TrafficRequest) => {
  switch (request.kind) {
    case 'start':
      return start(request.families);
    case 'probe':
      return startProbes(request.families);
    case 'probe-results':
      return probeResults(request.windows);
    case 'stop':
      return stop();
  }
});

async function start(families: readonly Family[]): Promise<void> {
  for (const family of families) {
    tcp.push(await openTcp(family));
    udp.push(await UdpStream.open(family, 0, { address: correspondent[family], port: ports.udp }));
  }
  ticker = setInterval(() => {
    for (const stream of [...tcp, ...udp]) stream.tick();
  }, tickMilliseconds);
}

function openTcp(family: Family): Promise<TcpStream> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: correspondent[family], port: ports.tcp, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(new TcpStream(socket, family));
    });
  });
}

function startProbes(families: readonly Family[]): void {
  probes = new Worker(new URL('./probe-worker.ts', import.meta.url), { workerData: { families } });
  probes.on('error', (error) => {
    throw error;
  });
}

function probeResults(windows: readonly ProbeWindow[]): Promise<ProbeReport> {
  return new Promise((resolve) => {
    probes?.once('message', resolve);
    probes?.postMessage({ windows } satisfies ProbeCommand);
  });
}

async function stop(): Promise<TrafficResult> {
  clearInterval(ticker);
  await Promise.all(tcp.map((stream) => stream.finish(3000)));
  for (const stream of udp) stream.close();
  return result();
}

function result(): TrafficResult {
  return { tcp: tcp.map((stream) => stream.result()), udp: udp.map((stream) => stream.result()) };
}
