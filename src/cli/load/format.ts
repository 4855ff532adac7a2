import type { Percentiles } from '#proto/load/index.ts';
import type { OperationReport, Progress } from './operation-run.ts';

const COLUMNS = ['', 'accepted', 'seconds', 'per second', 'p50 ms', 'p99 ms', 'p99.9 ms', 'longest ms'];
/** With a rate. */
const LATE_COLUMNS = ['late p50 ms', 'late p99 ms', 'late p99.9 ms', 'latest ms'];

/** A table, and below it what did not go well. */
export function formatReports(reports: readonly OperationReport[]): string {
  const isLate = reports.some(({ lateMicroseconds }) => lateMicroseconds);
  const columns = isLate ? [...COLUMNS, ...LATE_COLUMNS] : COLUMNS;
  const rows = [
    columns,
    ...reports.map((report) => (isLate ? [...row(report), ...times(report.lateMicroseconds)] : row(report))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((cells) => (cells[i] as string).length)));
  const table = rows.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  '),
  );
  return `${[...table.map((line) => line.trimEnd()), ...reports.flatMap(faults)].join('\n')}\n`;
}

export function describeProgress({ operation, figures, waiting, seconds }: Progress): string {
  const rate = Math.round(figures.accepted / seconds);
  const refused = [...figures.refused.values()].reduce((sum, count) => sum + count, 0);
  const bad = refused + figures.lost > 0 ? `, ${refused} refused, ${figures.lost} without an answer` : '';
  return `${operation}: ${figures.accepted} accepted in ${seconds.toFixed(0)} s (${rate} a second), ${waiting} under way${bad}`;
}

function row({ operation, accepted, seconds, perSecond, latencyMicroseconds }: OperationReport): string[] {
  return [operation, `${accepted}`, seconds.toFixed(2), `${perSecond}`, ...times(latencyMicroseconds)];
}

function times(percentiles: Percentiles | undefined): string[] {
  const all = [percentiles?.p50, percentiles?.p99, percentiles?.p999, percentiles?.maximum];
  return all.map((time) => (time === undefined ? '-' : (time / 1000).toFixed(2)));
}

function faults(report: OperationReport): string[] {
  const { operation, retransmitted, refused, lost, notAuthentic, changedAddresses, givenTwice } = report;
  return [
    ...Object.entries(refused).map(([status, count]) => `${count} refused with ${status}`),
    ...(lost > 0 ? [`${lost} without an answer`] : []),
    ...(retransmitted > 0 ? [`${retransmitted} sent again`] : []),
    ...(notAuthentic > 0 ? [`${notAuthentic} answers not authentic`] : []),
    ...(changedAddresses > 0 ? [`${changedAddresses} with other addresses than before`] : []),
    ...(givenTwice > 0 ? [`${givenTwice} with an address of another mobile node`] : []),
  ].map((fault) => `${operation}: ${fault}`);
}
