import type { Attachments, Binding } from '../../../web/src/api/types.ts';
import { emptyWorld, NOW, type World, worldOf } from './world.ts';

const NAMES = ['ada', 'ben', 'cleo', 'dan', 'eva'];

/** A gateway with five mobile nodes, and the times of 300 attachments. */
export const gatewayWorld: World = {
  ...emptyWorld,
  ready: {
    ...emptyWorld.ready,
    hostname: 'mag1',
    nodes: [{ role: 'mag', name: 'M1', domain: 'D1' }],
    bindings: NAMES.length,
  },
  bindings: NAMES.map(bindingOf),
  statistics: {
    ...emptyWorld.statistics,
    mags: [{ domain: 'D1', name: 'M1', bindings: NAMES.length, stats: {}, heartbeat: {}, access: {} }],
    costs: {
      pbuToPba: null,
      attachToPbu: {
        ...{ count: 300, minimum: 310, median: 500, mean: 520, p99: 900, maximum: 2000 },
        distribution: [],
      },
      pbaToForwarding: null,
    },
  },
  attachments: { items: Array.from({ length: 300 }, (_, i) => attachmentOf(i)) },
};

function bindingOf(user: string, i: number): Binding {
  const [anchored] = worldOf(1).bindings;
  if (anchored?.role !== 'lma') throw new Error('the world of an anchor has none of a gateway');
  const { peer: _, registeredAt: _since, careOfAddresses: _paths, customer: _whose, ...common } = anchored;
  return {
    ...common,
    ...{ id: `mag:M1/${i}`, role: 'mag', node: 'M1', nai: `${user}@example.com`, interface: 'GigabitEthernet0/0/1' },
    ...{ lma: 'lma1', lmaAddress: '2001:db8:cafe:1024::101', path: 'up', refreshRemaining: 1200 },
    ...{ encapsulation: 'IPV6_IN_IPV6', transport: 'ipv6', greKeyUpstream: 0, greKeyDownstream: 0 },
  } as Binding;
}

/** 0.5 ms until the update, 1 ms to the anchor and back, 0.5 ms for forwarding; one in a hundred ten times that. */
function attachmentOf(i: number): Attachments['items'][number] {
  const slow = i % 100 === 99 ? 10 : 1 + (i % 7) / 20;
  return {
    at: new Date(NOW - i * 4000).toISOString(),
    mac: `0024.d700.00${10 + (i % 5)}`,
    nai: `${NAMES[i % NAMES.length]}@example.com`,
    interface: 'GigabitEthernet0/0/1',
    trigger: 'layer-2-update',
    stepsMs: { pbuSent: 0.5 * slow, pbaReceived: 1.5 * slow, forwardingReady: 2 * slow },
  };
}
