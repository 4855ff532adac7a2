import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPair } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import type { SshSettings } from '#cli/ssh/settings.ts';
import {
  DEFAULT_SSH_PORT,
  DEFAULT_SSH_RETRIES,
  DEFAULT_SSH_TIMEOUT_SECONDS,
  type OperatorsConfiguration,
} from '#config/index.ts';
import { replaceFile } from '#host/replace-file.ts';
import { RequestError } from './control-protocol.ts';
import { type ControlHandler, type ControlServer, serveControl } from './control-server.ts';

const DEFAULT_BITS = 3072;
const BITS = [2048, 3072, 4096];
/** nobody and nogroup, the same on every Linux. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const RESTART_MS = 2000;
/** How long a process that is told to end may take. */
const FAREWELL_MS = 2000;

const newKeyPair = promisify(generateKeyPair);

interface Running {
  readonly settings: string;
  readonly control: ControlServer;
  readonly child: ChildProcess;
}

export interface SshParts {
  /** Of the host key; made when it is needed first, and kept. */
  readonly keyFile: string;
  /** Of the control socket that the process of SSH uses. */
  readonly controlPath: string;
  readonly handle: ControlHandler;
  readonly log: Logger;
}

/** Runs the process that serves SSH, as long as the configuration lets operators come that way. */
export class SshService {
  readonly #parts: SshParts;
  #wanted: OperatorsConfiguration | undefined;
  #running: Running | undefined;
  /** One change after the other. */
  #changing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: SshParts) {
    this.#parts = parts;
  }

  /** `undefined`: nobody may come. Resolves when it is so, or when the log says why not. */
  configure(operators: OperatorsConfiguration | undefined): Promise<void> {
    this.#wanted = operators;
    this.#changing = this.#changing.then(() => this.#change()).catch((error: Error) => this.#failed(error));
    return this.#changing;
  }

  /** `crypto key generate rsa`: throws `RequestError`. */
  async generateKey(bits: unknown = DEFAULT_BITS): Promise<{ readonly bits: number }> {
    if (typeof bits !== 'number' || !BITS.includes(bits))
      throw new RequestError('bad-request', `a key has ${BITS.join(', ')} bits`);
    await this.#makeKey(bits);
    await this.#restart();
    return { bits };
  }

  async zeroizeKey(): Promise<void> {
    rmSync(this.#parts.keyFile, { force: true });
    await this.#restart();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#changing;
    await this.#stop();
  }

  #restart(): Promise<void> {
    this.#changing = this.#changing.then(() => this.#stop());
    return this.#wanted ? this.configure(this.#wanted) : this.#changing;
  }

  async #change(): Promise<void> {
    const wanted = this.#wanted;
    if (this.#closed || !wanted) return this.#stop();
    const { port = DEFAULT_SSH_PORT } = wanted.ssh;
    const settings: SshSettings = {
      hostKey: await this.#hostKey(),
      controlPath: this.#parts.controlPath,
      ...(process.geteuid?.() === 0 && { user: NOBODY }),
      lines: (wanted.vty?.last ?? 0) - (wanted.vty?.first ?? 0) + 1,
      loginSeconds: (wanted.ssh.timeOut ?? DEFAULT_SSH_TIMEOUT_SECONDS * 1000) / 1000,
      retries: wanted.ssh.retries ?? DEFAULT_SSH_RETRIES,
    };
    const text = JSON.stringify([port, settings]);
    if (this.#running?.settings === text) return;
    await this.#stop();
    const listener = await listen(port);
    const control = await serveControl(this.#parts.controlPath, this.#parts.handle, 'user');
    if (settings.user) chownSync(this.#parts.controlPath, settings.user.uid, settings.user.gid);
    const child = fork(new URL('../cli/ssh/server-process.ts', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const running: Running = { settings: text, control, child };
    // The child accepts, and nobody here.
    child.send(settings, listener, () => listener.close());
    child.once('exit', (status, signal) => this.#ended(running, signal ?? status));
    this.#running = running;
    this.#parts.log.info({ code: 'ssh-started', port }, `operators can log in by SSH at port ${port}`);
  }

  /** Resolves when the process has ended: the port is its own until then. */
  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const { control, child } = running;
    control.close();
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      if (child.connected) child.disconnect();
      const patience = setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS);
      await exit;
      clearTimeout(patience);
    }
    this.#parts.log.info({ code: 'ssh-stopped' }, 'SSH is not served any more');
  }

  /** Not by our wish: it is begun again. */
  #ended(running: Running, how: number | string | null): void {
    if (this.#running !== running) return;
    this.#parts.log.error({ code: 'ssh-failed' }, `the process that serves SSH ended (${how}); it is started again`);
    void this.#stop();
    setTimeout(() => void (this.#wanted && this.configure(this.#wanted)), RESTART_MS).unref();
  }

  #failed(error: Error): void {
    this.#parts.log.error({ code: 'ssh-failed' }, `SSH cannot be served: ${error.message}`);
  }

  async #hostKey(): Promise<string> {
    const { keyFile } = this.#parts;
    if (!existsSync(keyFile)) await this.#makeKey(DEFAULT_BITS);
    return readFileSync(keyFile, 'utf8');
  }

  async #makeKey(bits: number): Promise<void> {
    const { keyFile, log } = this.#parts;
    const { privateKey } = await newKeyPair('rsa', {
      modulusLength: bits,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    try {
      replaceFile(keyFile, privateKey);
    } catch (error) {
      throw new RequestError('refused', `cannot write ${keyFile}: ${(error as Error).message}`);
    }
    log.info({ code: 'ssh-key', file: keyFile, bits }, `a host key for SSH was made: ${keyFile}`);
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true });
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}
