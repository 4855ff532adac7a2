import type { MacAddress } from '#base/mac-address.ts';
import type { ClockReading, Duration, Instant } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';
import { decodeHostapdMessage, decodeHostapdStation, type HostapdEvent } from '#wire/hostapd-control.ts';
import type { Machine } from '../machine.ts';
import type { LogOutput } from '../peer.ts';
import type { AssociationChange, HostapdClientConfig, HostapdClientEvent, HostapdClientOutput } from './events.ts';
import type { HostapdClientRow } from './snapshot.ts';
import type { ConnectionState, Listing, Question, Stations } from './state.ts';
import { createHostapdClientStats, type HostapdClientStats } from './stats.ts';
import { ANSWER_TIMEOUT, KEEPALIVE_INTERVAL, PRESENT_WITHIN, RETRY_INTERVAL } from './timers.ts';

/** More than an access point can have (IEEE 802.11 numbers 2007 associations), as a switch with IEEE 802.1X may. */
const STATIONS_MAXIMUM = 8192;
/** A station that leaves while stations are listed breaks the list off; with so many leaving, the events have to do. */
const LISTINGS_MAXIMUM = 5;

/**
 * The client of one hostapd's control interface, which tells of the stations of one access point.
 *
 * States: closed → opening → attaching → listing → watching, and back to closed whenever the socket or the answers fail.
 * Chooses: that hostapd cannot be spoken to says nothing of its stations, which may well go on; only what it lists when it is back
 * ends those that are gone.
 */
export class HostapdClientMachine implements Machine<HostapdClientEvent, HostapdClientOutput> {
  readonly stats: HostapdClientStats = createHostapdClientStats();
  readonly #config: HostapdClientConfig;
  readonly #timers = new TimerQueue<'answer' | 'keepalive' | 'retry'>();
  #state: ConnectionState = 'closed';
  /** Its events come, and its stations were listed once since. */
  #watching = false;
  #question: Question | undefined;
  #timer: Timer<'answer' | 'keepalive' | 'retry'> | undefined;
  /** The stations as far as they are known, over losses of the connection. */
  #stations: Stations = new Map();
  #listing: Listing | undefined;
  /** A list is wanted as soon as nothing else is asked. */
  #listWanted = false;
  /** A failure is logged once until the next success. */
  #failureLogged = false;
  #now: Instant | undefined;
  #outputs: HostapdClientOutput[] = [];

  constructor(config: HostapdClientConfig) {
    this.#config = config;
  }

  handle(event: HostapdClientEvent, now: ClockReading): void {
    this.#now = now.instant;
    switch (event.kind) {
      case 'start':
        this.#open();
        break;
      case 'opened':
        if (this.#state !== 'opening') break;
        this.#state = 'attaching';
        this.#ask('ATTACH');
        break;
      case 'closed':
        this.#fail(event.reason);
        break;
      case 'datagram':
        this.#receive(event.octets);
        break;
      case 'list':
        this.#wantList();
        break;
      case 'timeout':
        for (const due of this.#timers.expire(now.instant)) this.#expire(due);
        break;
    }
  }

  drain(): HostapdClientOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  nextTimeout(): Instant | undefined {
    return this.#timers.next();
  }

  snapshot(): HostapdClientRow {
    return { ...this.#config, state: this.#state, stations: this.#stations.size };
  }

  #open(): void {
    this.stats.connectionAttempts++;
    this.#state = 'opening';
    this.#outputs.push({ kind: 'open' });
  }

  #fail(reason: string): void {
    if (this.#state === 'closed') return;
    if (this.#state !== 'opening') this.#outputs.push({ kind: 'close' });
    if (this.#watching) this.stats.connectionsLost++;
    this.#setWatching(false);
    this.#state = 'closed';
    this.#question = undefined;
    this.#listing = undefined;
    this.#setTimer(RETRY_INTERVAL, 'retry');
    if (!this.#failureLogged) this.#log('warn', 'hostapd-unreachable', `does not tell of stations: ${reason}`);
    this.#failureLogged = true;
  }

  #ask(question: Question, argument = ''): void {
    this.stats.commandsSent++;
    this.#question = question;
    this.#outputs.push({ kind: 'command', text: question + argument });
    this.#setTimer(ANSWER_TIMEOUT, 'answer');
  }

  #expire(due: 'answer' | 'keepalive' | 'retry'): void {
    if (due === 'retry') this.#open();
    else if (due === 'keepalive') this.#ask('PING');
    else {
      this.stats.commandsUnanswered++;
      this.#fail(`no answer to ${this.#question}`);
    }
  }

  #receive(octets: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'opening') return;
    this.stats.messagesReceived++;
    const decoded = decodeHostapdMessage(octets);
    if (!decoded.ok) this.stats.messagesMalformed++;
    else if (decoded.value.kind === 'event') this.#hear(decoded.value.event);
    else this.#answered(decoded.value.text);
  }

  #answered(reply: string): void {
    const question = this.#question;
    this.#question = undefined;
    switch (question) {
      case undefined:
        this.stats.repliesUnexpected++;
        break;
      case 'ATTACH':
        this.#attached(reply);
        break;
      case 'PING':
        if (reply === 'PONG') this.#rest();
        else this.#unexpected(question);
        break;
      case 'STA-FIRST':
      case 'STA-NEXT':
        this.#listed(question, reply);
        break;
    }
  }

  #attached(reply: string): void {
    if (reply !== 'OK') {
      this.stats.attachRefused++;
      this.#fail('ATTACH was refused');
      return;
    }
    this.stats.attached++;
    this.#list(1);
  }

