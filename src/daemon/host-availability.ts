import type { IpAddress } from '#base/ip-address.ts';
import { poll } from '#host/posix.ts';
import type { MagInterface } from '#proto/mag/events.ts';
import type { HostFacts } from './host-facts.ts';

/** Where a word of the configuration stands, as `file:12: `; empty when that is not known. */
export type Locate = (word: string) => string;

/** What the machine that a configuration is for has: the reason why something cannot be used, with what to do; `undefined` when it can. */
export interface Availability {
  link(of: Pick<MagInterface, 'name' | 'linkName'>): string | undefined;
  address(of: IpAddress): string | undefined;
  /** The number of the routing table that is called so; `undefined` when none is. */
  table?(called: string): number | undefined;
}

/** A machine that has whatever a configuration names. */
export const ANY_HOST: Availability = { link: () => undefined, address: () => undefined };

const TENTATIVE_TRIES = 30;
const TENTATIVE_WAIT_MS = 100;

/** What this host has; waits up to three seconds for an address whose duplicate address detection has not ended. */
export function availabilityOn(host: HostFacts, locate: Locate = () => '', wait = sleep): Availability {
  return {
    table: (called) => host.tableNamed?.(called),
    link({ name, linkName }) {
      if (host.hasLink(linkName)) return undefined;
      return name === linkName
        ? `${locate(name)}interface ${name}: this host has no Linux interface ${name}; say which one it is with "linux-interface NAME" under "interface ${name}"`
        : `${locate(linkName)}interface ${name}: this host has no Linux interface ${linkName}; create it, or correct "linux-interface"`;
    },
    address(address) {
      let state = host.addressState(address);
      for (let i = 0; i < TENTATIVE_TRIES && state === 'tentative'; i++) {
        wait(TENTATIVE_WAIT_MS);
        state = host.addressState(address);
      }
      if (state === 'usable') return undefined;
      return `${locate(address.toString())}address ${address}: it is on no interface of this host that is up; add it with "ip address add ${address}/LENGTH dev INTERFACE", or correct the configuration`;
    },
  };
}

/** Takes the last line that has the word: there the node itself is configured, after interfaces and domains. */
export function locateIn(text: string, fileName: string): Locate {
  const lines = text.split(/\r?\n/);
  return (word) => {
    const index = lines.findLastIndex((line) => line.trim().split(/\s+/).includes(word));
    return index < 0 ? '' : `${fileName}:${index + 1}: `;
  };
}

function sleep(milliseconds: number): void {
  poll(null, 0, milliseconds);
}
