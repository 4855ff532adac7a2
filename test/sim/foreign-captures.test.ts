/**
 * Whole frames of OPMIP, which others wrote, as they were captured between its anchor and gateways and on its access link, each through the receive path of a node of ours: Ethernet, IP, checksum, Mobility Header or
 * tunnel, machine and data plane. The captures are not part of the repository.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { SeededRandom } from '#base/random.ts';
import { milliseconds } from '#base/time.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { Interop } from '#proto/peer.ts';
import { decodeEthernet } from '#wire/ethernet.ts';
import { decodeMobilityHeader } from '#wire/mobility/index.ts';
import { readPcap } from '#wire/pcap.ts';
import { Air } from '../../src/sim/air.ts';
import { lmaConfig, magConfig } from '../../src/sim/domain.ts';
import { PERFECT_LINK } from '../../src/sim/link.ts';
import { LmaNode } from '../../src/sim/lma-node.ts';
import { MagNode } from '../../src/sim/mag-node.ts';
import { destinationOf, SimNetwork, sourceOf } from '../../src/sim/network.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { mobilityHeaderOf } from '../../src/sim/signalling.ts';

const captures = join(import.meta.dirname, '../../../shared/captures/foreign');
const obstacle = existsSync(captures) ? '' : `no ${captures}`;

const LMA = Ipv6Address.parse('2001:100::1') as Ipv6Address;
const MAG1 = Ipv6Address.parse('2001:100::2') as Ipv6Address;
const MAG2 = Ipv6Address.parse('2001:100::3') as Ipv6Address;
const PAUSE = milliseconds(100);

/** An echo request of the mobile node, out of the tunnel. */
const FORWARDED = '2001:db8:aa::ff:fe00:200 to 2001:2::2';

type Counters = Readonly<Record<string, unknown>>;

describe.skipIf(obstacle !== '')(`frames of OPMIP (${obstacle || 'captured'})`, () => {
  it('between its anchor and gateways, at an LMA that tolerates them: the roaming node is served as there', () => {
    const { outcomes, lma } = atAnchor('tolerant');
    expect(outcomes).toEqual({
      12: 'pbuReceived, pbaSent, bindingsCreated, answers 0',
      ...each([16, 18, 20], FORWARDED),
      24: 'pbuReceived, pbaSent, bindingsHandedOver, briSent, answers 0, answers binding-revocation-indication',
      ...each([30, 34, 36], FORWARDED),
    });
    expect(lma.machine.snapshot()).toMatchObject([
      { nai: 'mn@example.net', state: 'active', hnps: ['2001:db8:aa::/64'], peer: 'mag2' },
    ]);
  });

  it('likewise at one that does not: what RFC 5213 allows is served, and the handover refused', () => {
    const { outcomes, logs } = atAnchor('strict');
    expect(outcomes).toEqual({
      12: 'pbuReceived, pbaSent, bindingsCreated, answers 0',
      ...each([16, 18, 20], FORWARDED),
      24: 'pbuReceived, pbaSent, answers 155',
      ...each([30, 34, 36], 'tunnel-wrong-peer'),
    });
    expect(logs.join('\n')).toContain('interop tolerant');
  });

  it('between its anchor and gateways, at a MAG that has asked for nothing: each is dropped under its reason', () => {
    expect(atGateway('opmip')).toEqual({
      ...each([11, 14], 'nothing'),
      13: 'pbaReceived, pbaUnmatched',
      ...each([17, 19, 21], 'tunnel-unknown-peer'),
    });
  });

  it('on its access link: the node is registered once and gets its prefix when it asks, and so does the other router there', () => {
    const registered =
      'bindingsCreated, attachedSeen, pbuSent, pbaReceived, pbaAccepted, pbaRejected, framesReceived, attachedReported';
    const advertised = 'routerAdvertisementsSent, sends ICMPv6 134 to ff02::1';
    // What the node says to others than its gateway, and the other router to it, the kernel's filter keeps away.
    const passing = [9, 10, 11, 14, 15, 16, 17, 18, 21, 27, 28, 29, 32, 33, 34, 35, 36, 37, 38];
    const discovery = [4, 5, 6, 7, 8, 12, 13, 19, 22, 23, 24, 25, 26, 30, 31, 39, 40];
    expect(atGateway('opmip-mn')).toEqual({
      1: 'framesReceived, framesFromStrangersIgnored',
      2: `${registered}, attachedByRouterSolicitation, routerSolicitationsReceived, ${advertised}`,
      3: `${registered}, attachedByData, ${advertised}`,
      20: `framesReceived, triggersSuppressed, routerSolicitationsReceived, ${advertised}`,
      ...each(passing, 'nothing'),
      ...each(discovery, 'framesReceived, triggersSuppressed'),
    });
  });
});

