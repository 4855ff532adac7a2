import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { type Duration, type Instant, seconds } from '#base/time.ts';
import type { Path } from './desired.ts';
import { IPV6_MINIMUM_MTU } from './icmp-error.ts';
import { formOf, headerLength } from './tunnel-form.ts';

/** RFC 8201: an estimate is not raised before 5 minutes, and 10 are recommended. */
const KEPT: Duration = seconds(600);
/**
 * Chooses: no router makes us send less than this over IPv4, although RFC 1191 allows 68 octets: a forged message would cut every packet
 * into pieces.
 */
const SMALLEST_IPV4 = 576;

/** What routers of the transport network said of the way to each peer: RFC 1191 and RFC 8201. Holds only what is asked for of peers. */
export class PathMtus {
  readonly #learnt = new Map<string, { readonly mtu: number; readonly at: Instant }>();

  /** `mtu` is of the tunnel packets; 0 from a router that does not say. Returns whether it is news. */
  learn(remote: IpAddress, mtu: number, now: Instant): boolean {
    const smallest = remote instanceof Ipv4Address ? SMALLEST_IPV4 : IPV6_MINIMUM_MTU;
    const usable = Math.max(mtu, smallest);
    const known = this.#learnt.get(remote.key);
    if (known && known.mtu < usable) return false;
    this.#learnt.set(remote.key, { mtu: usable, at: now });
    return known?.mtu !== usable;
  }

  /** Forgets it when it is old; returns whether it did. */
  expire(remote: IpAddress, now: Instant): boolean {
    const known = this.#learnt.get(remote.key);
    return known !== undefined && now - known.at >= KEPT && this.#learnt.delete(remote.key);
  }

  /** Of tunnel packets to a peer that leave through a link of this MTU. */
  to(remote: IpAddress, linkMtu: number): number {
    return Math.min(linkMtu, this.#learnt.get(remote.key)?.mtu ?? linkMtu);
  }

  /** Of a peer that no tunnel leads to any more. */
  forget(remote: IpAddress): void {
    this.#learnt.delete(remote.key);
  }
}

/** Tunnel packets to a peer are at most this long, in octets. */
export interface PathMtu {
  readonly remote: IpAddress;
  readonly mtu: number;
}

/** What is taken for the MTU of a path of which nothing was told. */
export const USUAL_PATH_MTU = 1500;

/** What has changed since it was last told. */
export class PathMtuNews {
  readonly #known = new Map<string, PathMtu>();
  readonly #news = new Map<string, PathMtu>();

  note(remote: IpAddress, mtu: number): void {
    if ((this.#known.get(remote.key)?.mtu ?? USUAL_PATH_MTU) === mtu) return;
    const path = { remote, mtu };
    this.#known.set(remote.key, path);
    this.#news.set(remote.key, path);
  }

  /** No tunnel leads there any more. */
  forget(remote: IpAddress): void {
    this.#known.delete(remote.key);
    this.#news.delete(remote.key);
  }

  take(): readonly PathMtu[] {
    if (this.#news.size === 0) return NONE;
    const news = [...this.#news.values()];
    this.#news.clear();
    return news;
  }
}

const NONE: readonly PathMtu[] = [];

/** Of the packets of mobile nodes in a tunnel: what the operator allows, and what goes through the transport network in one piece. */
export function innerMtu(path: Path, configured: number, transportMtu: number): number {
  return Math.min(configured, transportMtu - headerLength(formOf(path)));
}
