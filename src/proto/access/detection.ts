import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import { elapsed, milliseconds } from '#base/time.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { EtherType } from '#wire/ethernet.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeGeneralQuery } from '#wire/multicast-listener-query.ts';
import type { AccessSession, AskPresence, SessionHomeAddress } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import type { Station } from './state.ts';
import { QUESTIONS, UNSERVED_INTERVAL, URGENT_QUESTIONS } from './timers.ts';

const SHORTEST_WAIT_MS = 1;
/** How long a node may take to tell its multicast groups; shorter than any wait for an answer. */
const LISTENER_RESPONSE = milliseconds(100);

/**
 * RFC 5213 §6.13 "Mobile Node Detachment Detection and Resource Cleanup": "the mobile access gateway MUST make sure the mobile node
 * is still attached to the connected link by using some reliable method." A node that was silent for the poll interval is asked, by
 * ARP or neighbor solicitation; any frame of it is an answer.
 */
export function watch(access: AccessContext, station: Station): void {
  const detection = access.config.detection;
  access.timers.cancel(station.probeTimer);
  if (!detection) return;
  station.probes = 0;
  station.probeTimer = access.setTimer(detection.pollInterval, { kind: 'probe', station });
}

/**
 * A node that has lost its session, or got none, has nothing to say by itself when IPv6 is all that it has: it solicits routers only
 * when its link comes up. So it is asked from time to time, until it is forgotten; what it answers reports it as attached.
 */
export function watchUnserved(access: AccessContext, station: Station): void {
  access.timers.cancel(station.probeTimer);
  station.probeTimer = access.setTimer(UNSERVED_INTERVAL, { kind: 'probe', station });
}

/** The MAG wants to know whether a node with a session is there. */
export function askPresence(access: AccessContext, { interface: at, mac, fresh }: AskPresence): void {
  const station = access.stations.get(mac);
  if (!station) {
    access.emit({ kind: 'detached', interface: at, mac, reason: 'no-answer' });
    return;
  }
  if (station.interface !== at || !station.session) return; // the MAG is about to hear more of it
  if (!fresh && isKnownToBeThere(access, station)) {
    access.emit({ kind: 'heard', interface: at, mac });
    return;
  }
  station.asked = fresh ? URGENT_QUESTIONS : (access.config.detection ?? QUESTIONS);
  station.probes = 0;
  access.timers.cancel(station.probeTimer);
  probe(access, station);
}

/** Its access point has it and says when it leaves, or it is asked regularly and was heard since. */
function isKnownToBeThere(access: AccessContext, station: Station): boolean {
  if (station.accessPoint?.source === 'hostapd') return true;
  const { detection } = access.config;
  return detection !== undefined && elapsed(station.lastHeard, access.instant) < detection.pollInterval;
}

/** The poll interval, or the time for an answer, is over. */
export function probe(access: AccessContext, station: Station): void {
  if (access.stations.get(station.mac) !== station) return;
  if (station.phase === 'refused' || station.phase === 'absent') probeUnserved(access, station);
  else probeServed(access, station);
}

function probeUnserved(access: AccessContext, station: Station): void {
  access.stats.probesSent++;
  probeByIpv6(access, station, access.config.linkLocal);
  watchUnserved(access, station);
}

function probeServed(access: AccessContext, station: Station): void {
  const { detection } = access.config;
  const questions = station.asked ?? detection;
  if (!questions || !station.session) return;
  const silent = elapsed(station.lastHeard, access.instant);
  if (!station.asked && detection && station.probes === 0 && silent < detection.pollInterval) {
    // Less than the clock can tell apart would be due again at this very instant.
    const left = milliseconds(Math.max(SHORTEST_WAIT_MS, detection.pollInterval - silent));
    station.probeTimer = access.setTimer(left, { kind: 'probe', station });
    return;
  }
  if (station.probes > questions.retries) {
    station.asked = undefined;
    access.stats.detachedByNoAnswer++;
    access.emit({ kind: 'detached', interface: station.interface, mac: station.mac, reason: 'no-answer' });
    return;
  }
  station.probes++;
  access.stats.probesSent++;
  ask(access, station, station.session);
  station.probeTimer = access.setTimer(questions.timeout, { kind: 'probe', station });
}

/**
 * In each family that it may use: a dual-stack session does not tell whether the node ever took its IPv4 home address, and one that has not
 * asked for it by DHCP may only have a link-local address yet.
 */
function ask(access: AccessContext, station: Station, { homeAddress, prefixes, linkLocal }: AccessSession): void {
  if (homeAddress) probeByArp(access, station, homeAddress);
  if (prefixes.length > 0 || !homeAddress || !station.lease) probeByIpv6(access, station, linkLocal);
}

/** For its own address, as its default router would. */
function probeByArp(access: AccessContext, station: Station, { address, defaultRouter }: SessionHomeAddress): void {
  const request = {
    operation: ArpOperation.REQUEST,
    senderMac: access.config.linkLayer,
    senderAddress: defaultRouter,
    targetMac: station.mac,
    targetAddress: address,
  };
  access.transmit(station, EtherType.ARP, encodeArp(request));
}

/**
 * A node whose link-local address is not known, which need not have its link-layer address in it, is also asked which multicast groups
 * it listens to: every IPv6 host is in some.
 */
function probeByIpv6(access: AccessContext, station: Station, source: Ipv6Address): void {
  probeByNeighborSolicitation(access, station, source);
  if (station.linkLocal) return;
  access.transmit(station, EtherType.IPV6, encodeGeneralQuery(source, LISTENER_RESPONSE));
}

function probeByNeighborSolicitation(access: AccessContext, station: Station, source: Ipv6Address): void {
  const target = station.linkLocal ?? linkLocalFromMac(station.mac);
  const destination = solicitedNode(target);
  const payload = encodeIcmpv6(
    {
      kind: 'neighbor-solicitation',
      target,
      options: [{ kind: 'source-link-layer-address', mac: access.config.linkLayer }],
    },
    source,
    destination,
  );
  const packet = encodeIpv6({ nextHeader: ICMPV6_PROTOCOL, hopLimit: 255, source, destination, payload });
  access.transmit(station, EtherType.IPV6, packet);
}

/** ff02::1:ff00:0/104 with the last 24 bits of the address. */
function solicitedNode(address: Ipv6Address): Ipv6Address {
  return new Ipv6Address(0xff020000, 0, 1, 0xff000000 | (address.w3 & 0xffffff));
}
