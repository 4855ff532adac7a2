import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { formatMilliseconds, formatTable, largest, median } from '../figures.ts';
import type { RoamReport } from '../report.ts';
import { runReport } from '../run-lab.ts';
import { families } from '../traffic/protocol.ts';

/** At least 100 roams under traffic; prints the interruption, its steps and the probes lost, median and worst. */
export async function run(args: readonly string[]): Promise<void> {
  const options = new Command('npm run bench -- handover')
    .option('--roams <n>', 'how many', Number, 100)
    .option('--interval <ms>', 'from one roam to the next', Number, 400)
    .option('--json <file>', 'write every roam to a file')
    .option('--prefix <name>', 'of the namespaces', 'mooringbench')
    .parse([...args], { from: 'user' })
    .opts<{ roams: number; interval: number; prefix: string; json?: string }>();
  const { roams } = await runReport(
    { ...options, delay: 0, jitter: 0, loss: 0, reorder: 0, seed: 1 },
    { linkLoss: false, detach: false },
  );
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ roams }, undefined, 2)}\n`);
  process.stdout.write(`${roams.length} roams, milliseconds after the event at the new gateway\n${table(roams)}`);
}

function table(roams: readonly RoamReport[]): string {
  const row = (name: string, values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
    const high = known[Math.min(known.length - 1, Math.floor(known.length * 0.95))];
    return [name, ...[median(known), high, largest(known)].map(formatMilliseconds)];
  };
  const stepNames = roams[0]?.steps.map(({ name }) => name) ?? [];
  return formatTable([
    ['', 'median', '95 %', 'worst'],
    ...stepNames.map((name) =>
      row(
        name,
        roams.map(({ steps }) => steps.find((step) => step.name === name)?.at),
      ),
    ),
    row(
      'PBU to PBA',
      roams.map(({ steps }) => legOf(steps)),
    ),
    ...families.map((family) =>
      row(
        `${family} interruption`,
        roams.map(({ interruption }) => interruption[family]),
      ),
    ),
    ...families.map((family) =>
      row(
        `${family} probes lost per roam`,
        roams.map(({ probes }) => probes[family]?.lost),
      ),
    ),
  ]);
}

function legOf(steps: RoamReport['steps']): number | undefined {
  const at = (name: string) => steps.find((step) => step.name === name)?.at;
  const [sent, received] = [at('PBU sent'), at('PBA received')];
  return sent === undefined || received === undefined ? undefined : received - sent;
}
