/** The access lists of `bpf/filter.h`. */
import type { FilterRule, Forwarding, PacketFilter } from '#dataplane/desired.ts';
import { isAny, MAXIMUM_FILTER_RULES } from '#dataplane/packet-filter.ts';
import type { BpfMap } from './bpf.ts';

/** By index in the map of filters. */
export const FILTER_KINDS: readonly Forwarding['kind'][] = ['anchor', 'access'];
/** The octets of struct filter_rule. */
export const FILTER_RULE = 36;

const ALL_PORTS = { low: 0, high: 0xffff, except: false };
const EVERY_BIT = 0xff;

interface FilterMaps {
  readonly byName: Readonly<Record<'filters' | 'filter_rules' | 'filter_hits', BpfMap>>;
}

/**
 * Puts a filter in the place of another without a gap: each kind has room for two, and a packet meets one or the other. One that is there already
 * goes on counting. Throws `SystemCallError`.
 */
export function setFilter(maps: FilterMaps, kind: Forwarding['kind'], filter: PacketFilter | undefined): void {
  const { filters, filter_rules: rules, filter_hits: hits } = maps.byName;
  const wanted = (filter?.rules ?? []).map(encodeRule);
  const held = head(maps, kind);
  if (held.count === wanted.length && wanted.every((rule, i) => rule.equals(ruleAt(maps, held.first + i)))) return;
  const base = FILTER_KINDS.indexOf(kind) * 2 * MAXIMUM_FILTER_RULES;
  const first = held.count > 0 && held.first === base ? base + MAXIMUM_FILTER_RULES : base;
  for (const [i, rule] of wanted.entries()) {
    rules.key.writeUInt32LE(first + i);
    rules.value.set(rule);
    rules.update();
    hits.key.writeUInt32LE(first + i);
    hits.value.fill(0);
    hits.update();
  }
  filters.key.writeUInt32LE(FILTER_KINDS.indexOf(kind));
  filters.value.writeUInt32LE(first, 0);
  filters.value.writeUInt32LE(wanted.length, 4);
  filters.update();
}

export function filterHits(maps: FilterMaps, kind: Forwarding['kind']): number[] {
  const { filter_hits: hits } = maps.byName;
  const { first, count } = head(maps, kind);
  return Array.from({ length: count }, (_, i) => {
    hits.key.writeUInt32LE(first + i);
    return hits.lookup() ? Number(hits.value.readBigUInt64LE(0)) : 0;
  });
}

/** Of a packet that the programs did not see; one that they count meanwhile may be lost. */
export function countFilterHit(maps: FilterMaps, kind: Forwarding['kind'], rule: number): void {
  const { filter_hits: hits } = maps.byName;
  hits.key.writeUInt32LE(head(maps, kind).first + rule);
  if (!hits.lookup()) return;
  hits.value.writeBigUInt64LE(hits.value.readBigUInt64LE(0) + 1n, 0);
  hits.update();
}

function head({ byName: { filters } }: FilterMaps, kind: Forwarding['kind']): { first: number; count: number } {
  filters.key.writeUInt32LE(FILTER_KINDS.indexOf(kind));
  filters.lookup();
  return { first: filters.value.readUInt32LE(0), count: filters.value.readUInt32LE(4) };
}

function ruleAt({ byName: { filter_rules: rules } }: FilterMaps, index: number): Buffer {
  rules.key.writeUInt32LE(index);
  rules.lookup();
  return Buffer.from(rules.value.subarray(0, FILTER_RULE));
}

function encodeRule(rule: FilterRule): Buffer {
  const { action, protocol, source, destination, established } = rule;
  const { sourcePorts = ALL_PORTS, destinationPorts = ALL_PORTS } = rule;
  const octets = Buffer.alloc(FILTER_RULE);
  for (const [i, { address, wildcard }] of [source, destination].entries()) {
    octets.writeInt32BE(address.word & ~wildcard.word, i * 8);
    octets.writeInt32BE(~wildcard.word, i * 8 + 4);
  }
  for (const [i, { low, high }] of [sourcePorts, destinationPorts].entries()) {
    octets.writeUInt16LE(low, 16 + i * 4);
    octets.writeUInt16LE(high, 18 + i * 4);
  }
  const isIpv4 = !isAny(source) || !isAny(destination);
  const denies = action === 'deny';
  octets.set(isIpv4 ? [4, EVERY_BIT] : [0, 0], 24);
  octets.set(protocol === 'ip' ? [0, 0] : [protocol, EVERY_BIT], 26);
  octets.set([sourcePorts.except, destinationPorts.except, established, denies].map(Number), 28);
  octets[32] = Number(denies && (established || rule.sourcePorts !== undefined || rule.destinationPorts !== undefined));
  return octets;
}
