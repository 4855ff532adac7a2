import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { RateLimit } from '#base/rate-limit.ts';
import { instant } from '#base/time.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { type IsAnchored, type ProxiedLink, proxyAnswer } from '#dataplane/neighbour-proxy.ts';
import { monotonicMilliseconds } from '../clock.ts';
import type { Netlink } from '../netlink.ts';
import { SystemCallError } from '../posix.ts';
import { type ProxiedLinkOfHost, type ProxyView, proxiedLinks } from '../proxied-links.ts';
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
  get view(): Omit<ProxyView, 'answeredMobileNodes'> {
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
    const all = proxiedLinks(this.#netlink, node, own).flatMap(wantedOn);
    const wanted = new Map(all.map((one) => [one.key, one]));
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
}

interface Wanted {
  /** Of a socket that would be the same. */
  readonly key: string;
  readonly name: string;
  readonly index: number;
  readonly protocol: 'arp-requests' | 'nd';
  readonly link: ProxiedLink;
}

interface Proxied extends Wanted {
  readonly socket: ProxySocket;
}

function wantedOn(link: ProxiedLinkOfHost): Wanted[] {
  const { name, index, ranges } = link;
  const isIpv4 = (range: ProxiedLink['ranges'][number]) => range instanceof Ipv4Prefix;
  const on = (protocol: Wanted['protocol']): Wanted => ({ key: `${index} ${protocol}`, name, index, protocol, link });
  return [...(ranges.some(isIpv4) ? [on('arp-requests')] : []), ...(ranges.every(isIpv4) ? [] : [on('nd')])];
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
