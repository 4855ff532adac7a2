import { hostname } from 'node:os';
import { SeededRandom } from '#base/random.ts';
import type { Configuration } from '#config/index.ts';
import { parseConfiguration } from '#config/index.ts';
import { readClock } from '#host/clock.ts';
import { AccessMachine } from '#proto/access/index.ts';
import type { LmaConfig } from '#proto/lma/index.ts';
import { LmaMachine } from '#proto/lma/index.ts';
import type { MagConfig } from '#proto/mag/index.ts';
import { MagMachine } from '#proto/mag/index.ts';
import { MemoryBindingStore } from '#store/memory.ts';
import type { BindingStore } from '#store/store.ts';
import type { Assembly } from './assemble.ts';
import { assemble } from './assemble.ts';
import { checkHost, locateIn } from './check-host.ts';
import { NodeDataPlane } from './data-plane.ts';
import { hostFacts } from './host-facts.ts';
import type { LogLimiter } from './log-limiter.ts';
import type { LmaNode, MagNode } from './node-runtime.ts';
import { NodeRuntime } from './node-runtime.ts';
import { restartCounterAt } from './restart-counter.ts';
import { restore } from './restore.ts';
import type { WorkerOptions } from './worker-protocol.ts';

/** How long the end of the daemon waits for de-registrations to be acknowledged. */
const FAREWELL_MS = 1000;

/** Everything of one node that lives in the packet worker. */
export interface Node {
  readonly runtime: NodeRuntime;
  /** One line: what runs. */
  readonly summary: string;
  readonly configuration: Configuration;
  readonly lmas: readonly { readonly config: LmaConfig; readonly machine: LmaMachine }[];
  readonly mags: readonly {
    readonly config: MagConfig;
    readonly machine: MagMachine;
    readonly access: AccessMachine;
  }[];
  readonly dataPlane: NodeDataPlane;
  /** Of the program. */
  readonly version: string;
  /** Ends bindings of `nai`, or all; returns how many there were. */
  clearBindings(nai: string | undefined): number;
  /** De-registers, takes forwarding down and closes everything; with `keepDataPlane` both stay. */
  stop(keepDataPlane: boolean): void;
}

export type NodeOptions = Pick<WorkerOptions, 'configurationText' | 'fileName' | 'seed' | 'version'>;

/** Throws `AssemblyError`, `DataPlaneError` or `SystemCallError`; then nothing of it remains. */
export function startNode(options: NodeOptions, log: LogLimiter): Node {
  const { configuration } = parseConfiguration(options.configurationText);
  const assembly = assemble(configuration, hostname());
  checkHost(assembly, hostFacts, locateIn(options.configurationText, options.fileName));
  const random = new SeededRandom(options.seed);
  const restartCounter = restartCounterAt(readClock().utc);
  const lmas = assembly.lmas.map((config) => ({ config, machine: new LmaMachine(config, restartCounter) }));
  const mags = assembly.mags.map(({ mag, access }) => ({
    config: mag,
    machine: new MagMachine(mag, random, restartCounter),
    access: new AccessMachine(access, random),
  }));
  const store = new MemoryBindingStore();
  restore(lmas, store.load(), readClock(), log);
  const dataPlane = new NodeDataPlane(assembly.forwarding);
  let runtime: NodeRuntime;
  try {
    runtime = createRuntime(assembly, lmas, mags, store, dataPlane, log);
    dataPlane.watch(runtime.loop);
  } catch (error) {
    dataPlane.close(false);
    throw error;
  }
  return {
    runtime,
    summary: summarize(assembly),
    configuration,
    lmas,
    mags,
    dataPlane,
    version: options.version,
    clearBindings: (nai) => clearBindings(runtime, lmas, mags, nai),
    stop: (keepDataPlane) => {
      if (!keepDataPlane) farewell(runtime, mags);
      runtime.close();
      store.close();
      dataPlane.close(keepDataPlane);
    },
  };
}

function createRuntime(
  assembly: Assembly,
  lmas: readonly LmaNode[],
  mags: readonly MagNode[],
  store: BindingStore,
  dataPlane: NodeDataPlane,
  log: LogLimiter,
): NodeRuntime {
  return new NodeRuntime({
    assembly,
    lmas,
    mags,
    commit: (changes) => store.commit(changes),
    forward: (changes) => dataPlane.apply(changes),
    forwardHeld: (name, mac, packet) => dataPlane.forwardHeld(name, mac, packet),
    accessFilter: () => dataPlane.accessFilter,
    renewForwarding: () => dataPlane.restart(),
    log,
  });
}

function clearBindings(
  runtime: NodeRuntime,
  lmas: readonly { readonly machine: LmaMachine }[],
  mags: readonly { readonly machine: MagMachine }[],
  nai: string | undefined,
): number {
  const rows = [...lmas, ...mags].flatMap(({ machine }): { nai: string }[] => machine.snapshot());
  runtime.clearBindings(nai);
  return rows.filter((row) => nai === undefined || row.nai === nai).length;
}

/**
 * RFC 5213 §6.9.1.4 "Mobile Node Detachment and Binding De-Registration" wants the anchor told that a mobile node is no longer
 * served here.
 * Chooses: a MAG that ends de-registers all its mobile nodes, and waits for at most a second for the answers.
 */
function farewell(runtime: NodeRuntime, mags: readonly { readonly machine: MagMachine }[]): void {
  if (mags.length === 0) return;
  runtime.clearBindings(undefined);
  runtime.settle();
  const end = readClock().instant + FAREWELL_MS;
  while (mags.some(({ machine }) => machine.snapshot().length > 0) && readClock().instant < end) runtime.round();
}

function summarize({ lmas, mags }: Assembly): string {
  const parts = [
    ...lmas.map(({ name, domain, addresses }) => `LMA ${name} of domain ${domain} at ${named(addresses)}`),
    ...mags.map(({ mag: { name, domain, addresses, interfaces } }) => {
      const links = interfaces.map((one) => (one.name === one.linkName ? one.name : `${one.name} (${one.linkName})`));
      return `MAG ${name} of domain ${domain} at ${named(addresses)}, access ${links.join(', ')}`;
    }),
  ];
  return parts.join('; ');
}

function named({ ipv6, ipv4 }: LmaConfig['addresses']): string {
  return [ipv6, ipv4].filter((address) => address !== undefined).join(' and ');
}
