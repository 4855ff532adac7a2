import { parseIpAddress } from '#base/ip-address.ts';
import { readClock } from '#host/clock.ts';
import { loginRequest } from '#proto/aaa/access-request.ts';
import { isPrivileged } from '#proto/aaa/operator-privilege.ts';
import type { LogOutput } from '#proto/peer.ts';
import type { RadiusAnswer } from '#proto/radius/index.ts';
import type { RadiusDebug } from '../debug/radius-debug.ts';
import type { LoginGroupView } from './aaa-servers-view.ts';
import type { LoginMethod, LoginSettings } from './assemble-login.ts';
import { RadiusPort } from './radius-port.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly from: string;
}

/** `unanswered`: no server said anything in time. */
export type LoginVerdict = 'unanswered' | 'rejected' | { readonly privileged: boolean };

type Group = Extract<LoginMethod, { kind: 'group' }>;

/** Octets that an attribute can have, and a password: RFC 2865 §5.2 "User-Password". */
const NAME_MAXIMUM = 253;
const PASSWORD_MAXIMUM = 128;

/** Asks the RADIUS servers of groups whether operators may log in. Each group has a client of its own, so that one that is dead keeps nobody else waiting. */
export class LoginServers {
  readonly #effects: { readonly log: (entry: LogOutput) => void; readonly debug: RadiusDebug };
  /** By the name of the group. */
  readonly #ports = new Map<string, RadiusPort>();
  readonly #waiting = new Map<number, (answer: RadiusAnswer) => void>();
  #lastId = 0;

  constructor(effects: { readonly log: (entry: LogOutput) => void; readonly debug: RadiusDebug }) {
    this.#effects = effects;
  }

  async authenticate(
    { group, ...servers }: Group,
    { methods, style, address }: LoginSettings,
    { user, password, from }: Credentials,
  ): Promise<LoginVerdict> {
    const octets = new TextEncoder().encode(password);
    const named = new TextEncoder().encode(user);
    if (named.length > NAME_MAXIMUM || octets.length > PASSWORD_MAXIMUM || user === '') return 'rejected';
    this.#closeOthers(methods);
    const port = this.#portOf(group);
    port.configure(servers);
    const attributes = loginRequest(
      user,
      from.replace(/^::ffff:/, ''),
      style,
      parseIpAddress(address ?? ''),
      readClock().utc,
    );
    const answer = await this.#ask(port, attributes, octets);
    if (answer.outcome === 'accept') return { privileged: isPrivileged(answer.attributes) };
    return answer.outcome === 'reject' ? 'rejected' : 'unanswered';
  }

  /** The groups that were asked, for `show`. */
  view(): LoginGroupView[] {
    return Array.from(this.#ports, ([group, port]) => ({ group, ...port.view() }));
  }

  close(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  #ask(port: RadiusPort, attributes: ReturnType<typeof loginRequest>, password: Uint8Array): Promise<RadiusAnswer> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      port.tell({ kind: 'request', id, exchange: 'access', attributes, password });
    });
  }

  /** Groups that nobody is judged by any more. */
  #closeOthers(methods: readonly LoginMethod[]): void {
    for (const [group, port] of this.#ports) {
      if (port.client.waiting > 0 || methods.some((method) => method.kind === 'group' && method.group === group))
        continue;
      this.#ports.delete(group);
      port.close();
    }
  }

  #portOf(group: string): RadiusPort {
    const known = this.#ports.get(group);
    if (known) return known;
    const answered = (answer: RadiusAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    };
    const port = new RadiusPort({ answered, ...this.#effects });
    this.#ports.set(group, port);
    return port;
  }
}
