import { hostname } from 'node:os';
import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { type Random, SeededRandom } from '#base/random.ts';
import type { Configuration, LogFacility } from '#config/index.ts';
import { parseConfiguration, printConfiguration, storeDefaults } from '#config/index.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { monotonicMilliseconds, readClock } from '#host/clock.ts';
import { InterfaceAddresses } from '#host/interface-addresses.ts';
import type { DomainView } from '#proto/aaa/domain-loader.ts';
import { AccessMachine } from '#proto/access/index.ts';
import { type LmaConfig, LmaMachine } from '#proto/lma/index.ts';
import { type MagConfig, MagMachine } from '#proto/mag/index.ts';
import type { LogOutput } from '#proto/peer.ts';
import type { OwnedRecords } from '#store/records.ts';
import { AaaDesk } from './aaa/aaa-desk.ts';
import { carryOut } from './aaa/client-requests.ts';
import { DomainDesk } from './aaa/domain-desk.ts';
import { effectiveText } from './aaa/domain-overlay.ts';
import type { AccountedQuestion, ClientRequest, FromRadius, ToRadius } from './aaa/radius-messages.ts';
import { takeAccounted } from './aaa/take-accounted.ts';
import { type Assembly, assemble, type MagAssembly, requireRunnable } from './assemble.ts';
import { followChanges } from './capture/follow.ts';
import { ClearedStats } from './cleared-stats.ts';
import { RequestError } from './control-protocol.ts';
import { NodeDataPlane } from './data-plane.ts';
import { PacketSamples } from './debug/packet-samples.ts';
import { DurableState, type StatePolicy } from './durable-state.ts';
import { availabilityOn, locateIn } from './host-availability.ts';
import { hostFacts } from './host-facts.ts';
import { addressed, addressedLinks } from './interface-addresses.ts';
import type { LogLimiter } from './log-limiter.ts';
import { NodeRuntime } from './node-runtime.ts';
import { hashPasswords } from './password-hash.ts';
import { exposures, logProtection } from './protection.ts';
import { NO_RECORDS, restore, restoreAll, tellUnclaimed } from './restore.ts';
import { explainStart } from './start-error.ts';
import { summarize } from './summary.ts';
import { Walks } from './walks.ts';
import type { NodeEnd, WorkerOptions } from './worker-protocol.ts';

/** How long the end of the daemon waits for de-registrations to be acknowledged. */
const FAREWELL_MS = 1000;

export interface LmaInstance {
  readonly config: LmaConfig;
  readonly machine: LmaMachine;
}

export interface MagInstance {
  readonly config: MagConfig;
  readonly machine: MagMachine;
  readonly access: AccessMachine;
}

export type NodeOptions = Pick<
  WorkerOptions,
  'configurationText' | 'dataPlane' | 'fileName' | 'seed' | 'socketPrefix' | 'stateDirectory' | 'version'
>;

/** Takes requests to RADIUS servers; their answers come by `answerRadius`. */
export type RadiusPost = (message: ToRadius) => void;

const noRadius: RadiusPost = () => {};

/** Starts a node. Throws `AssemblyError`, `DataPlaneError`, `StoreError` or `SystemCallError`; then nothing of it remains. */
export function startNode(options: NodeOptions, log: LogLimiter, radius: RadiusPost = noRadius): Node {
  return new Node(options, log, radius);
}

/** Everything of one node that lives in the packet worker. */
export class Node {
  readonly runtime: NodeRuntime;
  readonly dataPlane: NodeDataPlane;
  readonly state: DurableState;
  /** Of the program. */
  readonly version: string;
  readonly lmas: LmaInstance[] = [];
  readonly mags: MagInstance[] = [];
  /** As the operator typed it. */
  configuration: Configuration;
  /** What `show` counts from. */
  readonly cleared = new ClearedStats();
  /** What is told of the packets of interfaces. */
  readonly packetSamples: PacketSamples;
  /** Long lists that operators read. */
  readonly walks = new Walks();
  readonly #options: NodeOptions;
  readonly #random: Random;
  readonly #log: LogLimiter;
  readonly #domains: DomainDesk;
  readonly #aaa: AaaDesk;
  readonly #addresses = new InterfaceAddresses();
  #assembly: Assembly;
  /** What a run before has left of LMAs and MAGs that are not configured. */
  #unclaimed: OwnedRecords = NO_RECORDS;

