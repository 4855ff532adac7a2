import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMilliseconds } from '#host/clock.ts';
import { attach } from './attach.ts';
import { detach } from './detach.ts';
import type { Lab } from './lab.ts';
import { loseLink } from './link-loss.ts';
import {
  joinDatagrams,
  joinStreams,
  type LabReport,
  type PingReport,
  type RoamReport,
  type ShowOutput,
} from './report.ts';
import { type MeasuredRoam, roam, settleMilliseconds } from './roam.ts';
import { accessPoints, correspondent } from './topology.ts';
import type { Family, TrafficResult } from './traffic/protocol.ts';
import { request } from './traffic/request-channel.ts';

export interface StoryOptions {
  readonly roams: number;
  /** From one roam to the next, milliseconds. */
  readonly interval: number;
  readonly families: readonly Family[];
  readonly linkLoss: boolean;
  /** Detaches the mobile node at the end and waits for both bindings to go. */
  readonly detach: boolean;
}

/** The whole story on a lab: attach, traffic, roams, loss of link, detach. Rejects with `LabError` when a step does not come about. */
export async function runStory(lab: Lab, options: StoryOptions): Promise<LabReport> {
  const { families } = options;
  const progress = lab.options.onProgress;
  const cn = lab.startTraffic('cn');
  await request(cn, { kind: 'start', families });
  progress('the mobile node attaches at ap1');
  const attached = await attach(lab, families);
  const pings = await ping(lab, 'attached', families);
  const shows = await showBindings(lab, 'attached');
  progress(`TCP, UDP and 1 ms probes to the correspondent node over ${families.join(' and ')}`);
  const mn = lab.startTraffic('mn');
  await request(mn, { kind: 'start', families });
  await request(mn, { kind: 'probe', families });
  await sleep(settleMilliseconds);
  const before = lab.mobileNode.state();
  const roams = await roamRepeatedly(lab, mn, options);
  const after = lab.mobileNode.state();
  pings.push(...(await ping(lab, 'after the roams', families)));
  const [station, peer] = await stopTraffic(mn, cn);
  if (options.linkLoss) progress('the wire of an access point breaks');
  const linkLoss = options.linkLoss ? await loseLink(lab, families) : undefined;
  if (options.detach)
    progress('the mobile node releases its lease and leaves; the anchor then keeps its binding for 10 s');
  const detached = options.detach ? await detach(lab) : undefined;
  if (options.detach) shows.push(...(await showBindings(lab, 'detached')));
  return {
    kind: 'namespaces',
    families,
    attach: attached,
    roams,
    linkLoss,
    tcp: joinStreams(station.tcp, peer.tcp),
    udp: joinDatagrams(station.udp, peer.udp),
    pings,
    before,
    after,
    detach: detached,
    shows,
    remarks: [],
    files: {},
  };
}

async function roamRepeatedly(lab: Lab, mn: ChildProcess, options: StoryOptions): Promise<RoamReport[]> {
  const measured: MeasuredRoam[] = [];
  for (let i = 0; i < options.roams; i++) {
    const to = accessPoints[(i + 1) % 2] as (typeof accessPoints)[number];
    measured.push(await roam(lab, to, options.families, options.interval));
    if ((i + 1) % 10 === 0 || i + 1 === options.roams) lab.options.onProgress(`roam ${i + 1} of ${options.roams}`);
  }
  await sleep(settleMilliseconds);
  const windows = measured.map(({ movedAt }, i) => ({
    from: movedAt - 20,
    to: (measured[i + 1]?.movedAt ?? monotonicMilliseconds() - settleMilliseconds / 2) - 20,
  }));
  const probes = await request(mn, { kind: 'probe-results', windows });
  return measured.map(({ report }, i) => ({ ...report, probes: probes[i] ?? {} }));
}

async function stopTraffic(mn: ChildProcess, cn: ChildProcess): Promise<[TrafficResult, TrafficResult]> {
  return Promise.all([request(mn, { kind: 'stop' }), request(cn, { kind: 'stop' })]);
}

async function ping(lab: Lab, when: PingReport['when'], families: readonly Family[]): Promise<PingReport[]> {
  return Promise.all(
    families.map(async (family) => {
      const count = 5;
      const { output } = await lab.processes.run(
        'mn',
        'ping',
        '-n',
        '-c',
        `${count}`,
        '-i',
        '0.05',
        '-W',
        '2',
        correspondent[family],
      );
      const received = Number(/(\d+) received/.exec(output)?.[1] ?? 0);
      const average = /rtt min\/avg\/max\/mdev = [\d.]+\/([\d.]+)\//.exec(output)?.[1];
      return {
        when,
        family,
        sent: count,
        received,
        averageRoundTrip: average === undefined ? undefined : Number(average),
      };
    }),
  );
}

async function showBindings(lab: Lab, when: ShowOutput['when']): Promise<ShowOutput[]> {
  const one = async (node: 'lma' | 'mag1' | 'mag2', role: 'lma' | 'mag') => {
    const words = ['ipv6', 'mobile', 'pmipv6', role, 'binding'];
    return { node, when, command: `show ${words.join(' ')}`, text: await lab.daemons.show(node, ...words) };
  };
  return Promise.all([one('lma', 'lma'), one('mag1', 'mag'), one('mag2', 'mag')]);
}
