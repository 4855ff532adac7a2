import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { ClockReading, Duration, Instant, UtcTime } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { nasAddress, portType, type RequestStyle, text } from './access-request.ts';
import { ciscoPair, DICTIONARY } from './attributes.ts';
import { TerminateCause } from './terminate-cause.ts';

/** What an LMA's binding is to accounting. */
export interface AccountedBinding {
  /** Stays the same for the whole session, over handovers and restarts. */
  readonly id: string;
  readonly nai: string;
  /** As Calling-Station-Id has it; absent where the MAG names none. */
  readonly callingStation?: string;
  readonly homeAddress?: Ipv4Address;
  readonly prefixes: readonly Ipv6Prefix[];
  /** The MAG that serves it now: its name, or its address where it has none. */
  readonly mag: string;
  readonly lmaAddress: IpAddress;
  /** RFC 5213 §8.5 "Access Technology Type Option". */
  readonly accessTechnology: number;
  readonly service?: string;
  /** RFC 2865 §5.25 "Class": as the server that authorized it gave them. */
  readonly classes?: readonly Uint8Array[];
  /** That the server wants of this session, in place of the configured one. */
  readonly interimInterval?: Duration;
  /** Its Acct-Session-Id, where another service has told it already. */
  readonly accountingSession?: string;
  /** Its traffic flows; otherwise the binding waits for its end. */
  readonly forwarding: boolean;
}

/** Packets and octets of the mobile node: up is from it. */
export interface Usage {
  readonly upPackets: number;
  readonly upOctets: number;
  readonly downPackets: number;
  readonly downOctets: number;
}

export interface AccountingConfig {
  readonly style: RequestStyle;
  /** Between two Interim-Updates of a session; absent: none are sent. */
  readonly interimInterval?: Duration;
}

/** One Accounting-Request, to be sent, or kept until it can be. */
export interface AccountingRecord {
  /** Records of one session are sent one after the other; one without a session when all before it have been answered. */
  readonly session: string | undefined;
  readonly at: UtcTime;
  /** Without Acct-Delay-Time, which depends on when it is sent. */
  readonly attributes: readonly RadiusAttribute[];
}

interface Session {
  binding: AccountedBinding;
  readonly id: string;
  readonly startedAt: UtcTime;
  /** What was forwarded before the binding was forwarded last; less what another run had forwarded for it. */
  before: Usage;
  timer: Timer<Session> | undefined;
}

const NOTHING: Usage = { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 };
const StatusType = { START: 1, STOP: 2, INTERIM_UPDATE: 3, ACCOUNTING_ON: 7, ACCOUNTING_OFF: 8 } as const;

/**
 * The accounting of an LMA's sessions (RFC 2866; RFC 6572 §7.1 "Accounting at LMA"): told of each binding as it is now, it makes Start, Interim-Update and
 * Stop. A session begins with its binding and ends with it, whichever MAGs serve it in between; a handover is an Interim-Update.
 */
export class AccountingLedger {
  readonly #sessions = new Map<string, Session>();
  readonly #timers = new TimerQueue<Session>();
  /** What the data plane has forwarded for a binding since it holds it. */
  readonly #usage: (id: string) => Usage | undefined;
  /** Tells the sessions of this run from those of another one, where ids begin anew. */
  readonly #run: string;
  #config: AccountingConfig;
  #records: AccountingRecord[] = [];

  constructor(config: AccountingConfig, run: string, usage: (id: string) => Usage | undefined) {
    this.#config = config;
    this.#run = run;
    this.#usage = usage;
  }

