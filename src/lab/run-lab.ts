import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LinkCaptures } from './captures.ts';
import { controlPath, daemonNodes } from './daemons.ts';
import type { DhcpClientName } from './dhcp-client.ts';
import { InterruptionGuard } from './interruption-guard.ts';
import { type Lab, takeDown } from './lab.ts';
import { LabError } from './lab-error.ts';
import { progressPrinter } from './progress.ts';
import { renderReport } from './render-report.ts';
import type { LabReport } from './report.ts';
import { signallingPcap } from './signalling-pcap.ts';
import { runStory } from './story.ts';
import { namespaceOf, nodes } from './topology.ts';
import { families as allFamilies } from './traffic/protocol.ts';

/** The command line of the lab. */
export interface RunOptions {
  readonly roams: number;
  readonly interval: number;
  readonly prefix: string;
  readonly delay: number;
  readonly jitter: number;
  readonly loss: number;
  readonly reorder: number;
  readonly seed: number;
  readonly ipv4Only?: boolean;
  /** dhclient when absent. */
  readonly dhcpClient?: DhcpClientName;
  readonly keep?: boolean;
  readonly pcap?: string;
  readonly json?: string;
}

/** Which parts of the story to tell besides attachment, traffic and roams. */
export interface StoryParts {
  readonly linkLoss: boolean;
  readonly detach: boolean;
}

/** Runs the whole story and prints the table. Whatever happens, nothing is left behind, unless asked to keep it. */
export async function runLab(options: RunOptions): Promise<void> {
  const report = await runReport(
    options,
    { linkLoss: options.roams > 0, detach: options.keep !== true },
    (lab, finished) => {
      process.stdout.write(`\n${renderReport(finished)}`);
      if (options.keep === true) process.stdout.write(`\n${howToEnter(lab)}`);
    },
  );
  if (report.tcp.some(({ survived }) => !survived)) process.exitCode = 1;
}

/** Builds a lab, tells the story on it and takes it down again, unless it is to be kept. Rejects with `LabError`. */
export async function runReport(
  options: RunOptions,
  parts: StoryParts,
  onFinished: (lab: Lab, report: LabReport) => void = () => {},
): Promise<LabReport> {
  const onProgress = progressPrinter();
  const guard = new InterruptionGuard();
  const { prefix, ipv4Only = false, dhcpClient = 'dhclient' } = options;
  const lab = await guard.build({ prefix, ipv4Only, dhcpClient, impairment: impairmentOf(options), onProgress });
  let kept = false;
  try {
    const captures = options.pcap === undefined ? undefined : new LinkCaptures(prefix, options.pcap);
    const report = await guard.race(tellStory(lab, options, parts)).finally(() => captures?.stop());
    const finished = writeFiles(lab, report, options);
    kept = options.keep === true;
    if (kept) lab.keep();
    onFinished(lab, finished);
    return finished;
  } catch (error) {
    if (!(error instanceof LabError && error.code === 'interrupted')) keepLogs(lab, onProgress);
    throw error;
  } finally {
    if (!kept) await lab.stop();
    guard.end();
  }
}

/** Removes what `--keep` left. */
export function takeDownLab(prefix: string): void {
  process.stdout.write(takeDown(prefix) ? `The lab "${prefix}" is gone.\n` : `There is no lab "${prefix}".\n`);
}

function tellStory(lab: Lab, options: RunOptions, parts: StoryParts): Promise<LabReport> {
  const families = options.ipv4Only === true ? (['ipv4'] as const) : allFamilies;
  const { roams, interval } = options;
  return runStory(lab, { roams, interval, families, ...parts });
}

function writeFiles(lab: Lab, report: LabReport, options: RunOptions): LabReport {
  const files: Record<string, string> = {};
  if (options.pcap !== undefined) {
    mkdirSync(options.pcap, { recursive: true });
    writeFileSync(join(options.pcap, 'signalling.pcap'), signallingPcap(lab.signalling));
    files.captures = options.pcap;
  }
  const finished = { ...report, files };
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(finished, null, 2)}\n`);
    files.figures = options.json;
  }
  return finished;
}

function impairmentOf({ delay, jitter, loss, reorder, seed }: RunOptions) {
  if (delay + jitter + loss + reorder === 0) return undefined;
  return { delayMilliseconds: delay, jitterMilliseconds: jitter, lossPercent: loss, reorderPercent: reorder, seed };
}

/** A failed run's logs survive the clean-up. */
function keepLogs(lab: Lab, onProgress: (text: string) => void): void {
  const directory = `${lab.directory.replace(`mooring-${lab.options.prefix}-`, `failed-${lab.options.prefix}-`)}`;
  cpSync(lab.directory, directory, { recursive: true });
  onProgress(`failed; the logs are in ${directory}`);
}

function howToEnter(lab: Lab): string {
  const { prefix } = lab.options;
  return [
    `The lab stays. The mobile node is at ${lab.accessPoint}. Its nodes:`,
    ...nodes.map((node) => `  ip netns exec ${namespaceOf(prefix, node)} bash`),
    'Ask the daemons:',
    ...daemonNodes.map((node) => {
      const role = node === 'lma' ? 'lma' : 'mag';
      return `  bin/mooring show ipv6 mobile pmipv6 ${role} binding --control ${controlPath(prefix, node)}`;
    }),
    `Logs: ${lab.directory}`,
    `Remove it: npm run lab -- --down${prefix === 'mooring' ? '' : ` --prefix ${prefix}`}`,
    '',
  ].join('\n');
}
