import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMilliseconds } from '#host/clock.ts';
import { AccessPointControl } from './access-point.ts';
import { AirSwitch } from './air.ts';
import { controlPath, Daemons, daemonNodes } from './daemons.ts';
import { type DhcpClientName, newDhcpClient } from './dhcp-client.ts';
import { GatewayObserver } from './gateway-observer.ts';
import { type Impairment, startImpairedLinks } from './impaired-links.ts';
import { LabError } from './lab-error.ts';
import { MobileNode } from './mobile-node.ts';
import { configureNodes, createNamespaces, deleteNamespaces, namespacePath } from './namespaces.ts';
import { Processes } from './processes.ts';
import { checkFree, readRegistration, register, unregister } from './registration.ts';
import { SignallingLog } from './signalling-log.ts';
import { type AccessPoint, accessPoints, anchorAddress, type Gateway, gatewayOf } from './topology.ts';

export interface LabOptions {
  /** Starts the names of everything the lab makes. */
  readonly prefix: string;
  /** Runs the configurations with IPv4 service only. */
  readonly ipv4Only: boolean;
  /** Of the mobile node. */
  readonly dhcpClient: DhcpClientName;
  readonly impairment: Impairment | undefined;
  readonly onProgress: (text: string) => void;
}

/** Namespaces, daemons and instruments of one lab, from `start` to `stop`. */
export class Lab {
  readonly options: LabOptions;
  readonly directory: string;
  readonly processes: Processes;
  readonly daemons: Daemons;
  readonly mobileNode: MobileNode;
  readonly signalling = new SignallingLog();
  readonly #observers = new Map<Gateway, GatewayObserver>();
  readonly #accessPoints = new Map<AccessPoint, AccessPointControl>();
  #air: AirSwitch | undefined;
  #at: AccessPoint = 'ap1';

  private constructor(options: LabOptions) {
    this.options = options;
    this.directory = mkdtempSync(join(tmpdir(), `mooring-${options.prefix}-`));
    this.processes = new Processes(options.prefix);
    this.daemons = new Daemons(options.prefix, this.processes, this.directory);
    const dhcp = newDhcpClient(options.dhcpClient, this.processes, this.directory);
    this.mobileNode = new MobileNode(options.prefix, dhcp);
  }

