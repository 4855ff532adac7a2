import type { LinkState } from '#host/link-monitor.ts';
import { LinkMonitor } from '#host/link-monitor.ts';
import { PacketSocket } from '#host/packet-socket.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import { SystemCallError } from '#host/posix.ts';

/** One access interface of the configuration. */
export interface AccessLinkName {
  /** The IOS name. */
  readonly name: string;
  /** The Linux name. */
  readonly linkName: string;
}

export interface AccessLinksEvents {
  /** `frame` is only valid during the call. */
  frame(name: string, frame: Uint8Array): void;
  link(name: string, up: boolean): void;
  /** Octets of a packet that fits the link. */
  mtu(name: string, mtu: number): void;
  /** The Linux interface is there under a new index: what was attached to the old one is gone. Called before its socket is opened. */
  replaced(name: string): void;
}

interface AccessLink extends AccessLinkName {
  socket: PacketSocket | undefined;
  /** Undefined until the first report. */
  up: boolean | undefined;
  mtu: number | undefined;
  /** Of the interface that was served last. */
  interfaceIndex: number | undefined;
}

/** The packet sockets of the access interfaces, kept in step with interfaces that go down, away and come back. */
export class AccessLinks {
  readonly #loop: PollLoop;
  readonly #filter: () => number | undefined;
  readonly #events: AccessLinksEvents;
  readonly #monitor: LinkMonitor;
  #links: AccessLink[] = [];
  /** Frames for an interface that is not there. */
  notSent = 0;

  /** `filter` gives the descriptor of the data plane's socket filter. Throws `SystemCallError` when an interface cannot be used. */
  constructor(
    names: readonly AccessLinkName[],
    loop: PollLoop,
    filter: () => number | undefined,
    events: AccessLinksEvents,
  ) {
    this.#loop = loop;
    this.#filter = filter;
    this.#events = events;
    this.#links = names.map(newLink);
    for (const link of this.#links) this.#open(link);
    this.#monitor = new LinkMonitor();
    loop.watch(this.#monitor.fd, () => {
      for (const state of this.#monitor.read()) this.#follow(state);
    });
  }

  /** Serves these interfaces from now on, and no others. The filter may be another one, so every socket is opened anew. */
  configure(names: readonly AccessLinkName[]): void {
    for (const link of this.#links) this.#close(link);
    this.#links = names.map((name) => {
      const same = (link: AccessLinkName) => link.name === name.name && link.linkName === name.linkName;
      return this.#links.find(same) ?? newLink(name);
    });
    for (const link of this.#links) this.#tryOpen(link);
    this.#monitor.refresh();
  }

  queue(name: string, frame: Uint8Array): void {
    const socket = this.#links.find((link) => link.name === name)?.socket;
    if (socket) socket.queue(frame);
    else this.notSent++;
  }

  flush(): void {
    for (const { socket } of this.#links) socket?.flush();
  }

  /** For the operator: each interface with its state and counters. */
  snapshot(): Record<string, unknown>[] {
    return this.#links.map(({ name, linkName, up, socket }) => ({
      interface: name,
      link: linkName,
      up: up ?? false,
      ...(socket?.counters ?? { received: 0, sent: 0, tooLong: 0, sendFailed: 0 }),
    }));
  }

  close(): void {
    for (const link of this.#links) this.#close(link);
    this.#loop.unwatch(this.#monitor.fd);
    this.#monitor.close();
  }

  /** One that came in there and was heard by the data plane; only valid during the call. */
  frame(name: string, frame: Uint8Array): void {
    this.#events.frame(name, frame);
  }

  #follow(state: LinkState): void {
    for (const link of this.#links) {
      if (link.linkName === state.name) this.#update(link, state);
      else if (link.socket?.interfaceIndex === state.interfaceIndex && state.present) this.#lost(link); // it was renamed
    }
  }

  #update(link: AccessLink, state: LinkState): void {
    if (!state.present) {
      if (link.interfaceIndex === state.interfaceIndex) this.#lost(link);
      return;
    }
    if (link.socket?.interfaceIndex !== state.interfaceIndex) {
      const isNew = link.interfaceIndex !== state.interfaceIndex;
      this.#lost(link);
      if (isNew) this.#renew(link);
      this.#tryOpen(link);
    }
    if (link.mtu !== state.mtu) {
      link.mtu = state.mtu;
      this.#events.mtu(link.name, state.mtu);
    }
    this.#setUp(link, state.up && link.socket !== undefined);
  }

  /** The filter may be another one afterwards, so the sockets that have it are opened anew. */
  #renew(link: AccessLink): void {
    this.#events.replaced(link.name);
    for (const other of this.#links) {
      if (!other.socket) continue;
      this.#close(other);
      this.#tryOpen(other);
    }
  }

  #lost(link: AccessLink): void {
    this.#close(link);
    this.#setUp(link, false);
  }

  #setUp(link: AccessLink, up: boolean): void {
    if (link.up === up) return;
    link.up = up;
    this.#events.link(link.name, up);
  }

  /** The interface may be gone again by now; the monitor then has more to tell. */
  #tryOpen(link: AccessLink): void {
    try {
      this.#open(link);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
    }
  }

  #open(link: AccessLink): void {
    const socket = new PacketSocket(link.linkName, this.#filter());
    link.socket = socket;
    link.interfaceIndex = socket.interfaceIndex;
    this.#loop.watch(socket.fd, () => {
      try {
        socket.receive((frame) => this.#events.frame(link.name, frame));
      } catch (error) {
        if (!(error instanceof SystemCallError)) throw error;
        this.#lost(link);
      }
    });
  }

  #close(link: AccessLink): void {
    if (!link.socket) return;
    this.#loop.unwatch(link.socket.fd);
    link.socket.close();
    link.socket = undefined;
  }
}

function newLink(name: AccessLinkName): AccessLink {
  return { ...name, socket: undefined, up: undefined, mtu: undefined, interfaceIndex: undefined };
}
