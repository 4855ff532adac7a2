import { formatTable } from '../../figures.ts';
import { type ControlFigures, type LmaFigures, OPERATIONS } from './measure.ts';

export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** Every figure beside the references of the same run. */
export function tables(figures: ControlFigures): Table[] {
  return [
    rates(figures),
    costs(figures),
    neighbours(figures),
    latencyTable(figures),
    overloadTable(figures),
    sizeTable(figures),
    gatewayTable(figures),
  ];
}

function rates({ echo, lma }: ControlFigures): Table {
  return {
    title: 'Registrations a second, beside a server in C that keeps no state',
    rows: [
      ['', ...OPERATIONS],
      ['C, turned round', count(echo.plain.perSecond)],
      ['C, verified and signed', count(echo.signed.perSecond)],
      ...lma.map((one) => [nameOf(one), ...OPERATIONS.map((operation) => count(one.operations[operation].perSecond))]),
    ],
  };
}

function costs({ echo, lma }: ControlFigures): Table {
  return {
    title: 'Processor time of each in microseconds, and its ratio to that of the server in C',
    rows: [
      ['', ...OPERATIONS.flatMap((operation) => [operation, 'to C'])],
      ['C, turned round', echo.plain.cost.toFixed(1)],
      ['C, verified and signed', echo.signed.cost.toFixed(1)],
      ...lma.map((one) => {
        const reference = one.authenticated ? echo.signed.cost : echo.plain.cost;
        const cells = OPERATIONS.map((operation) => one.operations[operation].cost);
        return [nameOf(one), ...cells.flatMap((cost) => [cost.toFixed(1), ratio(cost / reference)])];
      }),
    ],
  };
}

/** Kea proves nothing and does not wait for the disk: beside it is also the LMA that does neither. */
function neighbours({ echo, store, kea, lma }: ControlFigures): Table {
  const attach = (lma.at(-1) as LmaFigures).operations.attach.perSecond;
  const alike = (lma[0] as LmaFigures).operations.attach.perSecond;
  const alone = Math.max(...store.map(({ perSecond }) => perSecond));
  const exchanges = kea?.exchangesPerSecond ?? 0;
  return {
    title: 'Beside what others do in the same place',
    rows: [
      ['', 'per second', 'attach to it', 'plain, in memory'],
      ...store.map(({ group, perSecond }) => [
        `the store alone, groups of ${group}`,
        count(perSecond),
        perSecond === alone ? ratio(attach / perSecond) : '',
        '',
      ]),
      ['C, verified and signed', count(echo.signed.perSecond), ratio(attach / echo.signed.perSecond), ''],
      kea
        ? [
            `Kea ${kea.version} DHCPv4, exchanges`,
            count(exchanges),
            ratio(attach / exchanges),
            ratio(alike / exchanges),
          ]
        : ['Kea DHCPv4', 'not installed', '', ''],
    ],
  };
}

function latencyTable({ latencies, sync }: ControlFigures): Table {
  return {
    title: `Latency in milliseconds, authenticated and durable; a bare fdatasync: p50 ${milliseconds(sync.p50)}, p99 ${milliseconds(sync.p99)}`,
    rows: [
      ['', 'load', 'per second', 'p50', 'p99', 'p99.9', 'p99 to fdatasync', 'late p50', 'late p99'],
      ...latencies.map(({ operation, load, perSecond, latency, late }) => [
        operation,
        `${load * 100} %`,
        count(perSecond),
        ...[latency?.p50, latency?.p99, latency?.p999].map(orDash),
        latency ? ratio(latency.p99 / sync.p99) : '-',
        ...[late?.p50, late?.p99].map(orDash),
      ]),
    ],
  };
}

function overloadTable({ overload: { offered, answered, afterwards } }: ControlFigures): Table {
  return {
    title: 'Overload: new mobile nodes at one and a half times of what is borne, beside refreshes at half of it',
    rows: [
      ['', 'offered', 'answered', 'ratio'],
      ...(['refreshes', 'attachments'] as const).map((kind) => [
        kind,
        count(offered[kind]),
        count(answered[kind]),
        ratio(answered[kind] / offered[kind]),
      ]),
      ['a refresh afterwards, p50 ms', '', afterwards.toFixed(2), ''],
    ],
  };
}

function sizeTable({ sizes }: ControlFigures): Table {
  return {
    title: 'By the number of bindings, authenticated and durable',
    rows: [
      ['bindings', 'attach/s', 'octets each', 'memory MiB', 'restart s'],
      ...sizes.map(({ bindings, attachPerSecond, octets, total, restartSeconds }) => [
        count(bindings),
        count(attachPerSecond),
        count(octets),
        count(total / 2 ** 20),
        restartSeconds.toFixed(1),
      ]),
    ],
  };
}

/** Its restart beside that of an LMA with as many bindings, where that was measured. */
function gatewayTable({ gateways, sizes }: ControlFigures): Table {
  const ofLma = (count: number) => sizes.find(({ bindings }) => bindings === count)?.restartSeconds;
  return {
    title: 'By the number of mobile nodes of a MAG, with DHCP leases, durable',
    rows: [
      ['mobile nodes', 'attach/s', 'octets each', 'memory MiB', 'restart s', 'to an LMA', 'memory MiB'],
      ...gateways.map(({ stations, attachPerSecond, octets, total, restartSeconds, totalAfter }) => {
        const reference = ofLma(stations);
        return [
          count(stations),
          count(attachPerSecond),
          count(octets),
          count(total / 2 ** 20),
          restartSeconds.toFixed(1),
          reference === undefined ? '-' : ratio(restartSeconds / reference),
          count(totalAfter / 2 ** 20),
        ];
      }),
    ],
  };
}

export function asText(all: readonly Table[]): string {
  return all.map(({ title, rows }) => `${title}\n${formatTable(rows)}`).join('\n');
}

function nameOf({ authenticated, durable }: LmaFigures): string {
  return `LMA, ${authenticated ? 'authenticated' : 'plain'}, ${durable ? 'durable' : 'in memory'}`;
}

function orDash(microseconds: number | undefined): string {
  return microseconds === undefined ? '-' : milliseconds(microseconds);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function ratio(value: number): string {
  return value.toFixed(2);
}

function milliseconds(microseconds: number): string {
  return (microseconds / 1000).toFixed(2);
}
