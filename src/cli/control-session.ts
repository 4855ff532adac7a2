import { createConnection, type Socket } from 'node:net';
import type { ControlReply, ControlRequest } from '#daemon/control-protocol.ts';
import type { MonitorEvent } from '#daemon/monitor.ts';
import { ControlError, connectionError } from './control-client.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to the daemon that stays: requests are answered in their order, and what is watched comes in between. */
export class ControlSession {
  /** Called with what `terminal monitor` brings. */
  onEvent: (event: MonitorEvent) => void = () => {};
  /** Called once when the connection ends, wished or not. */
  onEnd: () => void = () => {};
  readonly #socket: Socket;
  readonly #path: string;
  readonly #waiting: Waiting[] = [];
  #pending = '';
  #failure: Error | undefined;

  /** Rejects with `ControlError`. */
  static open(path: string): Promise<ControlSession> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      socket.once('error', (error) => reject(connectionError(path, error)));
      socket.once('connect', () => resolve(new ControlSession(socket, path)));
    });
  }

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#path = path;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#fail(connectionError(path, error)));
    socket.on('close', () => {
      this.#fail(new ControlError('no-answer', `the daemon at ${path} closed the connection`));
      this.onEnd();
    });
  }

  /** Resolves to the `result` of the reply. Rejects with `ControlError`. */
  ask(request: ControlRequest): Promise<unknown> {
    const failure = this.#failure;
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() as string;
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    let message: ControlReply | MonitorEvent;
    try {
      message = JSON.parse(line) as ControlReply | MonitorEvent;
    } catch {
      this.#socket.destroy();
      this.#fail(new ControlError('bad-reply', `what answers at ${this.#path} is not a Mooring daemon`));
      return;
    }
    if ('monitor' in message) {
      this.onEvent(message);
      return;
    }
    const waiting = this.#waiting.shift();
    if (message.ok) waiting?.resolve(message.result);
    else waiting?.reject(new ControlError(message.error.code, message.error.message));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