  constructor(options: NodeOptions, log: LogLimiter, radius: RadiusPost) {
    this.#options = options;
    this.version = options.version;
    this.#random = new SeededRandom(options.seed);
    this.#log = log;
    this.configuration = parseConfiguration(options.configurationText).configuration;
    log.levels.configure(this.configuration.operators.logLevels);
    hashPasswords(this.configuration);
    let lastId = 0;
    const nextId = () => ++lastId;
    this.#domains = new DomainDesk({
      post: radius,
      nextId,
      log: (entry) => log.log('aaa', entry, readClock().instant),
      directory: options.stateDirectory,
    });
    const assembly = this.#assemble(this.configuration, options.configurationText);
    requireRunnable(assembly);
    for (const text of [...assembly.problems, ...assembly.waiting])
      this.#tell('configuration', 'warn', 'not-running', text);
    logProtection(assembly.configuration, log);
    this.#assembly = assembly;
    this.state = new DurableState(options.stateDirectory, policyOf(this.configuration), readClock(), log);
    this.lmas.push(...assembly.lmas.map((config) => this.#newLma(config)));
    this.mags.push(...assembly.mags.map((mag) => this.#newMag(mag)));
    try {
      this.dataPlane = new NodeDataPlane(assembly.forwarding, options.dataPlane);
      this.#tellDataPlane();
      this.#aaa = new AaaDesk(assembly.aaa, {
        post: radius,
        usage: (id) => this.dataPlane.counters(id, 'anchor'),
        run: readClock().utc.toString(36),
        nextId,
        domains: this.#domains,
      });
      this.#aaa.configure(assembly);
    } catch (error) {
      this.state.close(readClock());
      throw error;
    }
    try {
      this.runtime = this.#createRuntime(log);
      this.dataPlane.watch(this.runtime.loop, (name, frame) => this.runtime.links.frame(name, frame));
      this.packetSamples = new PacketSamples(
        this.runtime.loop,
        this.runtime.tracer.outlet,
        (...seen) => this.dataPlane.fateOf(...seen),
        readClock,
      );
      // What is restored is forwarded, and known to the access links, before anything is received or due.
      this.#unclaimed = restoreAll(this, this.state, readClock, ({ bindings }) => {
        this.runtime.settle();
        this.#aaa.restored(bindings);
      });
      this.state.begin(readClock());
      tellUnclaimed(this.#unclaimed, readClock(), log);
      this.runtime.settle();
      this.dataPlane.restored();
      this.#reportForwarding();
    } catch (error) {
      this.dataPlane.close(false);
      this.state.close(readClock());
      throw error;
    }
  }

  /** What of the configuration is not running, and why. */
  get problems(): readonly string[] {
    return [...this.#assembly.problems, ...this.#assembly.waiting];
  }

  /** What is in force: what the operator typed, with what AAA servers say of domains. */
  get effectiveConfiguration(): Configuration {
    return this.#assembly.configuration;
  }

  /** The same as text; keys are enciphered. */
  get effectiveText(): string {
    return effectiveText(this.configuration, this.#domains.settings);
  }

  /** Domains that are loaded from AAA, and how that stands. */
  get domainViews(): DomainView[] {
    return this.#domains.view(readClock());
  }

  /** Of each MAG, what its access links run with. */
  get accessLinks(): readonly MagAssembly[] {
    return this.#assembly.mags;
  }

  /** Octets of the largest packet of a mobile node. */
  get tunnelMtu(): number {
    return this.#assembly.forwarding.tunnelMtu;
  }

  /** The access lists on the tunnels. */
  get tunnelFilters(): NodeForwarding['tunnelFilters'] {
    return this.#assembly.forwarding.tunnelFilters;
  }

  /** The VRFs that are defined. */
  get vrfs(): NonNullable<NodeForwarding['vrfs']> {
    return this.#assembly.forwarding.vrfs ?? [];
  }

  /** One line: what runs. */
  get summary(): string {
    return summarize(this.#assembly);
  }

  /**
   * Puts another configuration into force: what is the same in both goes on undisturbed, bindings too. An LMA or MAG that is configured no
   * longer, or with another address, ends its bindings first. Returns what it means for the operator.
   * Throws `RequestError` (`refused`) when the text is wrong or the system refuses; then the former configuration holds.
   */
  reconfigure(text: string): string[] {
    const { configuration, diagnostics } = parseConfiguration(text);
    const wrong = diagnostics.find(({ severity }) => severity === 'error');
    if (wrong) throw new RequestError('refused', `line ${wrong.line}: ${wrong.message}`);
    hashPasswords(configuration);
    return this.#putIntoForce(configuration, text);
  }

  /** The outcome of a request that was posted, or a client's wish; carried out by the next round. */
  answerRadius(message: FromRadius): void {
    if (message.kind === 'accounted') {
      this.#takeAccounted(message);
      return;
    }
    if (message.kind !== 'answer') {
      this.#carryOut(message);
      return;
    }
    const found = this.#aaa.answer(message);
    if (found?.kind === 'profile') this.runtime.tellMag(found.mag, found.answer);
    else if (found?.kind === 'authorization') this.runtime.tellLma(found.lma, found.event);
    else if (found) this.#followDomains();
  }

  /** Does what is due by now and no message asks for. */
  review(): void {
    const now = readClock();
    this.packetSamples.refill(now);
    this.runtime.captures.review(now);
    this.dataPlane.review();
    this.#reportForwarding();
    if (this.walks.size > 0) this.walks.expire(monotonicMilliseconds());
  }

  /**
   * `for-good`: de-registers, takes forwarding down and closes everything. `restart`: bindings and forwarding stay for the next run, if it
   * will know of them. `keep`: they stay in any case.
   */
  stop(end: NodeEnd): void {
    const keeps = end === 'keep' || (end === 'restart' && this.state.isDurable);
    if (!keeps) {
      farewell(this.runtime, this.mags);
      this.#aaa.end();
    }
    this.packetSamples.clear();
    this.runtime.close();
    this.state.close(readClock());
    this.dataPlane.close(keeps);
    if (!keeps) this.#addresses.put([]);
  }

  /** Of bindings whose forwarding was put off. */
  #reportForwarding(): void {
    const failed = this.dataPlane.takeFailed();
    if (failed.length === 0) return;
    this.runtime.reportForwarding(failed);
    this.runtime.settle();
  }

  /** Throws as `reconfigure` does. */
  #putIntoForce(configuration: Configuration, text: string): string[] {
    const assembly = this.#assemble(configuration, text);
    const before = this.#assembly;
    const formerlyExposed = exposures(before.configuration);
    const formerlyOutside = this.dataPlane.outsidePools;
    const leaving = [...this.lmas, ...this.mags].filter(({ config }) => !staysIn(config, assembly));
    try {
      this.runtime.addAddresses(assembly.signalling.addresses);
    } catch (error) {
      this.#addresses.put(addressedLinks(this.configuration));
      throw new RequestError('refused', explainStart(error));
    }
    const ended = this.#endBindings(leaving);
    this.#aaa.configure(assembly);
    this.#configureStaying(assembly);
    this.runtime.settle();
    this.#changeDataPlane(before, assembly);
    this.#assembly = assembly;
    this.configuration = configuration;
    this.#log.levels.configure(configuration.operators.logLevels);
    replace(
      this.lmas,
      assembly.lmas.map((config) => kept(this.lmas, config) ?? this.#newLma(config)),
    );
    replace(
      this.mags,
      assembly.mags.map((mag) => kept(this.mags, mag.mag) ?? this.#newMag(mag)),
    );
    // Of those that are new here, and were not in a run before.
    this.#unclaimed = restore(this, this.#unclaimed, this.state.gap, readClock());
    this.state.configure(policyOf(configuration));
    this.runtime.configured(assembly);
    const exposed = exposures(assembly.configuration).filter((text) => !formerlyExposed.includes(text));
    return [
      ...ended,
      ...outsidePools(this.dataPlane.outsidePools - formerlyOutside),
      ...exposed,
      ...assembly.problems.filter((problem) => !before.problems.includes(problem)),
      ...assembly.waiting.filter((text) => !before.waiting.includes(text)),
    ];
  }

  #takeAccounted(question: AccountedQuestion): void {
    const result = takeAccounted(question, {
      trigger: this.#assembly.aaa.trigger,
      mags: this.mags,
      tell: (name, event) => this.runtime.tellAccess(name, event),
      notify: (mag, event) => this.runtime.journal.event(mag, event),
    });
    this.#aaa.taken(question.id, result);
  }

  #carryOut(request: ClientRequest): void {
    const refused = carryOut(request, {
      hostname: this.#assembly.hostname,
      lmas: this.lmas,
      mags: this.mags,
      accountingSession: (binding) => this.#aaa.accountingSession(binding),
      gatewaySession: (mag, mac) => this.#aaa.gatewaySession(mag, mac),
      end: (node, selection) => this.runtime.tellNodes([node], { kind: 'clear-bindings', ...selection }),
      change: ({ config }, mac, change) => this.runtime.tellMag(config.name, { kind: 'change', mac, change }),
      changeAnchored: ({ config }, selection, change) =>
        this.runtime.tellLma(config.name, { kind: 'change', selection, change }),
    });
    this.runtime.settle();
    this.#aaa.carriedOut(request.id, refused);
  }

  /** What an AAA server says of a domain has changed: the difference is put into force. */
  #followDomains(): void {
    try {
      for (const text of this.#putIntoForce(this.configuration, printConfiguration(this.configuration)))
        this.#tell('aaa', 'info', 'domain-loaded', text);
    } catch (error) {
      const text = `what the AAA server says of a domain cannot be put into force: ${(error as Error).message}`;
      this.#tell('aaa', 'error', 'domain-refused', text);
    }
  }

  #tellDataPlane(): void {
    const { kind, reason } = this.dataPlane;
    if (kind === 'ebpf') return;
    const text = 'packets are forwarded in user space, by this process, and not while it does not run';
    if (reason === undefined) this.#tell('dataplane', 'info', 'user-data-plane', text);
    else this.#tell('dataplane', 'warn', 'user-data-plane', `${text}: ${reason}`);
  }

  #tell(facility: LogFacility, level: LogOutput['level'], code: string, text: string): void {
    this.#log.log(facility, { kind: 'log', level, code, text, fields: {} }, readClock().instant);
  }

  #assemble(configuration: Configuration, text: string): Assembly {
    const locate = locateIn(text, this.#options.fileName);
    const running = [...this.lmas, ...this.mags].map(({ config }) => config);
    const loaded = { settings: this.#domains.settings, running };
    const run = () => assemble(configuration, hostname(), availabilityOn(hostFacts, locate), loaded);
    return addressed(this.#addresses, configuration, run);
  }

  #newLma(config: LmaConfig): LmaInstance {
    return { config, machine: new LmaMachine(config, this.state.restartCounter, this.#random) };
  }

  #newMag({ mag, access }: MagAssembly): MagInstance {
    return {
      config: mag,
      machine: new MagMachine(mag, this.#random, this.state.restartCounter),
      access: new AccessMachine(access, this.#random),
    };
  }

  #createRuntime(log: LogLimiter): NodeRuntime {
    const { dataPlane } = this;
    return new NodeRuntime({
      assembly: this.#assembly,
      lmas: this.lmas,
      mags: this.mags,
      store: this.state,
      forward: (changes) => {
        const failed = dataPlane.apply(changes);
        if (this.runtime.captures.followsData) {
          this.runtime.journal.guard('capture', () => followChanges(this, changes));
        }
        return failed;
      },
      forwardHeld: (name, mac, packet) => dataPlane.forwardHeld(name, mac, packet),
      accessFilter: () => dataPlane.accessFilter,
      renewForwarding: () => dataPlane.renew(),
      takePathMtus: () => dataPlane.takePathMtus(),
      aaa: this.#aaa,
      log,
      socketPrefix: this.#options.socketPrefix,
    });
  }

  #endBindings(leaving: readonly (LmaInstance | MagInstance)[]): string[] {
    return leaving.flatMap(({ config, machine }) => {
      const count = machine.bindingCount;
      machine.handle({ kind: 'clear-bindings' }, readClock());
      return count === 0 ? [] : [`${count} ${count === 1 ? 'binding' : 'bindings'} of ${config.name} ended`];
    });
  }

  #configureStaying(assembly: Assembly): void {
    const now = readClock();
    for (const [index, { machine, config }] of this.lmas.entries()) {
      const next = assembly.lmas.find((lma) => lma.name === config.name);
      if (!next || !staysIn(config, assembly)) continue;
      machine.handle({ kind: 'configure', config: next }, now);
      this.lmas[index] = { machine, config: next };
    }
    for (const [index, { machine, access, config }] of this.mags.entries()) {
      const next = assembly.mags.find(({ mag }) => mag.name === config.name);
      if (!next || !staysIn(config, assembly)) continue;
      machine.handle({ kind: 'configure', config: next.mag }, now);
      access.handle({ kind: 'configure', config: next.access }, now);
      this.mags[index] = { machine, access, config: next.mag };
    }
  }

  #changeDataPlane(before: Assembly, after: Assembly): void {
    try {
      this.runtime.reportForwarding(this.dataPlane.reconfigure(after.forwarding));
    } catch (error) {
      this.runtime.reportForwarding(this.dataPlane.reconfigure(before.forwarding));
      this.#configureStaying(before);
      throw new RequestError('refused', explainStart(error));
    }
  }
}

