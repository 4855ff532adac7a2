import type { Forwarding, NodeForwarding, PacketFilter } from './desired.ts';
import type { IpHeader } from './ip-packet.ts';
import { judge } from './packet-filter.ts';

type Filters = NonNullable<NodeForwarding['tunnelFilters']>;

/** The access lists on the tunnels of a node, and how many packets each rule has decided on. */
export class TunnelFilters {
  #filters: Filters;
  readonly #hits: Record<Forwarding['kind'], number[]> = { anchor: [], access: [] };

  constructor(filters: Filters = {}) {
    this.#filters = filters;
  }

  /** Goes over to others; what has the same rules goes on counting. */
  change(filters: Filters = {}): void {
    for (const kind of ['anchor', 'access'] as const)
      if (!hasSameRules(filters[kind], this.#filters[kind])) this.#hits[kind] = [];
    this.#filters = filters;
  }

  /** Whether a packet, whose header is known, may go through a tunnel of bindings of this kind. */
  permits(kind: Forwarding['kind'], packet: Uint8Array, header: IpHeader): boolean {
    const filter = this.#filters[kind];
    if (!filter) return true;
    const { permitted, rule } = judge(filter, packet, header);
    if (rule !== undefined) this.#hits[kind][rule] = (this.#hits[kind][rule] ?? 0) + 1;
    return permitted;
  }

  /** By rule. */
  hits(kind: Forwarding['kind']): readonly number[] {
    const rules = this.#filters[kind]?.rules ?? [];
    return rules.map((_, index) => this.#hits[kind][index] ?? 0);
  }
}

function hasSameRules(a: PacketFilter | undefined, b: PacketFilter | undefined): boolean {
  return JSON.stringify(a?.rules) === JSON.stringify(b?.rules);
}
