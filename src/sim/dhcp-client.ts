import { Ipv4Address, ipv4MaskLength } from '#base/ipv4-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { Dhcpv4Message, Dhcpv4Option } from '#wire/dhcpv4.ts';
import { Dhcpv4MessageType, findDhcpv4Option } from '#wire/dhcpv4.ts';
import type { Scheduler } from './scheduler.ts';

export interface Lease {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  readonly router: Ipv4Address;
  readonly server: Ipv4Address;
}

const FIRST_RETRY = seconds(1);
const LAST_RETRY = seconds(16);

/** As much of RFC 2131 as an ordinary host does: discover, request, renew at half the lease, give up at its end, release. */
export class DhcpClient {
  #lease: Lease | undefined;
  #waitsFor: 'offer' | 'acknowledgement' | undefined;
  #xid = 0;
  #retryDelay = FIRST_RETRY;
  #cancelRetry: () => void = () => {};
  #cancelRenewal: () => void = () => {};
  #cancelExpiry: () => void = () => {};
  readonly #mac: MacAddress;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #send: (message: Dhcpv4Message) => void;
  readonly #changed: () => void;

  /** `send` broadcasts a message; `changed` is called when the lease came or went. */
  constructor(
    mac: MacAddress,
    random: Random,
    scheduler: Scheduler,
    send: (message: Dhcpv4Message) => void,
    changed: () => void,
  ) {
    this.#mac = mac;
    this.#random = random;
    this.#scheduler = scheduler;
    this.#send = send;
    this.#changed = changed;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  start(): void {
    this.#xid = this.#random.nextU32();
    this.#waitsFor = 'offer';
    this.#retryDelay = FIRST_RETRY;
    this.#ask(() => this.#message(Dhcpv4MessageType.DISCOVER, Ipv4Address.unspecified, []));
  }

  release(): void {
    const lease = this.#lease;
    if (lease) {
      const server: Dhcpv4Option = { kind: 'server-identifier', address: lease.server };
      this.#send(this.#message(Dhcpv4MessageType.RELEASE, lease.address, [server]));
    }
    this.#forget();
  }

  receive(message: Dhcpv4Message): void {
    if (message.xid !== this.#xid || !message.chaddr.equals(this.#mac)) return;
    const type = findDhcpv4Option(message.options, 'message-type')?.value;
    if (type === Dhcpv4MessageType.OFFER && this.#waitsFor === 'offer') this.#request(message);
    if (type === Dhcpv4MessageType.ACK && this.#waitsFor === 'acknowledgement') this.#bind(message);
    if (type === Dhcpv4MessageType.NAK && this.#waitsFor === 'acknowledgement') {
      this.#forget();
      this.start();
    }
  }

  #request(offer: Dhcpv4Message): void {
    const server = findDhcpv4Option(offer.options, 'server-identifier');
    if (!server) return;
    this.#waitsFor = 'acknowledgement';
    this.#retryDelay = FIRST_RETRY;
    const options: Dhcpv4Option[] = [server, { kind: 'requested-address', address: offer.yiaddr }];
    this.#ask(() => this.#message(Dhcpv4MessageType.REQUEST, Ipv4Address.unspecified, options));
  }

  #renew(lease: Lease): void {
    this.#xid = this.#random.nextU32();
    this.#waitsFor = 'acknowledgement';
    this.#retryDelay = FIRST_RETRY;
    this.#ask(() => this.#message(Dhcpv4MessageType.REQUEST, lease.address, []));
  }

  #bind(acknowledgement: Dhcpv4Message): void {
    const { options, yiaddr } = acknowledgement;
    const mask = findDhcpv4Option(options, 'subnet-mask');
    const router = findDhcpv4Option(options, 'router')?.addresses[0];
    const server = findDhcpv4Option(options, 'server-identifier');
    const duration = findDhcpv4Option(options, 'lease-time')?.duration;
    const prefixLength = mask && ipv4MaskLength(mask.mask);
    if (!router || !server || duration === undefined || prefixLength === undefined) return;
    this.#cancelAll();
    this.#waitsFor = undefined;
    const lease = { address: yiaddr, prefixLength, router, server: server.address };
    this.#lease = lease;
    const renewal = findDhcpv4Option(options, 'renewal-time')?.duration ?? milliseconds(duration / 2);
    this.#cancelRenewal = this.#scheduler.schedule(renewal, () => this.#renew(lease));
    this.#cancelExpiry = this.#scheduler.schedule(duration, () => {
      this.#forget();
      this.start();
    });
    this.#changed();
  }

  /** Sends what `build` makes, again and again with growing pauses. */
  #ask(build: () => Dhcpv4Message): void {
    this.#cancelRetry();
    this.#send(build());
    const delay: Duration = this.#retryDelay;
    this.#retryDelay = milliseconds(Math.min(delay * 2, LAST_RETRY));
    this.#cancelRetry = this.#scheduler.schedule(delay, () => this.#ask(build));
  }

  #forget(): void {
    this.#cancelAll();
    this.#waitsFor = undefined;
    this.#lease = undefined;
    this.#changed();
  }

  #cancelAll(): void {
    this.#cancelRetry();
    this.#cancelRenewal();
    this.#cancelExpiry();
  }

  #message(type: number, ciaddr: Ipv4Address, options: readonly Dhcpv4Option[]): Dhcpv4Message {
    const none = Ipv4Address.unspecified;
    return {
      op: 1,
      htype: 1,
      hops: 0,
      xid: this.#xid,
      secs: 0,
      broadcast: false,
      ciaddr,
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
