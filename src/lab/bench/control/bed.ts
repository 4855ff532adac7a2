import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OperationReport } from '#cli/load/operation-run.ts';
import { LabError } from '../../lab-error.ts';
import { MooringProcess } from '../../mooring-process.ts';
import { projectDirectory } from '../../processes.ts';

export const ANCHOR = '2001:db8:cafe:1024::101';
export const GATEWAYS = ['2001:db8:cafe:1025::15', '2001:db8:cafe:1026::15'] as const;
export const SPI = '100';
export const KEY = 'benchmark';
/** Of whoever is measured, and of who plays its peers. */
export const PROCESSORS = { served: 0, load: 1 } as const;
/** Of the load, where it is not chosen: who waits for the disk does not keep the LMA idle. */
const IN_FLIGHT = 1024;
/** So soon a binding that its MAG gave up is deleted: while nothing else is measured. */
const DELETE_WAIT_MS = 1000;
const OUTPUT_MAXIMUM = 1 << 24;
const LOAD_LIMIT_MS = 600_000;

export interface LoadOptions {
  readonly gateways?: readonly string[];
  readonly nodes: number;
  readonly operations: readonly OperationReport['operation'][];
  readonly authenticated: boolean;
  readonly rate?: number;
  readonly seconds?: number;
  readonly warmUp?: number;
  /** Seconds between two operations. */
  readonly pause?: number;
  readonly inFlight?: number;
  /** Sets its mobile nodes apart from those of another load. */
  readonly realm?: string;
}

/** A network namespace with an LMA's and two MAGs' addresses, in which one after the other is measured. */
export class ControlBed {
  readonly namespace = `mtctl${process.pid}`;
  readonly directory = mkdtempSync(join(tmpdir(), 'mooring-control-'));
  #states = 0;

  constructor() {
    ip('netns', 'add', this.namespace);
    ip('-n', this.namespace, 'link', 'set', 'lo', 'up');
    for (const address of [ANCHOR, ...GATEWAYS])
      ip('-n', this.namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
  }

  /** A directory without a store. */
  newState(): string {
    return join(this.directory, `state${++this.#states}`);
  }

  startLma(authenticated: boolean, state: string): Promise<MooringProcess> {
    const file = join(this.directory, 'lma.cfg');
    writeFileSync(file, configurationText(authenticated));
    const control = join(this.directory, 'lma.sock');
    return MooringProcess.start({ namespace: this.namespace, file, control, state, processor: PROCESSORS.served });
  }

  /** Plays MAGs. Rejects with `LabError`, which has what `mooring load` said. */
  async load(options: LoadOptions): Promise<OperationReport[]> {
    const {
      gateways = GATEWAYS,
      nodes,
      operations,
      authenticated,
      rate,
      seconds,
      warmUp,
      pause,
      inFlight = IN_FLIGHT,
      realm,
    } = options;
    const words = [
      ...['load', ANCHOR, '--mag', ...gateways, '--nodes', `${nodes}`, '--operations', operations.join(',')],
      ...['--service', 'ipv6', '--in-flight', `${inFlight}`, '--json', '-'],
      ...(authenticated ? ['--spi', SPI, '--key', KEY] : []),
      ...(rate === undefined ? [] : ['--rate', `${Math.round(rate)}`]),
      ...(seconds === undefined ? [] : ['--seconds', `${seconds}`]),
      ...(warmUp === undefined ? [] : ['--warm-up', `${warmUp}`]),
      ...(pause === undefined ? [] : ['--pause', `${pause}`]),
      ...(realm === undefined ? [] : ['--realm', realm]),
    ];
    const mooring = [process.execPath, join(projectDirectory, 'bin', 'mooring')];
    try {
      const { stdout } = await this.inside('taskset', '-c', `${PROCESSORS.load}`, ...mooring, ...words);
      return (JSON.parse(stdout) as { operations: OperationReport[] }).operations;
    } catch (error) {
      throw new LabError('load-failed', (error as { stderr?: string }).stderr?.trim() || (error as Error).message);
    }
  }

  /** Runs a command in the namespace. */
  inside(...command: string[]): Promise<{ stdout: string; stderr: string }> {
    const limits = { maxBuffer: OUTPUT_MAXIMUM, timeout: LOAD_LIMIT_MS };
    return promisify(execFile)('ip', ['netns', 'exec', this.namespace, ...command], limits);
  }

  close(): void {
    ip('netns', 'delete', this.namespace);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function configurationText(authenticated: boolean): string {
  return `
ipv6 local pool V6 2001:db8:8000::/40 64
ipv6 mobile pmipv6-domain D
${authenticated ? `  auth-option spi ${SPI} key ascii ${KEY}\n` : ''}${GATEWAYS.map((address, i) => `  mag M${i + 1}\n    ipv6-address ${address}\n`).join('')}  nai anyone
    service ipv6
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${ANCHOR}
  bce maximum 4000000
  bce delete-wait-time ${DELETE_WAIT_MS}
  pbu rate-limit 1000000
  default profile anyone
  network N
    pool ipv6 V6 pfxlen 40
`;
}

export function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
