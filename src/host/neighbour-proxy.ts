import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { type Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { RateLimit } from '#base/rate-limit.ts';
import { instant } from '#base/time.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { type IsAnchored, type ProxiedLink, proxyAnswer, rangesOnLink } from '#dataplane/neighbour-proxy.ts';
import type { ChangedRoutes } from './bpf-route-events.ts';
import { monotonicMilliseconds } from './clock.ts';
import type { Netlink } from './netlink.ts';
import {
  addresses,
  type InterfaceAddress,
  InterfaceFlag,
  type Link,
  links,
  prefixOfAddress,
} from './netlink-requests.ts';
import { SystemCallError } from './posix.ts';
import { ProxySocket } from './proxy-socket.ts';

/** Frames of one call, so that signalling waits no longer than a millisecond for them. */
const BATCH = 32;
/** Answers a second; who gets none asks again. */
const ANSWERS = 2000;

/** The anchor's answers to who asks on a link of this host for the link-layer address of a mobile node. */
export class NeighbourProxy {
  readonly #netlink: Netlink;
  readonly #isAnchored: IsAnchored;
  readonly #limit = new RateLimit(ANSWERS, ANSWERS);
  /** By descriptor. */
  readonly #sockets = new Map<number, Proxied>();
  #answered = 0;

  constructor(netlink: Netlink, isAnchored: IsAnchored) {
    this.#netlink = netlink;
    this.#isAnchored = isAnchored;
  }

  /** The interfaces on which it answers, and how often it did. */
  get view(): ProxyView {
    const names = Array.from(this.#sockets.values(), ({ name }) => name);
    return { interfaces: [...new Set(names)].sort(), answered: this.#answered };
  }

  fds(): Iterable<number> {
    return this.#sockets.keys();
  }

  has(fd: number): boolean {
    return this.#sockets.has(fd);
  }

  /** Pools, addresses or interfaces may be others now; `own` are interfaces of mobile nodes and tunnels. Whether the descriptors have changed. */
  follow(node: NodeForwarding, own: ReadonlySet<number>): boolean {
    const wanted = new Map<string, Wanted>();
    if (hasPools(node)) for (const one of this.#wanted(node, own)) wanted.set(one.key, one);
    let changed = false;
    for (const [fd, { key, socket }] of this.#sockets) {
      const still = wanted.get(key);
      if (still) {
        this.#sockets.set(fd, { ...still, socket });
        wanted.delete(key);
        continue;
      }
      this.#sockets.delete(fd);
      socket.close();
      changed = true;
    }
    for (const one of wanted.values()) {
      const socket = open(one);
      if (!socket) continue;
      this.#sockets.set(socket.fd, { ...one, socket });
      changed = true;
    }
    return changed;
  }

  /** Takes some of what waits at one of its descriptors. */
  handle(fd: number): void {
    const proxied = this.#sockets.get(fd);
    for (let i = 0; proxied && i < BATCH; i++) {
      const frame = proxied.socket.receive();
      if (!frame) return;
      const answer = proxyAnswer(frame, proxied.link, this.#isAnchored);
      if (answer && this.#limit.allows(instant(monotonicMilliseconds())) && proxied.socket.send(answer))
        this.#answered++;
    }
  }

  close(): void {
    for (const { socket } of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #wanted(node: NodeForwarding, own: ReadonlySet<number>): Wanted[] {
    const there = addresses(this.#netlink).filter(({ ours }) => !ours);
    return links(this.#netlink).flatMap((one) => {
      const customer = customerOf(node, one.name);
      const isProxied = !own.has(one.index) && (one.flags & InterfaceFlag.LOOPBACK) === 0 && customer !== undefined;
      return isProxied ? wantedOn(one, there, poolsOf(node, customer), customer) : [];
    });
  }
}

export interface ProxyView {
  readonly interfaces: readonly string[];
  readonly answered: number;
}

interface Wanted {
  /** Of a socket that would be the same. */
  readonly key: string;
  readonly name: string;
  readonly index: number;
  readonly protocol: 'arp' | 'nd';
  readonly link: ProxiedLink;
}

interface Proxied extends Wanted {
  readonly socket: ProxySocket;
}

function wantedOn(
  { index, name, mac }: Link,
  there: readonly InterfaceAddress[],
  pools: NodeForwarding['pools'],
  customer: number,
): Wanted[] {
  const held = there.filter((one) => one.index === index);
  const ranges = rangesOnLink(held.map(prefixOfAddress), pools);
  const linkLocal = held.map(({ address }) => address).find(isLinkLocal);
  const on = (protocol: Wanted['protocol'], own: ProxiedLink['ranges']): Wanted[] =>
    mac && own.length > 0
      ? [
          {
            key: `${index} ${protocol}`,
            name,
            index,
            protocol,
            link: { mac, linkLocal, customer, ranges: own },
          },
        ]
      : [];
  return [
    ...on(
      'arp',
      ranges.filter((range) => range instanceof Ipv4Prefix),
    ),
    ...on(
      'nd',
      ranges.filter((range) => range instanceof Ipv6Prefix),
    ),
  ];
}

/** The interface may be gone again, or be none of Ethernet. */
function open({ index, protocol }: Wanted): ProxySocket | undefined {
  try {
    return new ProxySocket(index, protocol);
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  }
}

/** Whether routes that have changed may be those of links on which pools lie. */
export function mayMovePools(changed: ChangedRoutes, { pools, customers = [] }: NodeForwarding): boolean {
  if (changed === 'everything') return true;
  return [pools, ...customers.map((one) => one.pools)].some((some) => rangesOnLink(changed, some).length > 0);
}

/** Whose correspondent nodes are there; `undefined`: nobody's. */
function customerOf({ correspondentInterfaces, customers = [] }: NodeForwarding, name: string): number | undefined {
  const owner = customers.find((customer) => customer.correspondentInterfaces.includes(name));
  if (owner) return owner.number;
  return correspondentInterfaces === undefined || correspondentInterfaces.includes(name) ? 0 : undefined;
}

function poolsOf({ pools, customers = [] }: NodeForwarding, customer: number): NodeForwarding['pools'] {
  return customers.find(({ number }) => number === customer)?.pools ?? pools;
}

function hasPools({ pools, customers = [] }: NodeForwarding): boolean {
  return [pools, ...customers.map((one) => one.pools)].some(({ ipv4, ipv6 }) => ipv4.length + ipv6.length > 0);
}

function isLinkLocal(address: IpAddress): address is Ipv6Address {
  return !(address instanceof Ipv4Address) && address.isLinkLocal;
}
