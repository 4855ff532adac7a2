import type { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import type { Timer } from '#base/timer-queue.ts';
import type { Machine } from '../machine.ts';
import type { AccessSession, SessionChange, SessionEnd } from '../mag/events.ts';
import { associate, attachByControl, detachByControl, forgetStations } from './association.ts';
import { AccessContext } from './context.ts';
import { askPresence, probe, watch, watchUnserved } from './detection.ts';
import { relayToClient } from './dhcp-relay.ts';
import { refuseHeldDhcp, serveHeldDhcp, serveReleased } from './dhcp-server.ts';
import type { AccessConfig, AccessEvent, AccessOutput } from './events.ts';
import { receiveFrame } from './frames.ts';
import { forwardHeldPackets } from './held-packets.ts';
import { comeAgain, isReleasing, settle, settleServed, stopServing } from './presence.ts';
import { advertise, noteWithdrawn } from './router-advertisement.ts';
import { type AccessStationRow, stationRow } from './snapshot.ts';
import type { AccessTimeout, Station } from './state.ts';
import type { AccessStats } from './stats.ts';
import { DEPARTURE_QUIET, REFUSAL_QUIET, SWEEP_INTERVAL } from './timers.ts';

/**
 * The access links of a MAG: sees mobile nodes come and go, and serves those that have a session by DHCPv4, router
 * advertisements and proxy ARP. Each node has the link to itself as far as it can see: nothing is sent to two of them.
 *
 * States of a station: pending → served or refused, served → absent → pending. It is told of frames, of what access points and controllers say, of sessions and of time; it
 * answers with frames to transmit and with reports for the MAG machine.
 */
export class AccessMachine implements Machine<AccessEvent, AccessOutput> {
  readonly #access: AccessContext;
  #sweepTimer: Timer<AccessTimeout> | undefined;

  constructor(config: AccessConfig, random: Random) {
    this.#access = new AccessContext(config, random);
  }

  get stats(): Readonly<AccessStats> {
    return this.#access.stats;
  }

  handle(event: AccessEvent, now: ClockReading): void {
    const access = this.#access;
    access.now = now;
    switch (event.kind) {
      case 'frame':
        if (isServed(access.config, event.interface)) receiveFrame(access, event.interface, event.frame);
        else access.stats.framesOnUnknownInterface++;
        break;
      case 'session':
        this.#changeSession(event.change);
        break;
      case 'ask-presence':
        askPresence(access, event);
        break;
      case 'link':
        if (!event.up) this.#linkDown(event.interface);
        break;
      case 'link-mtu':
        if (isServed(access.config, event.interface)) this.#resize(event.interface, event.mtu);
        break;
      case 'relayed':
        relayToClient(access, event.local, event.server, event.payload);
        break;
      case 'association':
        if (isServed(access.config, event.interface)) associate(access, event);
        else access.stats.associationsOnUnknownInterface++;
        break;
      case 'access-point-restarted':
        forgetStations(access, event.accessPoint);
        break;
      case 'watched':
        if (event.watched) access.watched.add(event.interface);
        else access.watched.delete(event.interface);
        break;
      case 'control-attach':
        attachByControl(access, event.interface, event.mac);
        break;
      case 'control-detach':
        detachByControl(access, event.interface, event.mac);
        break;
      case 'timeout':
        for (const timeout of access.timers.expire(now.instant)) this.#expire(timeout);
        break;
      case 'configure':
        this.#configure(event.config);
        break;
    }
    this.#keepSweeping();
  }

  drain(): AccessOutput[] {
    return this.#access.drain();
  }

  nextTimeout(): Instant | undefined {
    return this.#access.timers.next();
  }

  snapshot(): AccessStationRow[] {
    const now = this.#access.now?.instant;
    return Array.from(this.#access.stations, (station) => stationRow(station, now));
  }

  /** The row of one station. */
  station(mac: MacAddress): AccessStationRow | undefined {
    const station = this.#access.stations.get(mac);
    return station && stationRow(station, this.#access.now?.instant);
  }

  #changeSession(change: SessionChange): void {
    const access = this.#access;
    if (change.kind === 'session-active') {
      this.#serve(change.session);
      return;
    }
    const station = access.stations.get(change.mac);
    if (!station || station.interface !== change.interface) return;
    if (change.kind === 'session-ended') this.#end(station, change.reason);
    else {
      refuseHeldDhcp(access, station);
      access.stations.takeHeld(station);
      settle(access, station, 'refused', REFUSAL_QUIET);
      watchUnserved(access, station);
    }
  }

  #serve(session: AccessSession): void {
    const access = this.#access;
    const station =
      access.stations.get(session.mac) ??
      access.stations.add(session.mac, session.interface, access.instant, Number.POSITIVE_INFINITY);
    if (!station) return;
    if (station.interface !== session.interface) access.stations.move(station, session.interface);
    if (station.phase !== 'served') settleServed(access, station);
    noteWithdrawn(station, station.session, session);
    station.session = session;
    station.lease ??= session.lease;
    forwardHeldPackets(access, station, session);
    if (isReleasing(access, station)) serveReleased(access, station);
    else serveHeldDhcp(access, station);
    advertise(access, station);
    watch(access, station);
  }

  /**
   * A withdrawn node is told, and may come back with its next frame, unless it was sent away; a departed one hears nothing more.
   */
  #end(station: Station, reason: SessionEnd): void {
    const access = this.#access;
    const { session, phase } = station;
    const asksAgain = isReleasing(access, station) && station.heldDhcp !== undefined;
    stopServing(access, station);
    if (!asksAgain) station.heldDhcp = undefined;
    if (reason === 'withdrawn') {
      noteWithdrawn(station, session);
      advertise(access, station);
      watchUnserved(access, station);
    } else station.withdrawn = [];
    const mayReturn = reason === 'withdrawn' && phase !== 'absent';
    settle(access, station, 'absent', mayReturn ? 0 : DEPARTURE_QUIET);
    if (asksAgain) comeAgain(access, station);
  }

  #linkDown(interfaceName: string): void {
    const access = this.#access;
    for (const station of Array.from(access.stations)) {
      if (station.interface !== interfaceName) continue;
      stopServing(access, station);
      access.stations.remove(station);
    }
    access.emit({ kind: 'link-down', interface: interfaceName });
  }

  /** The nodes on the link are told at once; those with IPv4 alone hear of it when they renew their lease. */
  #resize(interfaceName: string, mtu: number): void {
    const access = this.#access;
    if (!access.setLinkMtu(interfaceName, mtu)) return;
    for (const station of access.stations) {
      if (station.interface === interfaceName && station.phase === 'served') advertise(access, station);
    }
  }

  #expire(timeout: AccessTimeout): void {
    const access = this.#access;
    if (timeout.kind === 'sweep') {
      access.stations.sweep(access.instant);
      this.#sweepTimer = undefined;
    } else if (timeout.kind === 'advertise') advertise(access, timeout.station);
    else probe(access, timeout.station);
  }

  #keepSweeping(): void {
    if (this.#sweepTimer || this.#access.stations.size === 0) return;
    this.#sweepTimer = this.#access.setTimer(SWEEP_INTERVAL, { kind: 'sweep' });
  }

  #configure(config: AccessConfig): void {
    const access = this.#access;
    const turned = config.routesIpv6 !== access.config.routesIpv6;
    access.config = config;
    for (const station of Array.from(access.stations)) {
      if (isServed(config, station.interface)) {
        if (turned && station.phase === 'served') advertise(access, station);
        continue;
      }
      stopServing(access, station);
      access.stations.remove(station);
    }
  }
}

function isServed(config: AccessConfig, interfaceName: string): boolean {
  return config.interfaces.some((served) => served.name === interfaceName);
}
