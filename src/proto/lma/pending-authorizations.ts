import { sameAddress } from '#base/ip-address.ts';
import { compareTimestamps } from '../wire-timestamp.ts';
import type { TunnelEnds } from './binding.ts';
import type { CheckedRequest } from './checked-request.ts';

/** Chooses: more mobile nodes than this never wait for an AAA server at once; those beyond are refused. */
export const PENDING_AUTHORIZATIONS_MAXIMUM = 4096;

/** First registrations that wait for the AAA server's word, one for each interface of a mobile node: the latest, which is the one that is answered. */
export class PendingAuthorizations {
  readonly #requests = new Map<string, CheckedRequest>();

  get size(): number {
    return this.#requests.size;
  }

  /** False when no request of this interface waits. */
  replace(request: CheckedRequest): boolean {
    const key = keyOf(request);
    const waiting = this.#requests.get(key);
    if (!waiting) return false;
    if (!isLater(waiting, request)) this.#requests.set(key, request);
    return true;
  }

  /** The caller has asked `replace` first, and looked at `size`. Returns the name of the question. */
  add(request: CheckedRequest): string {
    const key = keyOf(request);
    this.#requests.set(key, request);
    return key;
  }

  /** The answer is there. `undefined` when nobody waits for it. */
  take(key: string): CheckedRequest | undefined {
    const request = this.#requests.get(key);
    this.#requests.delete(key);
    return request;
  }

  /** The mobile node has left the MAG that asked. Returns the name of the question; `undefined` when none waits. */
  cancel(request: CheckedRequest): string | undefined {
    const key = keyOf(request);
    const waiting = this.#requests.get(key);
    if (!waiting || !isOfSameMag(waiting.careOf, request.careOf) || isLater(waiting, request)) return undefined;
    this.#requests.delete(key);
    return key;
  }
}

function keyOf({ customer, mobileNode, linkLayerIdentifier, accessTechnology }: CheckedRequest): string {
  return `${customer}/${accessTechnology}/${linkLayerIdentifier}/${mobileNode.name}`;
}

function isLater(a: CheckedRequest, b: CheckedRequest): boolean {
  return a.timestamp !== undefined && b.timestamp !== undefined && compareTimestamps(a.timestamp, b.timestamp) > 0;
}

function isOfSameMag(a: TunnelEnds, b: TunnelEnds): boolean {
  return sameAddress(a.address, b.address);
}
