import type { Traffic } from '#cli/show/index.ts';
import { storeWarnings } from '#cli/show/index.ts';
import type { ControlRequest } from '../control-protocol.ts';
import { RequestError } from '../control-protocol.ts';
import type { Node } from '../node.ts';
import { type KeyedRow, rowOf } from './binding-index.ts';
import type { NodeHistory } from './recorder.ts';

export type BindingDetail = KeyedRow & {
  /** `null` while nothing is forwarded for it. */
  readonly traffic: Traffic | null;
};

/** One binding, by its `key`. Throws `RequestError`. */
export function bindingDetail(node: Node, { key }: ControlRequest): BindingDetail {
  if (typeof key !== 'string') throw new RequestError('bad-request', '"key" must be text');
  node.runtime.refreshClock();
  const row = rowOf(node, key);
  if (!row) throw new RequestError('not-found', `there is no binding ${key}`);
  const [kind, id] =
    row.role === 'lma'
      ? (['anchor', key.slice(4)] as const)
      : (['access', key.slice(key.lastIndexOf('/') + 1)] as const);
  const counters = node.dataPlane.counters(id, kind);
  return {
    ...row,
    traffic: counters
      ? {
          up: { packets: counters.upPackets, octets: counters.upOctets },
          down: { packets: counters.downPackets, octets: counters.downOctets },
        }
      : null,
  };
}

/** `on` says whether events are kept for being fetched, and what happens to mobile nodes for being asked for. Throws `RequestError`. */
export function switchEvents(node: Node, { on }: ControlRequest): void {
  if (typeof on !== 'boolean') throw new RequestError('bad-request', '"on" must be true or false');
  node.runtime.journal.events.on = on;
  node.runtime.journal.recorder.switch(on);
}

/** What happened to the mobile node of the name `nai`. Throws `RequestError`. */
export function nodeHistory(node: Node, { nai }: ControlRequest): NodeHistory {
  if (typeof nai !== 'string') throw new RequestError('bad-request', '"nai" must be text');
  const selection = { nai };
  const anchored = node.lmas.flatMap(({ machine }) => machine.snapshot(undefined, selection));
  const served = node.mags.flatMap(({ machine }) => machine.snapshot().filter((row) => row.nai === nai));
  const macs = [...anchored, ...served].map(({ llid }) => llid).filter((llid) => llid !== '');
  return node.runtime.journal.recorder.history(nai, macs);
}

export interface ReadinessView {
  readonly hostname: string | null;
  /** LMAs and MAGs that run. */
  readonly nodes: readonly { readonly role: 'lma' | 'mag'; readonly name: string; readonly domain: string }[];
  readonly bindings: number;
  /** It runs something, and takes registrations. */
  readonly ready: boolean;
  /** Why it does not serve as it should; empty when it does. */
  readonly problems: readonly string[];
}

export function nodeReadiness(node: Node): ReadinessView {
  const { lmas, mags, configuration, problems } = node;
  const store = node.state.report();
  const named =
    (role: 'lma' | 'mag') => (one: { readonly config: { readonly name: string; readonly domain: string } }) => ({
      role,
      name: one.config.name,
      domain: one.config.domain,
    });
  return {
    hostname: configuration.hostname ?? null,
    nodes: [...lmas.map(named('lma')), ...mags.map(named('mag'))],
    bindings: [...lmas, ...mags].reduce((sum, { machine }) => sum + machine.bindingCount, 0),
    ready: lmas.length + mags.length > 0 && (store.problem === null || store.onFailure === 'memory'),
    problems: [...problems, ...storeWarnings(store)],
  };
}
