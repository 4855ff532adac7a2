import type { LogView } from '#daemon/log-buffer.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { type DataplaneView, renderDataplane } from './dataplane.ts';
import { type HeartbeatView, renderHeartbeats } from './heartbeat.ts';
import { renderLmaBindings } from './lma-binding.ts';
import { type LmaGlobals, renderLmaGlobals } from './lma-globals.ts';
import { type LmaStatsRow, renderLmaStats } from './lma-stats.ts';
import { renderLogging } from './logging.ts';
import { renderMagBindings } from './mag-binding.ts';
import { type MagGlobals, renderMagGlobals } from './mag-globals.ts';
import { type MagStatsRow, renderMagStats } from './mag-stats.ts';
import type { ShowQuery } from './query.ts';

/** The daemon is of the same version as this program, and answers each query with what its renderer takes. */
const RENDERERS: Readonly<Record<ShowQuery, (result: never) => string>> = {
  'lma-binding': (rows: readonly LmaBindingRow[]) => renderLmaBindings(rows),
  'lma-globals': (rows: readonly LmaGlobals[]) => renderLmaGlobals(rows),
  'lma-stats': (rows: readonly LmaStatsRow[]) => renderLmaStats(rows),
  'lma-heartbeat': (views: readonly HeartbeatView[]) => renderHeartbeats('LMA', views),
  'mag-binding': (rows: readonly MagBindingRow[]) => renderMagBindings(rows),
  'mag-globals': (rows: readonly MagGlobals[]) => renderMagGlobals(rows),
  'mag-stats': (rows: readonly MagStatsRow[]) => renderMagStats(rows),
  'mag-heartbeat': (views: readonly HeartbeatView[]) => renderHeartbeats('Mag', views),
  dataplane: (view: DataplaneView) => renderDataplane(view),
  logging: (view: LogView) => renderLogging(view),
  'running-config': ({ text }: { readonly text: string }) => text,
  version: (facts: Readonly<Record<string, string | number>>) =>
    Object.entries(facts)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
};

/** The daemon's answer to a query, as IOS prints it. */
export function renderShow(query: ShowQuery, result: unknown): string {
  return RENDERERS[query](result as never);
}
