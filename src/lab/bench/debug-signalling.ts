import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inNetworkNamespace } from '#host/netns.ts';
import { MooringProcess } from '../mooring-process.ts';
import { type Debugging, DebugTerminal } from './debug-terminal.ts';
import { ANCHOR, GATEWAYS, Gateways } from './http-gateways.ts';

const SPELL_MS = 2000;
const HANDOVERS_PER_SECOND = 200;

const CONFIGURATION = `
ipv6 local pool V6 2001:db8:8000::/40 64
ipv6 mobile pmipv6-domain D
  no replay-protection timestamp
  nai anyone
    service ipv6
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${ANCHOR}
  dynamic mag learning
  default profile anyone
  network N
    pool ipv6 V6 pfxlen 40
`;

/** An LMA whose MAGs, in this process, refresh and move their mobile nodes as fast as it answers. */
export class DebugSignalling {
  readonly #namespace: string;
  readonly #directory: string;
  readonly #lma: MooringProcess;
  readonly #terminal: DebugTerminal;
  readonly #gateways: Gateways;

  /** Rejects with `LabError`. */
  static async open(prefix: string, bindings: number): Promise<DebugSignalling> {
    const namespace = `${prefix}-load`;
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const address of [ANCHOR, ...GATEWAYS])
      ip('-n', namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
    const directory = mkdtempSync(join(tmpdir(), 'mooring-debug-'));
    const file = join(directory, 'lma.cfg');
    writeFileSync(file, CONFIGURATION);
    const control = join(directory, 'lma.sock');
    const lma = await MooringProcess.start({ namespace, file, control, state: 'memory' });
    const gateways = inNetworkNamespace(`/run/netns/${namespace}`, () => new Gateways(bindings));
    await gateways.registerAll();
    return new DebugSignalling(namespace, directory, lma, gateways, await DebugTerminal.open(control));
  }

  private constructor(
    namespace: string,
    directory: string,
    lma: MooringProcess,
    gateways: Gateways,
    terminal: DebugTerminal,
  ) {
    this.#namespace = namespace;
    this.#directory = directory;
    this.#lma = lma;
    this.#gateways = gateways;
    this.#terminal = terminal;
  }

  /** Lines that the terminal was told. */
  get told(): number {
    return this.#terminal.told;
  }

  /** Lines that it was not told, as it heard. */
  get dropped(): number {
    return this.#terminal.dropped;
  }

  /** Proxy Binding Updates that are answered in a second. Rejects with `LabError`. */
  async rate(debugging: Debugging): Promise<number> {
    await this.#terminal.debug(debugging);
    return this.#gateways.load(SPELL_MS, HANDOVERS_PER_SECOND);
  }

  async close(): Promise<void> {
    this.#terminal.close();
    this.#gateways.close();
    await this.#lma.end('SIGKILL');
    ip('netns', 'delete', this.#namespace);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
