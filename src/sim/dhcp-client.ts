import { Ipv4Address, ipv4MaskLength } from '#base/ipv4-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { nextFraction } from '#base/random.ts';
import type { Duration, Instant } from '#base/time.ts';
import { after, elapsed, milliseconds, seconds } from '#base/time.ts';
import type { Dhcpv4Message, Dhcpv4Option } from '#wire/dhcpv4.ts';
import { Dhcpv4MessageType, findDhcpv4Option } from '#wire/dhcpv4.ts';
import type { Timers } from './scheduler.ts';

export interface Lease {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  readonly router: Ipv4Address;
  readonly server: Ipv4Address;
  /** T2: from then on any server may renew it. */
  readonly rebindAt: Instant;
}

/** What clients do differently. */
export interface DhcpHabits {
  /** Each further pause is twice as long, up to the last. */
  readonly firstRetry: Duration;
  readonly lastRetry: Duration;
  /** After so many messages without an answer it begins anew, or rests when it had asked for any address. */
  readonly attempts: number;
  readonly rest: Duration;
  /** When its link comes up again it asks for the address that it had (INIT-REBOOT); otherwise it says nothing. */
  readonly reboots: boolean;
}

/** The client of ISC as Debian configures it, and that of BusyBox. */
export const DHCLIENT: DhcpHabits = {
  firstRetry: seconds(3),
  lastRetry: seconds(15),
  attempts: 8,
  rest: seconds(60),
  reboots: true,
};
export const UDHCPC: DhcpHabits = {
  firstRetry: seconds(3),
  lastRetry: seconds(3),
  attempts: 3,
  rest: seconds(20),
  reboots: false,
};
/** One that does not lose time. */
export const EAGER_DHCP: DhcpHabits = {
  firstRetry: seconds(1),
  lastRetry: seconds(16),
  attempts: 1000,
  rest: seconds(1),
  reboots: true,
};

/** For an address that was offered: RFC 2131 §3.1(5) "Client-server interaction - allocating a network address" has four retransmissions as an example. */
const REQUESTS = 5;

type State = 'idle' | 'selecting' | 'requesting' | 'rebooting' | 'bound' | 'renewing';

/** As much of RFC 2131 as ordinary clients do: discover, request, ask for a former address, renew and rebind, give up at the end, release. */
export class DhcpClient {
  #state: State = 'idle';
  #lease: Lease | undefined;
  #xid = 0;
  #sent = 0;
  #retryDelay: Duration;
  #cancelRetry: () => void = () => {};
  #cancelRenewal: () => void = () => {};
  #cancelExpiry: () => void = () => {};
  readonly #mac: MacAddress;
  readonly #random: Random;
  readonly #scheduler: Timers;
  readonly #habits: DhcpHabits;
  readonly #send: (message: Dhcpv4Message, server: Ipv4Address | undefined) => void;
  readonly #changed: () => void;

  /** `send` sends a message to a server, or to all; `changed` is called when the lease came or went. */
  constructor(
    mac: MacAddress,
    random: Random,
    scheduler: Timers,
    habits: DhcpHabits,
    send: (message: Dhcpv4Message, server: Ipv4Address | undefined) => void,
    changed: () => void,
  ) {
    this.#mac = mac;
    this.#random = random;
    this.#scheduler = scheduler;
    this.#habits = habits;
    this.#retryDelay = habits.firstRetry;
    this.#send = send;
    this.#changed = changed;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  start(): void {
    this.#begin('selecting', () => this.#send(this.#message(Dhcpv4MessageType.DISCOVER, undefined, []), undefined));
  }

