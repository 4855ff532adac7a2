import type { Socket } from 'node:net';
import { monotonicMilliseconds } from '#host/clock.ts';
import { PatternCheck, patternAt } from './pattern.ts';
import { type Family, type StreamResult, tcpOctetsPerTick } from './protocol.ts';

/** One end of a TCP connection that carries the test stream both ways, each way at its own pace. */
export class TcpStream {
  readonly #socket: Socket;
  readonly #family: Family;
  readonly #check = new PatternCheck();
  readonly #peerEnded: Promise<void>;
  #sent = 0;
  #lastData = monotonicMilliseconds();
  #longestStall = 0;
  #error: string | undefined;

  constructor(socket: Socket, family: Family) {
    this.#socket = socket;
    this.#family = family;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.#receive(data));
    socket.on('error', (error) => {
      this.#error ??= error.message;
    });
    this.#peerEnded = new Promise((resolve) => {
      socket.on('end', resolve);
      socket.on('close', resolve);
    });
  }

  /** Sends the next piece, unless TCP still holds much of the earlier ones. */
  tick(): void {
    if (!this.#socket.writable || this.#socket.writableLength > 64 * tcpOctetsPerTick) return;
    this.#socket.write(patternAt(this.#sent, tcpOctetsPerTick));
    this.#sent += tcpOctetsPerTick;
  }

  /** Ends this end's stream and waits, at most `milliseconds`, for the other's end. */
  async finish(milliseconds: number): Promise<void> {
    this.#socket.end();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#peerEnded, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
    clearTimeout(timer);
  }

  result(): StreamResult {
    const error = this.#error;
    return {
      family: this.#family,
      alive: error === undefined,
      sentOctets: this.#sent,
      receivedOctets: this.#check.received,
      intact: this.#check.intact,
      longestStall: this.#longestStall,
      ...(error === undefined ? {} : { error }),
    };
  }

  #receive(data: Buffer): void {
    const now = monotonicMilliseconds();
    if (this.#check.received > 0) this.#longestStall = Math.max(this.#longestStall, now - this.#lastData);
    this.#lastData = now;
    this.#check.add(data);
  }
}