  /**
   * Builds the lab and starts its daemons; what an earlier lab of this prefix left behind is removed first.
   * `onCreated` gets the lab before anything is built, so that an interruption can end it. Rejects with `LabError`; nothing is left then.
   */
  static async start(options: LabOptions, onCreated: (lab: Lab) => void = () => {}): Promise<Lab> {
    if (process.getuid?.() !== 0)
      throw new LabError('not-root', 'the lab needs root, for network namespaces and raw sockets');
    removeLeftovers(options.prefix);
    const lab = new Lab(options);
    register(options.prefix, lab.directory, false);
    onCreated(lab);
    try {
      await lab.#build();
      return lab;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** The access point that the mobile node is at, and its gateway. */
  get accessPoint(): AccessPoint {
    return this.#at;
  }

  get gateway(): Gateway {
    return gatewayOf[this.#at];
  }

  observer(gateway: Gateway): GatewayObserver {
    return this.#observers.get(gateway) as GatewayObserver;
  }

  control(accessPoint: AccessPoint): AccessPointControl {
    return this.#accessPoints.get(accessPoint) as AccessPointControl;
  }

  /** Moves the mobile node to an access point, which announces it before it lets it send, as they do; says when, in milliseconds of CLOCK_MONOTONIC. */
  moveTo(accessPoint: AccessPoint): number {
    const control = this.control(accessPoint);
    this.#observers.get(gatewayOf[accessPoint])?.begin();
    this.#at = accessPoint;
    const at = monotonicMilliseconds();
    control.announceStation();
    this.#air?.choose(accessPoint);
    return at;
  }

  /** Brings the mobile node's link up at an access point: the first attachment. */
  associate(accessPoint: AccessPoint): void {
    this.#observers.get(gatewayOf[accessPoint])?.begin();
    this.#at = accessPoint;
    this.#air?.choose(accessPoint);
    this.mobileNode.linkUp();
    this.control(accessPoint).announceStation();
  }

  /** Starts one of the traffic processes. */
  startTraffic(node: 'mn' | 'cn'): ChildProcess {
    const script = node === 'mn' ? 'src/lab/traffic/mobile-node.ts' : 'src/lab/traffic/correspondent.ts';
    return this.processes.startScript(node, script, {
      ipc: true,
      logFile: join(this.directory, `traffic-${node}.log`),
    });
  }

  /** Looks at no link any more: for a lab that runs for hours, of which nothing is measured. */
  stopObserving(): void {
    for (const observer of this.#observers.values()) observer.close();
    this.#observers.clear();
  }

  /** Leaves everything running but this process's own instruments. */
  keep(): void {
    this.#closeInstruments();
    this.processes.release();
    register(this.options.prefix, this.directory, true);
  }

  /** Ends the processes and removes every namespace, map, socket and file of the lab. */
  async stop(): Promise<void> {
    this.#closeInstruments();
    await this.processes.endAll();
    sweep(this.options.prefix, this.directory);
  }

  /** `stop` in one go, for when there is no time for asking: a crash, or a second Ctrl-C. */
  stopNow(): void {
    this.processes.killAll();
    sweep(this.options.prefix, this.directory);
  }

  async #build(): Promise<void> {
    const { prefix, onProgress, ipv4Only, impairment } = this.options;
    onProgress('namespaces and links');
    createNamespaces(prefix, impairment !== undefined);
    if (impairment) await startImpairedLinks(prefix, this.processes, impairment);
    configureNodes(prefix);
    this.#air = new AirSwitch(namespacePath(prefix, 'air'));
    for (const accessPoint of accessPoints) {
      this.#accessPoints.set(accessPoint, new AccessPointControl(prefix, accessPoint));
      const gateway = gatewayOf[accessPoint];
      this.#observers.set(gateway, new GatewayObserver(gateway, namespacePath(prefix, gateway), this.signalling));
    }
    onProgress('mooring run on lma, mag1 and mag2');
    await Promise.all([this.daemons.startAll(ipv4Only), this.#checkTransport()]);
  }

  /** The routers of a network that runs know each other's link-layer addresses: a handover is not to wait for that. */
  async #checkTransport(): Promise<void> {
    await Promise.all(
      Object.values(gatewayOf).map(async (gateway) => {
        const { status, output } = await this.processes.run(gateway, 'ping', '-n', '-c', '1', '-W', '5', anchorAddress);
        if (status !== 0) throw new LabError('no-transport', `${gateway} does not reach the anchor:\n${output}`);
      }),
    );
  }

  #closeInstruments(): void {
    this.stopObserving();
    for (const control of this.#accessPoints.values()) control.close();
    this.#accessPoints.clear();
    this.#air?.close();
    this.#air = undefined;
  }
}

/** Removes what is left of a lab that was killed or crashed. Throws `LabError` when it is running or was kept. */
export function removeLeftovers(prefix: string): void {
  checkFree(prefix);
  sweep(prefix, readRegistration(prefix)?.directory);
}

/** Removes a lab that `--keep` left. Says whether there was one. Throws `LabError` when it is running. */
export function takeDown(prefix: string): boolean {
  const earlier = readRegistration(prefix);
  if (earlier && !earlier.kept) checkFree(prefix);
  return sweep(prefix, earlier?.directory) || earlier !== undefined;
}

function sweep(prefix: string, directory: string | undefined): boolean {
  const found = deleteNamespaces(prefix);
  for (const node of daemonNodes) rmSync(controlPath(prefix, node), { force: true });
  if (directory?.includes(`mooring-${prefix}-`)) rmSync(directory, { recursive: true, force: true });
  unregister(prefix);
  return found;
}