  /** The link has its carrier again. */
  linkUp(): void {
    const lease = this.#lease;
    if (!this.#habits.reboots) return;
    if (!lease) {
      this.start();
      return;
    }
    const options: Dhcpv4Option[] = [{ kind: 'requested-address', address: lease.address }];
    this.#begin('rebooting', () => this.#send(this.#message(Dhcpv4MessageType.REQUEST, undefined, options), undefined));
  }

  release(): void {
    const lease = this.#lease;
    if (lease) {
      const server: Dhcpv4Option = { kind: 'server-identifier', address: lease.server };
      this.#send(this.#message(Dhcpv4MessageType.RELEASE, lease.address, [server]), lease.server);
    }
    this.#forget();
  }

  receive(message: Dhcpv4Message): void {
    if (message.xid !== this.#xid || !message.chaddr.equals(this.#mac)) return;
    const type = findDhcpv4Option(message.options, 'message-type')?.value;
    if (type === Dhcpv4MessageType.OFFER && this.#state === 'selecting') this.#request(message);
    const asks = this.#state === 'requesting' || this.#state === 'rebooting' || this.#state === 'renewing';
    if (type === Dhcpv4MessageType.ACK && asks) this.#bind(message);
    if (type === Dhcpv4MessageType.NAK && asks) {
      this.#forget();
      this.start();
    }
  }

  #request(offer: Dhcpv4Message): void {
    const server = findDhcpv4Option(offer.options, 'server-identifier');
    if (!server) return;
    const options: Dhcpv4Option[] = [server, { kind: 'requested-address', address: offer.yiaddr }];
    this.#continue('requesting', () =>
      this.#send(this.#message(Dhcpv4MessageType.REQUEST, undefined, options), undefined),
    );
  }

  #renew(lease: Lease): void {
    this.#begin('renewing', () => {
      const server = this.#scheduler.now < lease.rebindAt ? lease.server : undefined;
      this.#send(this.#message(Dhcpv4MessageType.REQUEST, lease.address, []), server);
    });
  }

  #bind({ options, yiaddr }: Dhcpv4Message): void {
    const mask = findDhcpv4Option(options, 'subnet-mask');
    const router = findDhcpv4Option(options, 'router')?.addresses[0];
    const server = findDhcpv4Option(options, 'server-identifier');
    const duration = findDhcpv4Option(options, 'lease-time')?.duration;
    const prefixLength = mask && ipv4MaskLength(mask.mask);
    if (!router || !server || duration === undefined || prefixLength === undefined) return;
    this.#cancelAll();
    this.#state = 'bound';
    const rebinding = findDhcpv4Option(options, 'rebinding-time')?.duration ?? milliseconds(duration * 0.875);
    const rebindAt = after(this.#scheduler.now, rebinding);
    const lease = { address: yiaddr, prefixLength, router, server: server.address, rebindAt };
    this.#lease = lease;
    const renewal = findDhcpv4Option(options, 'renewal-time')?.duration ?? milliseconds(duration / 2);
    this.#cancelRenewal = this.#scheduler.schedule(renewal, () => this.#renew(lease));
    this.#cancelExpiry = this.#scheduler.schedule(duration, () => {
      this.#forget();
      this.start();
    });
    this.#changed();
  }

  #begin(state: State, ask: () => void): void {
    this.#xid = this.#random.nextU32();
    this.#continue(state, ask);
  }

  #continue(state: State, ask: () => void): void {
    this.#state = state;
    this.#sent = 0;
    this.#retryDelay = this.#habits.firstRetry;
    this.#ask(state, ask);
  }

  /**
   * Again and again with growing pauses. RFC 2131 §3.1(5): without an answer to what it has chosen "the client reverts to INIT state and
   * restarts the initialization process".
   */
  #ask(state: State, ask: () => void): void {
    this.#cancelRetry();
    const { attempts } = this.#habits;
    const most = state === 'requesting' ? Math.min(attempts, REQUESTS) : attempts;
    if (this.#sent++ < most || state === 'renewing') {
      ask();
      const delay = milliseconds(this.#retryDelay * (0.75 + nextFraction(this.#random) / 2));
      this.#retryDelay = milliseconds(Math.min(this.#retryDelay * 2, this.#habits.lastRetry));
      this.#cancelRetry = this.#scheduler.schedule(this.#untilRebinding(delay), () => this.#ask(state, ask));
    } else if (state === 'selecting') {
      this.#cancelRetry = this.#scheduler.schedule(this.#habits.rest, () => this.start());
    } else this.start();
  }

  /** A renewal is repeated at T2 at the latest. */
  #untilRebinding(delay: Duration): Duration {
    const lease = this.#lease;
    const left = lease ? elapsed(this.#scheduler.now, lease.rebindAt) : 0;
    return milliseconds(this.#state === 'renewing' && left > 0 ? Math.min(delay, left) : delay);
  }

  #forget(): void {
    this.#cancelAll();
    this.#state = 'idle';
    this.#lease = undefined;
    this.#changed();
  }

  #cancelAll(): void {
    this.#cancelRetry();
    this.#cancelRenewal();
    this.#cancelExpiry();
  }

  #message(type: number, ciaddr: Ipv4Address | undefined, options: readonly Dhcpv4Option[]): Dhcpv4Message {
    const none = Ipv4Address.unspecified;
    return {
      op: 1,
      htype: 1,
      hops: 0,
      xid: this.#xid,
      secs: 0,
      broadcast: false,
      ciaddr: ciaddr ?? none,
      yiaddr: none,
      siaddr: none,
      giaddr: none,
      chaddr: this.#mac,
      sname: '',
      file: '',
      options: [{ kind: 'message-type', value: type }, ...options],
    };
  }
}
