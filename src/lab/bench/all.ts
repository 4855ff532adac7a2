/** The benchmarks that `docs/PERFORMANCE.md` is made of, one after the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { LabError } from '../lab-error.ts';
import { machine } from './machine.ts';

interface Part {
  readonly name: 'control' | 'handover' | 'http' | 'dataplane' | 'dataplane-scale';
  readonly title: string;
  readonly about: string;
  readonly args: readonly string[];
  readonly quickly: readonly string[];
}

const PARTS: readonly Part[] = [
  {
    name: 'control',
    title: 'The control plane of an LMA',
    about: `\`mooring load\` plays two MAGs on one processor, the LMA has the other, with its data plane in the kernel. A server in C that keeps no state answers the same messages,
and shows what sockets, kernel and \`mooring load\` bear by themselves. Durable means on the disk (fdatasync) before the answer leaves. Rates and times are those of an LMA that has had all of it three times before: how much slower it is at first shows in the attachments by the number of bindings. Processor time is read when nothing is left to do between two operations; that of detach has the deletion, a second later (\`bce delete-wait-time\`). Latencies count from when a message was due, after the first second of each run, of an LMA to which mobile nodes have come so for some seconds before; "late" is how long after that it was sent, which is the load generator's part of them. The bare fdatasync is measured before each of these loads.`,
    args: ['--nodes', '100000', '--bindings', '10000,100000,1000000', '--stations', '10000,50000'],
    quickly: ['--nodes', '5000', '--bindings', '5000', '--stations', '1000'],
  },
  {
    name: 'handover',
    title: 'Handovers in the lab',
    about: `A mobile node roams between two MAGs in network namespaces, with a stream of packets each way for each family. The steps are milliseconds after the layer-2 event at the new
gateway: detection, Proxy Binding Update and Acknowledgement, forwarding, the first packet.`,
    args: ['--roams', '100'],
    quickly: ['--roams', '10'],
  },
  {
    name: 'http',
    title: 'The HTTP API',
    about: `What it costs an LMA, in memory and without authentication, that its API is served, and that a client follows its events; and how long the API takes by itself.
"To off" and "to on" are rates beside those of the same round with the API off, and on without a client.`,
    args: [],
    quickly: ['--bindings', '5000', '--rounds', '1'],
  },
  {
    name: 'dataplane',
    title: 'The data plane',
    about:
      'Through the tunnel of two data planes, beside plain forwarding by the same kernel in the same namespaces, in turn.',
    args: ['--minutes', '12'],
    quickly: ['--quick'],
  },
  {
    name: 'dataplane-scale',
    title: 'Many bindings in the data plane',
    about: `What they cost the process that sets them, the kernel that keeps them, the next process that adopts them, and packets to any of them, in turn with packets at a second anchor with few bindings, and with packets that
the kernel itself forwards by as many and by as few routes to the same addresses.`,
    args: [],
    quickly: ['--bindings', '20000'],
  },
];

interface Outcome {
  readonly part: Part;
  /** What it printed. */
  readonly text: string;
  readonly figures: unknown;
}

export async function run(args: readonly string[]): Promise<void> {
  const { json, write, quick } = new Command('npm run bench -- all')
    .option('--json <file>', 'write every figure to a file')
    .option('--write <file>', 'write all of it to a file, as docs/PERFORMANCE.md')
    .option('--quick', 'a few of everything, to see that it works')
    .parse([...args], { from: 'user' })
    .opts<{ json?: string; write?: string; quick?: boolean }>();
  const directory = mkdtempSync(join(tmpdir(), 'mooring-bench-'));
  try {
    const outcomes: Outcome[] = [];
    for (const part of PARTS) {
      process.stdout.write(`${outcomes.length > 0 ? '\n' : ''}${part.title}\n\n`);
      outcomes.push(await measure(part, quick ? part.quickly : part.args, directory));
    }
    const figures = Object.fromEntries(outcomes.map(({ part, figures: own }) => [part.name, own]));
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ machine: machine(), ...figures }, undefined, 2)}\n`);
    if (write !== undefined) writeFileSync(write, page(outcomes));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(part: Part, args: readonly string[], directory: string): Promise<Outcome> {
  const file = join(directory, `${part.name}.json`);
  const script = new URL('main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, part.name, ...args, '--json', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    process.stdout.write(chunk);
    text += chunk;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new LabError('bench-failed', `${part.name} ended with ${status}`);
  return { part, text, figures: JSON.parse(readFileSync(file, 'utf8')) };
}

function page(outcomes: readonly Outcome[]): string {
  const sections = outcomes.map(
    ({ part: { title, about, name }, text }) =>
      `## ${title}\n\n${about} \`npm run bench -- ${name}\`.\n\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`,
  );
  return `# Performance

Written by \`npm run bench -- all --write docs/PERFORMANCE.md\` on ${machine()}. Everything ran on this one machine, references, load and what is measured: compare ratios, not rates, with those of
another machine.

${sections.join('\n')}`;
}
