import type { ControlRequest } from '#daemon/control-protocol.ts';

/** What the API knows of the node that it serves: the same that the control socket answers. */
export interface NodeAccess {
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly hostname: string;
  /** As one who may do everything: the API decides who may what. Rejects with `RequestError`. */
  ask<Answer>(request: ControlRequest): Promise<Answer>;
}