  #unexpected(question: Question): void {
    this.stats.repliesUnexpected++;
    this.#fail(`the answer to ${question} is none of hostapd`);
  }

  #wantList(): void {
    if (this.#state === 'watching' && this.#question === undefined) this.#list(1);
    else this.#listWanted = true;
  }

  #list(attempt: number): void {
    this.#listWanted = false;
    this.#state = 'listing';
    this.#listing = { stations: new Map(), named: new Set(), attempt };
    this.#ask('STA-FIRST');
  }

  /** An empty reply ends the list; `FAIL` does so at its beginning (before hostapd 2.10), and later says that the station before has left. */
  #listed(question: Question, reply: string): void {
    const listing = this.#listing as Listing;
    if (reply === '' || (question === 'STA-FIRST' && reply === 'FAIL')) {
      this.#listEnded(listing);
      return;
    }
    if (reply === 'FAIL') {
      this.stats.listsRepeated++;
      if (listing.attempt < LISTINGS_MAXIMUM) this.#list(listing.attempt + 1);
      else this.#giveListUp();
      return;
    }
    const station = decodeHostapdStation(reply);
    if (!station.ok) {
      this.#unexpected(question);
      return;
    }
    const { mac, authorized, inactive } = station.value;
    if (listing.named.has(mac.key) || listing.named.size >= STATIONS_MAXIMUM) {
      this.#giveListUp();
      return;
    }
    listing.named.add(mac.key);
    if (authorized) {
      this.stats.stationsListed++;
      this.#remember(mac);
      if (inactive === undefined || inactive <= PRESENT_WITHIN) this.#tell('present', mac);
    }
    this.#ask('STA-NEXT', ` ${mac}`);
  }

  #listEnded(listing: Listing): void {
    for (const [key, mac] of this.#stations) {
      if (listing.stations.has(key)) continue;
      this.stats.stationsVanished++;
      this.#tell('left', mac);
    }
    this.#stations = listing.stations;
    this.#watch();
  }

  /** What a list that did not end lacks says nothing. */
  #giveListUp(): void {
    this.stats.listsGivenUp++;
    this.#watch();
  }

  #watch(): void {
    this.#listing = undefined;
    this.#state = 'watching';
    this.#setWatching(true);
    this.#rest();
  }

  /** Nothing is asked until the next keepalive, unless a list is wanted. */
  #rest(): void {
    if (this.#listWanted) this.#list(1);
    else this.#setTimer(KEEPALIVE_INTERVAL, 'keepalive');
  }

  #hear(event: HostapdEvent): void {
    switch (event.kind) {
      case 'station-connected':
        this.stats.stationsConnected++;
        this.#remember(event.mac);
        this.#tell('joined', event.mac);
        break;
      case 'station-disconnected':
        this.stats.stationsDisconnected++;
        this.#stations.delete(event.mac.key);
        this.#listing?.stations.delete(event.mac.key);
        this.#tell('left', event.mac);
        break;
      case 'station-answered':
        this.stats.stationsAnswered++;
        this.#tell('answered', event.mac);
        break;
      case 'access-point-changed':
        this.#wantList();
        break;
      case 'terminating':
        this.#fail('hostapd ends');
        break;
      case 'other':
        this.stats.eventsOfOthers++;
        break;
    }
  }

  #remember(mac: MacAddress): void {
    for (const stations of [this.#stations, this.#listing?.stations]) {
      if (!stations) continue;
      if (stations.size < STATIONS_MAXIMUM || stations.has(mac.key)) stations.set(mac.key, mac);
      else this.stats.stationsOverMaximum++;
    }
  }

  #tell(change: AssociationChange, mac: MacAddress): void {
    this.#outputs.push({ kind: 'association', change, mac });
  }

  #setWatching(watching: boolean): void {
    if (watching === this.#watching) return;
    this.#watching = watching;
    this.#outputs.push({ kind: 'watching', watching });
    if (!watching) return;
    this.#failureLogged = false;
    this.#log('info', 'hostapd-attached', `tells of its stations, now ${this.#stations.size}`);
  }

  #log(level: LogOutput['level'], code: string, text: string): void {
    const { interface: name, path } = this.#config;
    const fields = { interface: name, path };
    this.#outputs.push({ kind: 'log', level, code, text: `hostapd at ${path} (${name}) ${text}`, fields });
  }

  #setTimer(delay: Duration, due: 'answer' | 'keepalive' | 'retry'): void {
    this.#timers.cancel(this.#timer);
    this.#timer = this.#timers.set(this.#now as Instant, delay, due);
  }
}
