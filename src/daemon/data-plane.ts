import type { DataPlane } from '#dataplane/dataplane.ts';

/** A data plane as the packet worker needs it. */
export interface NodeDataPlane extends DataPlane {
  /** The descriptor of the filter for a packet socket on this Linux interface; `undefined` when it has none. */
  accessFilter(linkName: string): number | undefined;
  /** An access interface is there again under a new index. */
  linkReplaced(name: string): void;
  /** Ends the process's part and leaves forwarding in place. */
  release(): void;
}

export function createDataPlane(): NodeDataPlane {
  return {
    start() {},
    apply: () => ({ failed: [] }),
    counters: () => undefined,
    drops: () => ({}) as never,
    close() {},
    accessFilter: () => undefined,
    linkReplaced() {},
    release() {},
  };
}
