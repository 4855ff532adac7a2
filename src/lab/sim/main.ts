import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { FaultKind, SimulationEvent, SimulationFailure, SimulationOptions } from '#sim/index.ts';
import { FAULT_KINDS, runSimulation, shrink } from '#sim/index.ts';
import { replayCommand, Summary } from './summary.ts';
import { CaptureTrace, TextTrace } from './trace.ts';

interface Options {
  readonly seed: number;
  readonly seeds?: readonly [number, number];
  readonly minutes: number;
  readonly nodes?: number;
  readonly nightly?: boolean;
  readonly without: readonly FaultKind[];
  readonly verbose?: boolean;
  readonly trace?: string;
}

const NIGHTLY_SEEDS = 20_000;
const PROGRESS_MS = 10_000;
/** Of what led to a failure. */
const LINES_SHOWN = 200;
/** A range goes on after failures, but not for ever. */
const FAILURES_SHOWN = 10;

const program = new Command('npm run sim --')
  .description(
    'Lets two LMAs, some MAGs and many mobile nodes run in virtual time, with everything going wrong that the seed draws, and checks what must hold\n' +
      'after every step: addresses have one owner, both ends agree once it is quiet, nothing leaks, nobody floods, stable nodes notice nothing.',
  )
  .option('--seed <n>', 'the world to run', wholeNumber, 1)
  .option('--seeds <a-b>', 'several, one after the other', range)
  .option('--nightly', `seeds 1 to ${NIGHTLY_SEEDS}`)
  .option('--minutes <m>', 'how long things go wrong, in virtual time', positive, 2)
  .option('--nodes <n>', 'so many mobile nodes, beside those to whom nothing happens, instead of a few', wholeNumber)
  .option('--without <kinds>', `what does not happen, separated by commas: ${FAULT_KINDS.join(', ')}`, faultKinds, [])
  .option('--verbose', 'print messages, log lines and what happens, as far as the failure or the end')
  .option(
    '--trace <file>',
    'write all of them, and the frames of access links; a .pcap file gets the signalling for "mooring decode --ladder"',
  )
  .allowExcessArguments(false);

const options = program.parse().opts<Options>();
process.exitCode = main(options) ? 0 : 1;

function main({ seed, seeds, nightly, minutes, nodes, without, verbose, trace }: Options): boolean {
  const [first, last] = nightly ? [1, NIGHTLY_SEEDS] : (seeds ?? [seed, seed]);
  const summary = new Summary();
  let reported = Date.now();
  for (let each = first; each <= last && summary.failed < FAILURES_SHOWN; each++) {
    const run = { seed: each, minutes, without, ...(nodes !== undefined && { nodes }) };
    runSeed(run, summary, verbose === true, trace);
    if (Date.now() - reported < PROGRESS_MS) continue;
    reported = Date.now();
    process.stderr.write(`sim: ${summary.progress}\n`);
  }
  process.stdout.write(summary.table());
  return summary.failed === 0;
}

function runSeed(run: SimulationOptions, summary: Summary, verbose: boolean, file: string | undefined): void {
  const capture = file?.endsWith('.pcap') ? new CaptureTrace() : undefined;
  const full = file !== undefined && !capture ? new TextTrace({ frames: true }) : undefined;
  const shown = verbose ? new TextTrace({ frames: false }) : undefined;
  const traces = [capture, full, shown].filter((trace) => trace !== undefined);
  const onEvent = (event: SimulationEvent, elapsedMs: number) => {
    for (const trace of traces) trace.add(event, elapsedMs);
  };
  const { failure, figures } = runSimulation(traces.length > 0 ? { ...run, onEvent } : run);
  summary.add(run.seed, figures, failure !== undefined);
  if (shown) process.stdout.write(`${shown.lines.slice(failure ? -LINES_SHOWN : 0).join('\n')}\n`);
  if (file !== undefined) writeFileSync(file, capture ? capture.bytes() : `${full?.lines.join('\n')}\n`);
  if (failure) report(run, failure);
}

function report(run: SimulationOptions, failure: SimulationFailure): void {
  const shrunk = shrink(run, failure);
  const { message, atMs, stack } = shrunk.failure;
  const at = `at ${(atMs / 1000).toFixed(3)} s of virtual time`;
  process.stdout.write(`seed ${run.seed} failed: ${message} (${at})\n${stack === undefined ? '' : `${stack}\n`}`);
  process.stdout.write(`replay: ${replayCommand(shrunk.options)}\n`);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a positive number.');
  return value;
}

function range(text: string): readonly [number, number] {
  const [, first, last] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? [];
  if (first === undefined || Number(first) > Number(last)) throw new InvalidArgumentError('It must be as 1-100.');
  return [Number(first), Number(last)];
}

function faultKinds(text: string): FaultKind[] {
  return text.split(',').map((word) => {
    const kind = FAULT_KINDS.find((one) => one === word);
    if (!kind) throw new InvalidArgumentError(`There is no ${word}.`);
    return kind;
  });
}
