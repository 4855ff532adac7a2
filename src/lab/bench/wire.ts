/** How many Proxy Binding Updates one core reads a second, and how many Acknowledgements it writes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Command } from 'commander';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AccessTechnologyType,
  AuthenticationSubtype,
  type BindingAcknowledgement,
  BindingAcknowledgementFlag,
  BindingStatus,
  type BindingUpdate,
  BindingUpdateFlag,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  HandoffIndicator,
  type MobilityOption,
  verifyAuthentication,
} from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';
import { formatTable, median } from '../figures.ts';
import { LabError } from '../lab-error.ts';

interface Operation {
  readonly name: string;
  /** Octets of the message. */
  readonly length: number;
  readonly perSecondWanted?: number;
  /** Its result must not be optimised away, and is what may stay in memory. */
  run(): unknown;
}

interface Figures {
  readonly perSecond: number;
  /** Rate of a plain copy of the same octets by rate of the operation. */
  readonly copies: number;
  readonly allocatedOctets: number;
  readonly resultOctets: number;
}

/** Messages differ, as those of a live router do; a power of two. */
const NODES = 256;
const BATCH = 1000;
/** Few enough that the young generation is not collected meanwhile. */
const ALLOCATION_RUNS = 300;
const ALLOCATION_SAMPLES = 15;

/** Prints a table: operations per second of one core, what a copy of the same octets costs, and what the heap gives for one. */
export async function run(args: readonly string[]): Promise<void> {
  const { rounds, milliseconds } = new Command('npm run bench -- wire')
    .description('reading Proxy Binding Updates and writing Acknowledgements, on one core')
    .option('--rounds <n>', 'of which the median counts', Number, 9)
    .option('--milliseconds <n>', 'of each round', Number, 200)
    .parse([...args], { from: 'user' })
    .opts<{ rounds: number; milliseconds: number }>();
  if (!(rounds >= 1 && milliseconds >= 1))
    throw new LabError('bad-argument', 'rounds and milliseconds are numbers from 1 on');
  const all = operations();
  const figures = all.map((operation) => measure(operation, rounds, milliseconds));
  process.stdout.write(table(all, figures));
}

function measure(operation: Operation, rounds: number, milliseconds: number): Figures {
  const copied = new Uint8Array(operation.length).fill(0xa5);
  const copy = () => copied.slice();
  rate(operation.run, milliseconds);
  rate(copy, milliseconds);
  const own: number[] = [];
  const copies: number[] = [];
  for (let round = 0; round < rounds; round++) {
    own.push(rate(operation.run, milliseconds));
    copies.push(rate(copy, milliseconds));
  }
  const perSecond = median(own) ?? 0;
  return { perSecond, copies: (median(copies) ?? 0) / perSecond, ...allocation(operation.run) };
}

/** Runs per second of processor time, that of the collector's threads too, so that other load on the machine hardly matters. */
function rate(run: () => unknown, milliseconds: number): number {
  const start = processorTime();
  let runs = 0;
  let taken = 0;
  while (taken < milliseconds) {
    for (let i = 0; i < BATCH; i++) sink.last = run();
    runs += BATCH;
    taken = processorTime() - start;
  }
  return (runs / taken) * 1000;
}

/** In milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Where results go, so that none is optimised away. */
const sink: { last: unknown } = { last: undefined };

/** Octets that one run takes from the heap and from buffers outside of it, and how many of them its result is. */
function allocation(run: () => unknown): Pick<Figures, 'allocatedOctets' | 'resultOctets'> {
  const collect = garbageCollector();
  const samples = Array.from({ length: ALLOCATION_SAMPLES }, () => allocationSample(run, collect));
  return {
    allocatedOctets: median(samples.map((sample) => sample.allocatedOctets)) ?? 0,
    resultOctets: median(samples.map((sample) => sample.resultOctets)) ?? 0,
  };
}

