import { poll } from '#host/posix.ts';
import type { Assembly } from './assemble.ts';
import { AssemblyError } from './assemble.ts';
import type { HostFacts } from './host-facts.ts';

/** Where a word of the configuration stands, as `file:12: `; empty when that is not known. */
export type Locate = (word: string) => string;

const TENTATIVE_TRIES = 30;
const TENTATIVE_WAIT_MS = 100;

/**
 * Checks that this host has the addresses and interfaces that the configuration names; waits up to three seconds for an address whose
 * duplicate address detection has not ended. Throws `AssemblyError`.
 */
export function checkHost(assembly: Assembly, host: HostFacts, locate: Locate = () => '', wait = sleep): void {
  const problems: string[] = [];
  for (const { mag } of assembly.mags) {
    for (const { name, linkName } of mag.interfaces) {
      if (host.hasLink(linkName)) continue;
      problems.push(
        name === linkName
          ? `${locate(name)}interface ${name}: this host has no Linux interface ${name}; say which one it is with "linux-interface NAME" under "interface ${name}"`
          : `${locate(linkName)}interface ${name}: this host has no Linux interface ${linkName}; create it, or correct "linux-interface"`,
      );
    }
  }
  for (const address of assembly.signalling.addresses) {
    let state = host.addressState(address);
    for (let i = 0; i < TENTATIVE_TRIES && state === 'tentative'; i++) {
      wait(TENTATIVE_WAIT_MS);
      state = host.addressState(address);
    }
    if (state === 'usable') continue;
    problems.push(
      `${locate(address.toString())}address ${address}: it is on no interface of this host that is up; add it with "ip address add ${address}/LENGTH dev INTERFACE", or correct the configuration`,
    );
  }
  if (problems.length > 0) throw new AssemblyError(problems);
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
