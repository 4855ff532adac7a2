import type { Socket } from 'node:net';

/** Of IOS's user mode, which looks, and privileged mode, which may do everything. */
export type Privilege = 'user' | 'privileged';

/** Octets that a client may leave unread before it is told no more than answers. */
const UNREAD_MAXIMUM = 262_144;

/** One client of the control socket, as long as it stays. */
export class ControlConnection {
  privilege: Privilege;
  /** The operating system's permissions let it in as one who may do everything. */
  readonly trusted: boolean;
  readonly #socket: Socket;

  constructor(socket: Socket, privilege: Privilege, idleMs: number) {
    this.privilege = privilege;
    this.trusted = privilege === 'privileged';
    this.#socket = socket;
    socket.setTimeout(idleMs, () => socket.destroy());
  }

  /** A terminal, which may be silent for long. */
  keepOpen(): void {
    this.#socket.setTimeout(0);
  }

  /** Sends a line that answers no request; `false`, and nothing, when the client does not read what it is sent. */
  push(event: unknown): boolean {
    if (!this.#socket.writable || this.#socket.writableLength > UNREAD_MAXIMUM) return false;
    this.write(event);
    return true;
  }

  write(reply: unknown): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(reply)}\n`);
  }

  onEnd(action: () => void): void {
    this.#socket.once('close', action);
  }
}
