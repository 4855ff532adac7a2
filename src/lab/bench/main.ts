import { LabError } from '../lab-error.ts';

/** A benchmark's module: `run` gets the arguments after its name and prints its figures. */
interface Benchmark {
  run(args: readonly string[]): Promise<void>;
}

const benchmarks: Record<string, { readonly about: string; readonly load: () => Promise<Benchmark> }> = {
  all: { about: 'those of docs/PERFORMANCE.md, one after the other', load: () => import('./all.ts') },
  dataplane: {
    about: 'every tunnel against plain forwarding and VXLAN: TCP, packets, processor time, latency',
    load: () => import('./dataplane/main.ts'),
  },
  'dataplane-scale': {
    about: 'what a million bindings cost the data plane',
    load: () => import('./dataplane-scale.ts'),
  },
  wire: { about: 'reading and writing signalling messages on one core', load: () => import('./wire.ts') },
  signalling: {
    about: 'what a registration costs an LMA, from socket to socket',
    load: () => import('./signalling.ts'),
  },
  control: {
    about: 'rates, latencies, memory and restart of an LMA beside references of the same run',
    load: () => import('./control.ts'),
  },
  'aaa-burst': {
    about: 'mobile nodes that come at once, and RADIUS servers that answer, or do not',
    load: () => import('./aaa-burst.ts'),
  },
  http: {
    about: 'what the HTTP API and its stream of events cost signalling, and its own times',
    load: () => import('./http.ts'),
  },
  debug: {
    about: 'what debugging costs the forwarding and the signalling of a busy node',
    load: () => import('./debug.ts'),
  },
  handover: { about: 'interruption and lost probes over many roams in the lab', load: () => import('./handover.ts') },
};

const [name = '', ...args] = process.argv.slice(2);
const benchmark = benchmarks[name];
if (benchmark === undefined) {
  const list = Object.entries(benchmarks).map(([known, { about }]) => `  ${known.padEnd(16)} ${about}\n`);
  process.stderr.write(`usage: npm run bench -- <name> [options]\n${list.join('')}`);
  process.exitCode = name === '' || name === '--help' || name === '-h' ? 0 : 2;
} else {
  try {
    await (await benchmark.load()).run(args);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    process.stderr.write(`bench ${name}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
