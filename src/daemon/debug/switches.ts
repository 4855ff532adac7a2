import type { MacAddress } from '#base/mac-address.ts';
import type { DebugFlag, DebugView } from './flags.ts';

/** Each is compared with each message while something is switched on. */
const CLIENT_MAXIMUM = 64;

/** What "debug client" tells of one mobile node: how it came and went, and not every field of what it sent. */
const OF_CLIENTS: ReadonlySet<DebugFlag> = new Set([
  'mag-event',
  'mag-info',
  'lma-event',
  'lma-info',
  'dhcp-message',
  'dot1x',
]);

/** What is to be told, and of whom. */
export class DebugSwitches {
  /** Whether anything is on: all that is looked at while nothing is. */
  on = false;
  readonly #flags = new Set<DebugFlag>();
  readonly #clients = new Map<number, MacAddress>();
  /** Names of the mobile nodes among the clients, for messages that say no link-layer address. */
  readonly #names = new Map<string, number>();

  set(flag: DebugFlag, on: boolean): void {
    if (on) this.#flags.add(flag);
    else this.#flags.delete(flag);
    this.#update();
  }

  /** `false` when there are too many. */
  setClient(mac: MacAddress, on: boolean): boolean {
    if (on && this.#clients.size >= CLIENT_MAXIMUM && !this.#clients.has(mac.key)) return false;
    if (on) this.#clients.set(mac.key, mac);
    else this.#clients.delete(mac.key);
    for (const [name, key] of this.#names) if (!this.#clients.has(key)) this.#names.delete(name);
    this.#update();
    return true;
  }

  clear(): void {
    this.#flags.clear();
    this.#clients.clear();
    this.#names.clear();
    this.#update();
  }

  wants(flag: DebugFlag, mac?: MacAddress, nai?: string): boolean {
    return this.#flags.has(flag) || (OF_CLIENTS.has(flag) && this.wantsClient(mac, nai));
  }

  /** Whether the mobile node is one of which everything is told. */
  wantsClient(mac?: MacAddress, nai?: string): boolean {
    if (this.#clients.size === 0) return false;
    if (mac === undefined) return nai !== undefined && this.#names.has(nai);
    if (!this.#clients.has(mac.key)) return false;
    if (nai !== undefined && nai !== '') this.#names.set(nai, mac.key);
    return true;
  }

  /** Whether one of them is on for every mobile node. */
  wantsForAll(...flags: readonly DebugFlag[]): boolean {
    return flags.some((flag) => this.#flags.has(flag));
  }

  /** Whether one of them is on, or a client is. */
  wantsAny(...flags: readonly DebugFlag[]): boolean {
    return this.#clients.size > 0 || this.wantsForAll(...flags);
  }

  view(): Omit<DebugView, 'packets'> {
    return { flags: [...this.#flags], clients: Array.from(this.#clients.values(), (mac) => mac.toCiscoString()) };
  }

  #update(): void {
    this.on = this.#flags.size + this.#clients.size > 0;
  }
}
