import type { MacAddress } from '#base/mac-address.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import { SystemCallError } from '#host/posix.ts';
import { UnixDatagramSocket } from '#host/unix-datagram-socket.ts';
import type {
  AssociationChange,
  HostapdClientConfig,
  HostapdClientEvent,
  HostapdClientOutput,
} from '#proto/hostapd/index.ts';
import { HostapdClientMachine } from '#proto/hostapd/index.ts';
import type { LogOutput } from '#proto/peer.ts';
import { LONGEST_HOSTAPD_MESSAGE } from '#wire/hostapd-control.ts';

export interface AccessPointsEvents {
  association(client: HostapdClientConfig, change: AssociationChange, mac: MacAddress): void;
  /** Whether every access point behind the interface tells of its stations. */
  watched(interfaceName: string, watched: boolean): void;
  log(entry: LogOutput): void;
}

interface Client {
  readonly config: HostapdClientConfig;
  readonly machine: HostapdClientMachine;
  /** Tells our ends apart. */
  readonly number: number;
  /** Our end, in the file system. */
  readonly ownPath: string;
  socket: UnixDatagramSocket | undefined;
  watching: boolean;
}

/** The control sockets of the access points behind a node's access interfaces. */
export class AccessPoints {
  readonly #ownPrefix: string;
  readonly #loop: PollLoop;
  readonly #clock: () => ClockReading;
  readonly #events: AccessPointsEvents;
  #clients: readonly Client[] = [];

  /** Our ends of the sockets are files whose names begin with `ownPrefix`. */
  constructor(ownPrefix: string, loop: PollLoop, clock: () => ClockReading, events: AccessPointsEvents) {
    this.#ownPrefix = ownPrefix;
    this.#loop = loop;
    this.#clock = clock;
    this.#events = events;
  }

  /** Speaks to these access points, and to no others. Whoever hears the events may be new, and is told anew what is known. */
  configure(configs: readonly HostapdClientConfig[]): void {
    const before = this.#clients;
    const kept = before.filter(({ config }) => configs.some((wanted) => isSame(wanted, config)));
    for (const client of before) if (!kept.includes(client)) this.#close(client);
    const added = configs.filter((wanted) => !kept.some(({ config }) => isSame(wanted, config)));
    const free = numbersOutside(kept);
    const fresh = added.map((config) => this.#newClient(config, free.next().value));
    this.#clients = [...kept, ...fresh];
    const names = new Set([...before, ...fresh].map(({ config }) => config.interface));
    for (const name of names) this.#events.watched(name, this.#isWatched(name));
    for (const client of kept) this.#tell(client, { kind: 'list' });
    for (const client of fresh) this.#tell(client, { kind: 'start' });
  }

  /** The access interface has a carrier again: what is attached to it may be others than before. */
  list(interfaceName: string): void {
    for (const client of this.#clients) {
      if (client.config.interface === interfaceName) this.#tell(client, { kind: 'list' });
    }
  }

  expire(): void {
    const { instant } = this.#clock();
    for (const client of this.#clients) {
      const at = client.machine.nextTimeout();
      if (at !== undefined && at <= instant) this.#tell(client, { kind: 'timeout' });
    }
  }

  nextTimeout(): Instant | undefined {
    const all = this.#clients.flatMap(({ machine }) => machine.nextTimeout() ?? []);
    return all.length === 0 ? undefined : (Math.min(...all) as Instant);
  }

  /** For the operator: each access point with its state and counters. */
  snapshot(): Record<string, unknown>[] {
    return this.#clients.map(({ machine }) => ({ ...machine.snapshot(), statistics: { ...machine.stats } }));
  }

  close(): void {
    for (const client of this.#clients) this.#close(client);
  }

  #tell(client: Client, event: HostapdClientEvent): void {
    client.machine.handle(event, this.#clock());
    for (const output of client.machine.drain()) this.#perform(client, output);
  }

  #perform(client: Client, output: HostapdClientOutput): void {
    switch (output.kind) {
      case 'open':
        this.#open(client);
        break;
      case 'close':
        this.#close(client);
        break;
      case 'command':
        this.#attempt(client, (socket) => socket.send(output.text));
        break;
      case 'association':
        this.#events.association(client.config, output.change, output.mac);
        break;
      case 'watching':
        this.#watching(client, output.watching);
        break;
      case 'log':
        this.#events.log(output);
        break;
    }
  }

  #open(client: Client): void {
    try {
      const socket = new UnixDatagramSocket(client.ownPath, client.config.path, LONGEST_HOSTAPD_MESSAGE);
      client.socket = socket;
      this.#loop.watch(socket.fd, () => {
        this.#attempt(client, () => socket.receive((octets) => this.#tell(client, { kind: 'datagram', octets })));
      });
    } catch (error) {
      this.#tell(client, { kind: 'closed', reason: (error as Error).message });
      return;
    }
    this.#tell(client, { kind: 'opened' });
  }

  #close(client: Client): void {
    if (!client.socket) return;
    this.#loop.unwatch(client.socket.fd);
    client.socket.close();
    client.socket = undefined;
  }

  /** hostapd may have ended meanwhile. */
  #attempt(client: Client, action: (socket: UnixDatagramSocket) => void): void {
    if (!client.socket) return;
    try {
      action(client.socket);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      this.#tell(client, { kind: 'closed', reason: error.message });
    }
  }

  #watching(client: Client, watching: boolean): void {
    const name = client.config.interface;
    const before = this.#isWatched(name);
    client.watching = watching;
    if (this.#isWatched(name) !== before) this.#events.watched(name, !before);
  }

  /** Whether each access point behind the interface tells of its stations; false without any. */
  #isWatched(name: string): boolean {
    const behind = this.#clients.filter(({ config }) => config.interface === name);
    return behind.length > 0 && behind.every(({ watching }) => watching);
  }

  #newClient(config: HostapdClientConfig, number: number): Client {
    const machine = new HostapdClientMachine(config);
    return { config, machine, number, ownPath: `${this.#ownPrefix}${number}`, socket: undefined, watching: false };
  }
}

function isSame(a: HostapdClientConfig, b: HostapdClientConfig): boolean {
  return a.interface === b.interface && a.path === b.path;
}

function* numbersOutside(clients: readonly Client[]): Generator<number, never> {
  for (let number = 0; ; number++) if (!clients.some((client) => client.number === number)) yield number;
}