function outsidePools(count: number): string[] {
  if (count <= 0) return [];
  const which = count === 1 ? 'binding keeps its address, which is' : 'bindings keep their addresses, which are';
  return [`${count} ${which} of no pool any more`];
}

function policyOf({ storeWindow, storeContinueOnFailure }: Configuration): StatePolicy {
  return { window: storeWindow ?? storeDefaults.window, onFailure: storeContinueOnFailure ? 'memory' : 'withhold' };
}

/** Whether an LMA or MAG is there afterwards too, at the same addresses. */
function staysIn(config: LmaConfig | MagConfig, { lmas, mags }: Assembly): boolean {
  const others = 'pools' in config ? lmas : mags.map(({ mag }) => mag);
  return others.some(({ name, domain, addresses }) => {
    const same =
      sameOrAbsent(addresses.ipv6, config.addresses.ipv6) && sameOrAbsent(addresses.ipv4, config.addresses.ipv4);
    return name === config.name && domain === config.domain && same;
  });
}

function sameOrAbsent(a: IpAddress | undefined, b: IpAddress | undefined): boolean {
  return a === undefined ? b === undefined : sameAddress(a, b);
}

/** The instance that runs with that very configuration. */
function kept<Instance extends { readonly config: object }>(instances: readonly Instance[], config: object) {
  return instances.find((instance) => instance.config === config);
}

function replace<Entry>(list: Entry[], entries: readonly Entry[]): void {
  list.splice(0, list.length, ...entries);
}

/** A MAG that ends de-registers all its mobile nodes, and waits for at most a second for the answers. */
function farewell(runtime: NodeRuntime, mags: readonly { readonly machine: MagMachine }[]): void {
  if (mags.length === 0) return;
  runtime.stopGateways();
  runtime.settle();
  const end = readClock().instant + FAREWELL_MS;
  while (mags.some(({ machine }) => machine.bindingCount > 0) && readClock().instant < end) runtime.round();
}
