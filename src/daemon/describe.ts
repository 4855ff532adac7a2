import type { Histogram } from '#base/histogram.ts';
import type { Node } from './node.ts';

/** What the node knows now, as plain JSON: for `show` and whoever else asks. Addresses are text, durations seconds. */
export function describeState(node: Node) {
  node.runtime.refreshClock();
  return {
    lmas: node.lmas.map(({ config, machine }) => ({
      name: config.name,
      domain: config.domain,
      statistics: { ...machine.stats },
      heartbeatStatistics: { ...machine.heartbeatStats },
      heartbeats: machine.heartbeats(),
      bindings: machine.snapshot(),
      pools: machine.poolUse(),
    })),
    mags: node.mags.map(({ config, machine, access }) => ({
      name: config.name,
      domain: config.domain,
      statistics: { ...machine.stats },
      heartbeatStatistics: { ...machine.heartbeatStats },
      heartbeats: machine.heartbeats(),
      bindings: machine.snapshot(),
      accessStatistics: { ...access.stats },
      stations: access.snapshot(),
    })),
  };
}

/** Counters and costs of the node without its bindings. Costs are microseconds. */
export function describeStatistics(node: Node) {
  const { runtime } = node;
  return {
    runtime: { ...runtime.journal.counters },
    sockets: runtime.socketSnapshot(),
    costs: {
      pbuToPba: describeCost(runtime.outcome.costs.pbuToPba),
      attachToPbu: describeCost(runtime.outcome.costs.attachToPbu),
      pbaToForwarding: describeCost(runtime.outcome.costs.pbaToForwarding),
    },
    drops: node.dataPlane.drops(),
    lmas: node.lmas.map(({ config, machine }) => ({
      name: config.name,
      statistics: { ...machine.stats },
      heartbeatStatistics: { ...machine.heartbeatStats },
    })),
    mags: node.mags.map(({ config, machine, access }) => ({
      name: config.name,
      statistics: { ...machine.stats },
      heartbeatStatistics: { ...machine.heartbeatStats },
      accessStatistics: { ...access.stats },
    })),
  };
}

function describeCost(histogram: Histogram) {
  const summary = histogram.summary();
  return summary ? { ...summary, distribution: histogram.distribution() } : null;
}