/** What each frame for the anchor led to there, by its number in the file. */
function atAnchor(interop: Interop) {
  const { scheduler, network, seen } = emptyWorld();
  const lma = new LmaNode(anchor(interop), scheduler, network, (packet) => {
    seen.push(`${sourceOf(packet)} to ${destinationOf(packet)}`);
  });
  const logs: string[] = [];
  lma.onLog = ({ text }) => logs.push(text);
  network.attach([LMA], PERFECT_LINK, (packet) => lma.receive(packet));
  for (const mag of [MAG1, MAG2]) network.attach([mag], PERFECT_LINK, (packet) => seen.push(`answers ${said(packet)}`));
  const outcomes: Record<number, string> = {};
  for (const { number, packet } of frames('opmip')) {
    if (destinationOf(packet).key !== LMA.key) continue;
    const before = counted(lma.machine.stats, lma.forwarder.dataPlane.drops());
    network.inject(packet, false);
    scheduler.run(PAUSE);
    outcomes[number] = outcome(before, counted(lma.machine.stats, lma.forwarder.dataPlane.drops()), seen);
  }
  return { outcomes, lma, logs };
}

function anchor(interop: Interop): LmaConfig {
  return lmaConfig(0, 0, {
    addresses: { ipv6: LMA },
    peers: [MAG1, MAG2].map((ipv6, i) => ({ name: `mag${i + 1}`, ipv6, interop })),
    defaultProfile: { nai: 'default', service: 'ipv6' },
    pools: { ipv4: [], ipv6: [{ prefix: Ipv6Prefix.parse('2001:db8:aa::/48') as Ipv6Prefix, assignedLength: 64 }] },
  });
}

/** What each frame for a gateway, or each of the access link, led to there. */
function atGateway(file: 'opmip' | 'opmip-mn'): Record<number, string> {
  const { scheduler, network, seen } = emptyWorld();
  const air = new Air(scheduler, new SeededRandom(2), PERFECT_LINK);
  const config = magConfig(0, 0, { addresses: { ipv6: MAG1 }, lmas: [{ name: 'lma1', ipv6: LMA }] });
  const mag = new MagNode(config, scheduler, network, air, new SeededRandom(3));
  network.attach([MAG1], PERFECT_LINK, (packet) => mag.receive(packet));
  const lma = new LmaNode(anchor('strict'), scheduler, network, () => {});
  network.attach([LMA], PERFECT_LINK, (packet) => lma.receive(packet));
  mag.onTransmit = (sent) => seen.push(`sends ${nextHeaderIn(sent)}`);
  const now = () => counted(mag.mag.stats, mag.access.stats, mag.forwarder.dataPlane.drops());
  const outcomes: Record<number, string> = {};
  for (const { number, frame, packet } of frames(file)) {
    const before = now();
    if (file === 'opmip-mn') air.inject(mag.accessPoints[0] as string, frame);
    else if (destinationOf(packet).key === MAG1.key) network.inject(packet, false);
    else continue;
    scheduler.run(PAUSE);
    outcomes[number] = outcome(before, now(), seen);
  }
  return outcomes;
}

function each(numbers: readonly number[], what: string): Record<number, string> {
  return Object.fromEntries(numbers.map((number) => [number, what]));
}

function emptyWorld() {
  const scheduler = new Scheduler();
  return { scheduler, network: new SimNetwork(scheduler, new SeededRandom(1)), seen: [] as string[] };
}

function frames(name: string): { readonly number: number; readonly frame: Uint8Array; readonly packet: Uint8Array }[] {
  const capture = readPcap(readFileSync(join(captures, `${name}.pcap`)));
  if (!capture.ok) throw new Error(capture.error.rule);
  return capture.value.packets.map(({ number, bytes: frame }) => {
    const decoded = decodeEthernet(frame);
    if (!decoded.ok) throw new Error(decoded.error.rule);
    return { number, frame, packet: decoded.value.payload };
  });
}

function said(packet: Uint8Array): string {
  const message = decodeMobilityHeader(mobilityHeaderOf(packet) ?? new Uint8Array());
  if (!message.ok) return 'octets';
  const { value } = message;
  return value.kind === 'binding-acknowledgement' ? `${value.status}` : value.kind;
}

function nextHeaderIn(frame: Uint8Array): string {
  return `ICMPv6 ${frame[54]} to ${Ipv6Address.read(frame, 38)}`;
}

function counted(...stats: object[]): Counters {
  return structuredClone(Object.assign({}, ...stats));
}

/** The counters that moved, and what was sent. */
function outcome(before: Counters, after: Counters, seen: string[]): string {
  const moved = Object.keys(after).filter((name) => typeof after[name] === 'number' && after[name] !== before[name]);
  return [...moved, ...seen.splice(0)].join(', ') || 'nothing';
}
