import { writeFileSync } from 'node:fs';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { type Operation, Population, type PopulationConfig, type Service } from '#proto/load/index.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import { AuthenticationSubtype } from '#wire/mobility/index.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { describeProgress, formatReports } from './load/format.ts';
import { GatewaySockets } from './load/gateway-sockets.ts';
import type { LoadPlan } from './load/operation-run.ts';
import { rehearse } from './load/rehearsal.ts';
import { LoadRun } from './load/run-load.ts';

/** A message is sent again after one second, twice. */
const PATIENCE = milliseconds(1000);
const TRIES = 3;

export interface LoadOptions {
  /** Of all MAGs. */
  readonly mag: readonly IpAddress[];
  readonly nodes: number;
  readonly operations: readonly Operation[];
  readonly rate?: number;
  readonly inFlight: number;
  readonly seconds?: number;
  readonly warmUp?: number;
  readonly pause?: number;
  readonly lifetime: number;
  readonly realm: string;
  readonly service: Service;
  readonly timestamps: boolean;
  readonly spi?: number;
  readonly key?: string;
  readonly json?: string;
}

/** `mooring load LMA`: plays MAGs with mobile nodes, and says how the LMA answered. Throws `CommandError`. */
export async function load(lmaText: string, options: LoadOptions): Promise<void> {
  const config = populationOf(lmaText, options);
  const sockets = new GatewaySockets(config.lma, config.gateways);
  try {
    const population = new Population(config);
    const run = new LoadRun(population, sockets, planOf(options), (progress) =>
      process.stderr.write(`${describeProgress(progress)}\n`),
    );
    const stop = () => run.stop();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    await rehearse(config);
    const operations = await run.run();
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    if (options.json === undefined) process.stdout.write(formatReports(operations));
    else {
      const { malformed } = population;
      const report = { lma: lmaText, mags: options.mag.map(String), nodes: options.nodes, malformed, operations };
      const text = `${JSON.stringify(report, undefined, 2)}\n`;
      if (options.json === '-') process.stdout.write(text);
      else writeFileSync(options.json, text);
    }
    if (population.revocations > 0) process.stderr.write(`${population.revocations} mobile nodes were revoked\n`);
    if (population.malformed > 0)
      process.stderr.write(`${population.malformed} messages of the LMA cannot be read, and count as none\n`);
    if (population.attached > 0)
      process.stderr.write(`${population.attached} mobile nodes stay registered until their lifetime is over\n`);
    if (run.gaveUp) throw new CommandError(ExitStatus.FAILED, silence(lmaText, sockets.failure));
    if (operations.every(({ accepted }) => accepted === 0))
      throw new CommandError(
        ExitStatus.FAILED,
        `${lmaText} accepted nothing; does it serve mobile nodes of ${options.realm}?`,
      );
  } finally {
    sockets.close();
  }
}

function silence(lma: string, failure: string | undefined): string {
  if (failure) return `${lma} did not answer: sending failed with ${failure}`;
  return `${lma} did not answer: is it up, does it know these MAGs, and is "auth-option" the same as --spi and --key?`;
}

function populationOf(lmaText: string, options: LoadOptions): PopulationConfig {
  const lma = address(lmaText);
  const gateways = options.mag;
  for (const gateway of gateways)
    if (gateway instanceof Ipv4Address !== lma instanceof Ipv4Address)
      throw new CommandError(ExitStatus.USAGE, `--mag ${gateway}: its family is not that of ${lmaText}`);
  const { spi, key } = options;
  if ((spi === undefined) !== (key === undefined))
    throw new CommandError(ExitStatus.USAGE, '--spi and --key go together');
  if (options.operations.includes('handover') && gateways.length < 2)
    throw new CommandError(
      ExitStatus.USAGE,
      'a handover needs two MAGs: give --mag twice, or leave it out of --operations',
    );
  return {
    lma,
    gateways,
    nodes: options.nodes,
    realm: options.realm,
    service: options.service,
    lifetime: seconds(options.lifetime),
    timestamps: options.timestamps,
    ...(spi !== undefined &&
      key !== undefined && {
        authentication: {
          subtype: AuthenticationSubtype.MN_HA,
          spi,
          hmac: new HmacSha1(new TextEncoder().encode(key)),
        },
      }),
    patience: PATIENCE,
    tries: TRIES,
  };
}

function planOf({ operations, rate, inFlight, seconds: duration, warmUp, pause }: LoadOptions): LoadPlan {
  return {
    operations,
    inFlight,
    ...(rate !== undefined && { rate }),
    ...(duration !== undefined && { seconds: duration }),
    ...(warmUp !== undefined && { warmUp }),
    ...(pause !== undefined && { pause }),
  };
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed) throw new CommandError(ExitStatus.USAGE, `${text} is no IP address`);
  return parsed;
}