  configure(config: AccountingConfig): void {
    this.#config = config;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The node begins or ends to serve: every session that a server has of it is over. */
  nodeStarts(now: ClockReading): void {
    this.#emit(undefined, [this.#status(StatusType.ACCOUNTING_ON), text('Acct-Session-Id', this.#run)], now);
  }

  nodeEnds(now: ClockReading): void {
    for (const session of [...this.#sessions.values()]) this.#stop(session, TerminateCause.ADMIN_REBOOT, now);
    this.#emit(undefined, [this.#status(StatusType.ACCOUNTING_OFF), text('Acct-Session-Id', this.#run)], now);
  }

  /** A binding is there, or has changed. To be told before its forwarding is taken away. */
  binding(binding: AccountedBinding, now: ClockReading): void {
    const session = this.#sessions.get(binding.id);
    if (!session) {
      this.#start(binding, now);
      return;
    }
    const former = session.binding;
    if (former.forwarding && !binding.forwarding) session.before = this.#total(session);
    session.binding = binding;
    if (former.mag !== binding.mag || !sameAddresses(former, binding)) this.#interim(session, now);
    else if (former.interimInterval !== binding.interimInterval) {
      this.#timers.cancel(session.timer);
      this.#setTimer(session, now);
    }
  }

  /** It is over. To be told before its forwarding is taken away. */
  ended(id: string, cause: number, now: ClockReading): void {
    const session = this.#sessions.get(id);
    if (session) this.#stop(session, cause, now);
  }

  /** The Acct-Session-Id of a binding that is accounted. */
  sessionOf(binding: string): string | undefined {
    return this.#sessions.get(binding)?.id;
  }

  /** Interim-Updates that are due. */
  expire(now: ClockReading): void {
    for (const session of this.#timers.expire(now.instant)) this.#interim(session, now);
  }

  nextTimeout(): Instant | undefined {
    return this.#timers.next();
  }

  drain(): AccountingRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #start(binding: AccountedBinding, now: ClockReading): void {
    const id = binding.accountingSession ?? accountingSessionId(this.#run, binding.id);
    const before = minus(this.#usage(binding.id) ?? NOTHING);
    const session: Session = { binding, id, startedAt: now.utc, before, timer: undefined };
    this.#sessions.set(binding.id, session);
    this.#tell(session, StatusType.START, [], now);
    this.#setTimer(session, now);
  }

  #interim(session: Session, now: ClockReading): void {
    this.#timers.cancel(session.timer);
    this.#tell(session, StatusType.INTERIM_UPDATE, this.#used(session, now), now);
    this.#setTimer(session, now);
  }

  #stop(session: Session, cause: number, now: ClockReading): void {
    this.#timers.cancel(session.timer);
    this.#sessions.delete(session.binding.id);
    const ending = DICTIONARY.attribute('Acct-Terminate-Cause', cause);
    this.#tell(session, StatusType.STOP, [...this.#used(session, now), ending], now);
  }

  #setTimer(session: Session, now: ClockReading): void {
    const interimInterval = session.binding.interimInterval ?? this.#config.interimInterval;
    session.timer = interimInterval === undefined ? undefined : this.#timers.set(now.instant, interimInterval, session);
  }

  #total({ binding, before }: Session): Usage {
    const now = (binding.forwarding && this.#usage(binding.id)) || NOTHING;
    return {
      upPackets: before.upPackets + now.upPackets,
      upOctets: before.upOctets + now.upOctets,
      downPackets: before.downPackets + now.downPackets,
      downOctets: before.downOctets + now.downOctets,
    };
  }

  /** RFC 2866 §5.3 "Acct-Input-Octets": input is what comes from the user; RFC 2869 §5.1 "Acct-Input-Gigawords": "how many times the Acct-Input-Octets counter has wrapped around 2^32". */
  #used(session: Session, now: ClockReading): RadiusAttribute[] {
    const { upPackets, upOctets, downPackets, downOctets } = this.#total(session);
    const seconds = Math.max(0, Math.floor((now.utc - session.startedAt) / 1000));
    return [
      count('Acct-Session-Time', seconds),
      count('Acct-Input-Octets', upOctets),
      count('Acct-Output-Octets', downOctets),
      count('Acct-Input-Packets', upPackets),
      count('Acct-Output-Packets', downPackets),
      count('Acct-Input-Gigawords', Math.floor(upOctets / 2 ** 32)),
      count('Acct-Output-Gigawords', Math.floor(downOctets / 2 ** 32)),
    ];
  }

  #tell({ id, binding }: Session, status: number, more: readonly RadiusAttribute[], now: ClockReading): void {
    const {
      nai,
      callingStation,
      homeAddress,
      prefixes,
      mag,
      lmaAddress,
      accessTechnology,
      service,
      classes = [],
    } = binding;
    const lma = lmaAddress instanceof Ipv4Address ? 'PMIP6-Home-LMA-IPv4-Address' : 'PMIP6-Home-LMA-IPv6-Address';
    const attributes = [
      this.#status(status),
      text('Acct-Session-Id', id),
      text('User-Name', nai),
      text('Mobile-Node-Identifier', nai),
      ...(callingStation === undefined ? [] : [text('Calling-Station-Id', callingStation)]),
      text('Called-Station-Id', mag),
      DICTIONARY.attribute('NAS-Port-Type', portType(accessTechnology)),
      DICTIONARY.attribute(lma, lmaAddress),
      ...(homeAddress
        ? [
            DICTIONARY.attribute('Framed-IP-Address', homeAddress),
            DICTIONARY.attribute('PMIP6-Home-IPv4-HoA', new Ipv4Prefix(homeAddress, 32)),
          ]
        : []),
      ...prefixes.flatMap((prefix) => [
        DICTIONARY.attribute('Framed-IPv6-Prefix', prefix),
        DICTIONARY.attribute('PMIP6-Home-HN-Prefix', prefix),
      ]),
      ...(service === undefined ? [] : [text('Service-Selection', service)]),
      ...classes.map((each) => DICTIONARY.attribute('Class', each)),
      ...(this.#config.style.vendorSpecificInAccounting ? [ciscoPair('mag-identifier', mag)] : []),
      ...more,
    ];
    this.#emit(id, attributes, now);
  }

  #status(status: number): RadiusAttribute {
    return DICTIONARY.attribute('Acct-Status-Type', status);
  }

  #emit(session: string | undefined, said: readonly RadiusAttribute[], now: ClockReading): void {
    const { style } = this.#config;
    const attributes = [
      ...said,
      nasAddress(style),
      ...(style.nasIdentifierInAccounting ? [text('NAS-Identifier', style.nasIdentifier)] : []),
      ...(style.eventTimestampInAccounting ? [count('Event-Timestamp', Math.floor(now.utc / 1000))] : []),
    ];
    this.#records.push({ session, at: now.utc, attributes });
  }
}

/** The Acct-Session-Id of a binding in one run of its node. */
export function accountingSessionId(run: string, binding: string): string {
  return `${run}-${binding}`;
}

/** RFC 2866 §5.2 "Acct-Delay-Time": "how many seconds the client has been trying to send this record for". */
export function delayedAttributes({ at, attributes }: AccountingRecord, now: UtcTime): RadiusAttribute[] {
  const delay = Math.max(0, Math.floor((now - at) / 1000));
  return delay === 0 ? [...attributes] : [...attributes, count('Acct-Delay-Time', delay)];
}

function minus({ upPackets, upOctets, downPackets, downOctets }: Usage): Usage {
  return { upPackets: -upPackets, upOctets: -upOctets, downPackets: -downPackets, downOctets: -downOctets };
}

function count(name: string, value: number): RadiusAttribute {
  return DICTIONARY.attribute(name, value % 2 ** 32);
}

function sameAddresses(a: AccountedBinding, b: AccountedBinding): boolean {
  return String([a.homeAddress, ...a.prefixes]) === String([b.homeAddress, ...b.prefixes]);
}
