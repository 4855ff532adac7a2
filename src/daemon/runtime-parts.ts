import type { FailedChange } from '#dataplane/dataplane.ts';
import type { PathMtu } from '#dataplane/path-mtu.ts';
import type { AccessEvent, AccessOutput } from '#proto/access/events.ts';
import type { LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import type { LmaMachine } from '#proto/lma/index.ts';
import type { Machine } from '#proto/machine.ts';
import type { MagConfig, MagEvent, MagOutput } from '#proto/mag/events.ts';
import type { AaaPort } from './aaa/aaa-port.ts';
import type { Assembly } from './assemble.ts';
import type { LogLimiter } from './log-limiter.ts';
import type { Effects } from './round-outcome.ts';

/** A machine with what the operator may see of it. */
export interface VisibleMachine<Event, Output> extends Machine<Event, Output> {
  readonly stats: object;
  snapshot(): unknown;
}

export interface LmaNode {
  readonly config: LmaConfig;
  readonly machine: VisibleMachine<LmaEvent, LmaOutput> & Pick<LmaMachine, 'renew'>;
}

export interface MagNode {
  readonly config: MagConfig;
  readonly machine: VisibleMachine<MagEvent, MagOutput>;
  readonly access: VisibleMachine<AccessEvent, AccessOutput>;
}

export interface RuntimeParts extends Effects {
  readonly assembly: Assembly;
  readonly lmas: readonly LmaNode[];
  readonly mags: readonly MagNode[];
  /** The descriptor of the data plane's filter for packet sockets; `undefined` when it has none. */
  readonly accessFilter: () => number | undefined;
  /** Of the peers of which it has changed, as `DataPlane` has it. */
  readonly takePathMtus: () => readonly PathMtu[];
  /** Sets forwarding up anew after an access interface was replaced; returns what it could not do. */
  readonly renewForwarding: () => readonly FailedChange[];
  readonly aaa: AaaPort;
  readonly log: LogLimiter;
  /** Begins the names of sockets that the node has in the file system. */
  readonly socketPrefix: string;
}
