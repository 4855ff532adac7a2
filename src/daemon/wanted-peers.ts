import type { LmaInstance, MagInstance, Node } from './node.ts';
import { selectionAt } from './show-bindings.ts';
import type { ShowFilter } from './show-filter.ts';

/** Whether an operator means the peer of this name at this address. */
export type WantedPeers = (name: string, address?: string) => boolean;

/**
 * Of the MAGs of an LMA: the one that is named, by its name or an address, and those that serve the mobile node or the customer. A step for each
 * binding that is looked at. Throws `RequestError` for a customer that the LMA does not have.
 */
export function* wantedMags(node: Node, lma: LmaInstance, filter: ShowFilter): Generator<unknown, WantedPeers> {
  const { mag: _, ...of } = filter;
  const selection = selectionAt(node, lma, { ...of, mag: undefined });
  const serving = new Set<string>();
  if (isGiven(selection)) {
    for (const row of lma.machine.rows(selection)) {
      for (const { peer, address } of row?.careOfAddresses ?? []) serving.add(peer).add(address);
      yield;
    }
  }
  return wanted(namesOf(lma.config.peers, filter.mag), isGiven(selection) ? serving : undefined);
}

/** The same of the LMAs of a MAG. */
export function* wantedLmas({ config, machine }: MagInstance, filter: ShowFilter): Generator<unknown, WantedPeers> {
  const { nai, lma } = filter;
  const serving = new Set<string>();
  if (nai !== undefined) {
    for (const row of machine.rows({ nai })) {
      if (row) serving.add(row.lma).add(row.lmaAddress);
      yield;
    }
  }
  return wanted(namesOf(config.lmas, lma), nai === undefined ? undefined : serving);
}

function wanted(named: ReadonlySet<string> | undefined, serving: ReadonlySet<string> | undefined): WantedPeers {
  const has = (texts: ReadonlySet<string> | undefined, name: string, address: string | undefined) =>
    texts === undefined || texts.has(name) || (address !== undefined && texts.has(address));
  return (name, address) => has(named, name, address) && has(serving, name, address);
}

interface Peer {
  readonly name: string;
  readonly ipv6?: { toString(): string };
  readonly ipv4?: { toString(): string };
}

/** What a peer may be called that is meant by `text`. */
function namesOf(peers: readonly Peer[], text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined;
  const meant = peers.filter(({ ipv6, ipv4 }) => `${ipv6}` === text || `${ipv4}` === text);
  return new Set([text, ...meant.map(({ name }) => name)]);
}

function isGiven(selection: object): boolean {
  return Object.keys(selection).length > 0;
}
