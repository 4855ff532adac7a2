import type { ControlRequest } from '../control-protocol.ts';
import type { RadiusHistory } from './radius-history.ts';
import { type NodeHistory, timeOf } from './recorder.ts';

/** What the packet worker knows of a mobile node, with what passed at RADIUS servers. */
export async function wholeHistory(
  ask: (request: ControlRequest) => Promise<unknown>,
  radius: RadiusHistory,
  request: ControlRequest,
): Promise<NodeHistory> {
  const history = (await ask(request)) as NodeHistory;
  const exchanges = radius.steps(new Set([String(request.nai), ...history.macs]));
  if (exchanges.length === 0) return history;
  return { ...history, steps: [...history.steps, ...exchanges].sort((a, b) => timeOf(a) - timeOf(b)) };
}
