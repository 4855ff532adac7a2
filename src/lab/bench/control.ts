/** The control plane of an LMA, and the restart of a MAG, beside references that are measured in the same run, as one table. */
import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { LabError } from '../lab-error.ts';
import { ControlBed } from './control/bed.ts';
import { measureControl } from './control/measure.ts';
import { asText, tables } from './control/report.ts';
import { machine } from './machine.ts';

interface Options {
  readonly nodes: number;
  readonly bindings: readonly number[];
  readonly stations: readonly number[];
  readonly json?: string;
}

export async function run(args: readonly string[]): Promise<void> {
  const { nodes, bindings, stations, json } = new Command('npm run bench -- control')
    .option('--nodes <n>', 'mobile nodes of each run', positive, 50_000)
    .option(
      '--bindings <list>',
      'how many there are, where memory and restart are measured',
      positives,
      [10_000, 100_000],
    )
    .option('--stations <list>', 'how many mobile nodes a MAG has, where its restart is measured', positives, [10_000])
    .option('--json <file>', 'write every figure to a file')
    .parse([...args], { from: 'user' })
    .opts<Options>();
  if (process.getuid?.() !== 0) throw new LabError('not-root', 'this makes network namespaces: run it as root');
  const bed = new ControlBed();
  try {
    const figures = await measureControl(bed, { nodes, sizes: bindings, stations }, (text) =>
      process.stderr.write(`${text}\n`),
    );
    process.stdout.write(`${machine()}\n\n${asText(tables(figures))}`);
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ machine: machine(), ...figures }, undefined, 2)}\n`);
  } finally {
    bed.close();
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A whole number from 1 on.');
  return value;
}

function positives(text: string): number[] {
  return text.split(',').map(positive);
}
