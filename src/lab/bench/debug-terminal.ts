import { ControlSession } from '#cli/control-session.ts';

/** What is switched on for a measurement. */
export interface Debugging {
  readonly name: string;
  readonly flags: readonly string[];
  /** `debug ip cef packet` of one of the node's interfaces and one way, or of all both ways, with this rate. */
  readonly packets?: { readonly of: 'one' | 'all'; readonly rate: number };
  /** A terminal reads all of it. */
  readonly watched?: true;
}

/** An operator at a daemon, who debugs. */
export class DebugTerminal {
  /** Lines that were told, and lines that were not, as was told too. */
  told = 0;
  dropped = 0;
  readonly #control: ControlSession;
  readonly #interfaces: readonly string[];

  /** `interfaces`: of the daemon, whose packets may be debugged. Rejects with `ControlError`. */
  static async open(path: string, interfaces: readonly string[] = []): Promise<DebugTerminal> {
    return new DebugTerminal(await ControlSession.open(path), interfaces);
  }

  private constructor(control: ControlSession, interfaces: readonly string[]) {
    this.#control = control;
    this.#interfaces = interfaces;
    control.onEvent = (event) => {
      if (event.monitor === 'line') this.told++;
      else this.dropped += event.count;
    };
  }

  /** Ends what was debugged before, and begins with this. Rejects with `ControlError`. */
  async debug({ flags, packets, watched }: Debugging): Promise<void> {
    const ask = (request: string, parameters: object) => this.#control.ask({ request, ...parameters });
    await ask('debug', { on: false });
    await ask('monitor', { on: watched === true });
    if (flags.length > 0) await ask('debug', { on: true, flags });
    const ways = this.#interfaces.flatMap((name) => ['input', 'output'].map((way) => ({ interface: name, way })));
    for (const way of ways.slice(0, packets?.of === 'one' ? 1 : undefined))
      if (packets) await ask('debug', { on: true, packets: { ...way, rate: packets.rate } });
  }

  close(): void {
    this.#control.close();
  }
}