function allocationSample(run: () => unknown, collect: () => void): Pick<Figures, 'allocatedOctets' | 'resultOctets'> {
  const kept = new Array<unknown>(ALLOCATION_RUNS).fill(undefined);
  collect();
  const before = memory();
  for (let i = 0; i < ALLOCATION_RUNS; i++) kept[i] = run();
  const allocated = memory() - before;
  collect();
  const retained = memory() - before;
  return { allocatedOctets: allocated / kept.length, resultOctets: retained / kept.length };
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function operations(): readonly Operation[] {
  const updates = nodes(update);
  const acknowledgements = nodes(acknowledgement);
  const updateBytes = updates.map(encodeMobilityHeader);
  const signedUpdates = updates.map((message) => encodeAuthenticated(message, [association], gateway));
  const signedLength = signedUpdates[0]?.length ?? 0;
  const length = updateBytes[0]?.length ?? 0;
  return [
    {
      name: 'PBU decode',
      length,
      perSecondWanted: 1_000_000,
      run: inTurn(updateBytes, (bytes) => decodeMobilityHeader(bytes)),
    },
    { name: 'PBA encode', length, perSecondWanted: 600_000, run: inTurn(acknowledgements, encodeMobilityHeader) },
    {
      name: 'PBU verify and decode',
      length: signedLength,
      run: inTurn(signedUpdates, (bytes) => {
        if (verifyAuthentication(bytes, association, gateway) !== 'authentic') throw new Error('not authentic');
        return decodeMobilityHeader(bytes);
      }),
    },
    {
      name: 'PBA encode and sign',
      length: signedLength,
      run: inTurn(acknowledgements, (message) => encodeAuthenticated(message, [association], gateway)),
    },
  ];
}

/** Each time for the next of `values`. */
function inTurn<T>(values: readonly T[], run: (value: T) => unknown): () => unknown {
  let next = 0;
  return () => run(values[next++ & (NODES - 1)] as T);
}

function nodes<T>(message: (node: number) => T): readonly T[] {
  return Array.from({ length: NODES }, (_, node) => message(node));
}

const gateway = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;
const association = { subtype: AuthenticationSubtype.MN_HA, spi: 256, hmac: new HmacSha1(new Uint8Array(16).fill(7)) };

function update(node: number): BindingUpdate {
  return {
    kind: 'binding-update',
    sequence: node,
    flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
    lifetime: seconds(3600),
    options: [
      ...optionsOfBoth(node),
      { kind: 'ipv4-home-address-request', prefixLength: 24, address: Ipv4Address.unspecified },
      { kind: 'ipv4-default-router', address: Ipv4Address.unspecified },
    ],
  };
}

function acknowledgement(node: number): BindingAcknowledgement {
  return {
    kind: 'binding-acknowledgement',
    status: BindingStatus.ACCEPTED,
    flags: BindingAcknowledgementFlag.P,
    sequence: node,
    lifetime: seconds(3600),
    options: [
      ...optionsOfBoth(node),
      { kind: 'ipv4-home-address-reply', status: 0, prefixLength: 24, address: new Ipv4Address(0xc0000200 + node) },
      { kind: 'ipv4-default-router', address: new Ipv4Address(0xc00002fe) },
    ],
  };
}

function optionsOfBoth(node: number): readonly MobilityOption[] {
  const number = `${node}`.padStart(5, '0');
  return [
    { kind: 'mobile-node-identifier', subtype: 1, identifier: encodeText(`mn${number}@example.net`) },
    {
      kind: 'home-network-prefix',
      prefix: new Ipv6Prefix(new Ipv6Address(0x20010db8, node, 0, 0), 64),
      offLink: false,
    },
    { kind: 'handoff-indicator', indicator: HandoffIndicator.BETWEEN_MAGS },
    { kind: 'access-technology-type', accessTechnology: AccessTechnologyType.IEEE_802_11 },
    { kind: 'timestamp', seconds: 1_700_000_000 + node, fraction: 0x8001 },
    { kind: 'mobile-node-link-layer-identifier', identifier: encodeText(number) },
  ];
}

function table(all: readonly Operation[], figures: readonly Figures[]): string {
  const rows = all.map(({ name, length, perSecondWanted }, i) => {
    const { perSecond, copies, allocatedOctets, resultOctets } = figures[i] as Figures;
    return [
      name,
      `${length}`,
      Math.round(perSecond).toLocaleString('en'),
      perSecondWanted === undefined ? '' : perSecondWanted.toLocaleString('en'),
      copies.toFixed(1),
      allocatedOctets.toFixed(0),
      resultOctets.toFixed(0),
    ];
  });
  const heading = ['', 'octets', 'per second', 'wanted', 'copies', 'allocated', 'of it result'];
  return `${formatTable([heading, ...rows])}one core; "copies": how many plain copies of the same octets take as long; "allocated" in octets for one\n`;
}
