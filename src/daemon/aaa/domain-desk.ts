import type { IpAddress } from '#base/ip-address.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import type { Configuration } from '#config/index.ts';
import { AUTHORIZATION_PASSWORD, domainRequest } from '#proto/aaa/access-request.ts';
import type { AaaDomain } from '#proto/aaa/domain.ts';
import { DomainLoader, type DomainView } from '#proto/aaa/domain-loader.ts';
import type { LogOutput } from '#proto/peer.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import type { AaaAssembly } from './assemble-aaa.ts';
import { keepDomains, keptDomains } from './domain-file.ts';
import type { AnswerOfServer, ToRadius } from './radius-messages.ts';

export interface DomainDeskParts {
  readonly post: (message: ToRadius) => void;
  /** An id for a request that no other has. */
  readonly nextId: () => number;
  readonly log: (entry: LogOutput) => void;
  /** Where answers outlive the process; `undefined`: they do not. */
  readonly directory: string | undefined;
}

const PASSWORD = new TextEncoder().encode(AUTHORIZATION_PASSWORD);

/** Asks RADIUS servers for the settings of domains (`load-aaa`), and keeps what they answered. */
export class DomainDesk {
  readonly #parts: DomainDeskParts;
  readonly #loader = new DomainLoader();
  readonly #asked = new Map<number, string>();
  readonly #answers: Map<string, readonly RadiusAttribute[]>;
  #assembly: AaaAssembly | undefined;
  #configuration: Configuration | undefined;
  /** What servers there were, as text. */
  #servers = '';

  constructor(parts: DomainDeskParts) {
    this.#parts = parts;
    this.#answers = new Map(keptDomains(parts.directory));
    for (const [domain, attributes] of this.#answers) this.#loader.restored(domain, attributes);
  }

  configure(assembly: AaaAssembly, configuration: Configuration, now: ClockReading): void {
    this.#assembly = assembly;
    this.#configuration = configuration;
    const servers = JSON.stringify([assembly.settings.servers, assembly.style.nasIdentifier]);
    const changed = servers !== this.#servers;
    this.#servers = servers;
    const wanted = configuration.domains.filter(({ loadFromAaa }) => loadFromAaa).map(({ name }) => name);
    this.#loader.configure(wanted, changed);
    for (const domain of [...this.#answers.keys()].filter((each) => !wanted.includes(each))) this.#keep(domain, []);
    this.#carryOut(now);
  }

  get settings(): ReadonlyMap<string, AaaDomain> {
    return this.#loader.settings;
  }

  /** Whether the settings of a domain are others now; `undefined` when the answer is to somebody else. */
  answer({ id, outcome, attributes }: AnswerOfServer, now: ClockReading): boolean | undefined {
    const domain = this.#asked.get(id);
    if (domain === undefined) return undefined;
    this.#asked.delete(id);
    this.#loader.answer(domain, outcome, attributes, now);
    return this.#carryOut(now);
  }

  expire(now: ClockReading): void {
    this.#loader.expire(now);
    this.#carryOut(now);
  }

  nextTimeout(): Instant | undefined {
    return this.#loader.nextTimeout();
  }

  view(now: ClockReading): DomainView[] {
    return this.#loader.snapshot(now);
  }

  #carryOut(now: ClockReading): boolean {
    let changed = false;
    for (const output of this.#loader.drain()) {
      if (output.kind === 'log') this.#parts.log(output);
      else if (output.kind === 'ask-domain') this.#ask(output.domain, now);
      else {
        changed = true;
        this.#keep(output.domain, output.attributes);
      }
    }
    return changed;
  }

  #ask(domain: string, { utc }: ClockReading): void {
    const id = this.#parts.nextId();
    this.#asked.set(id, domain);
    const { style } = this.#assembly as AaaAssembly;
    const attributes = domainRequest(domain, style, this.#addressIn(domain), utc);
    this.#parts.post({ kind: 'request', id, exchange: 'access', attributes, password: PASSWORD });
  }

  /** That the node has in the domain, where the operator typed one. */
  #addressIn(domain: string): IpAddress | undefined {
    const { mags, lmas } = this.#configuration as Configuration;
    const nodes = [...mags, ...lmas].filter((node) => node.domain === domain);
    return nodes.map(({ ipv4Address, ipv6Address }) => ipv4Address ?? ipv6Address).find((address) => address);
  }

  /** No attributes: forgets it. */
  #keep(domain: string, attributes: readonly RadiusAttribute[]): void {
    if (attributes.length === 0) this.#answers.delete(domain);
    else this.#answers.set(domain, attributes);
    const { directory, log } = this.#parts;
    if (directory === undefined) return;
    try {
      keepDomains(directory, this.#answers);
    } catch (error) {
      const text = `the settings of domain ${domain} are not kept for a restart: ${(error as Error).message}`;
      log({ kind: 'log', level: 'warn', code: 'domain-not-kept', text, fields: { domain } });
    }
  }
}
