import { poll } from '#host/posix.ts';
import type { Assembly } from './assemble.ts';
import { AssemblyError, localAddresses } from './assemble.ts';
import type { HostFacts } from './host-facts.ts';

const TENTATIVE_TRIES = 30;
const TENTATIVE_WAIT_MS = 100;

/**
 * Checks that this host has the addresses and interfaces that the configuration names; waits up to three seconds for an address whose
 * duplicate address detection has not ended. Throws `AssemblyError`.
 */
export function checkHost(assembly: Assembly, host: HostFacts, wait = sleep): void {
  const problems: string[] = [];
  for (const { mag } of assembly.mags) {
    for (const { name, linkName } of mag.interfaces) {
      if (host.hasLink(linkName)) continue;
      problems.push(
        name === linkName
          ? `interface ${name}: this host has no Linux interface ${name}; say which one it is with "linux-interface NAME" under "interface ${name}"`
          : `interface ${name}: this host has no Linux interface ${linkName}; create it, or correct "linux-interface"`,
      );
    }
  }
  for (const address of localAddresses(assembly)) {
    let state = host.addressState(address);
    for (let i = 0; i < TENTATIVE_TRIES && state === 'tentative'; i++) {
      wait(TENTATIVE_WAIT_MS);
      state = host.addressState(address);
    }
    if (state === 'usable') continue;
    problems.push(
      `address ${address}: it is on no interface of this host that is up; add it with "ip address add ${address}/LENGTH dev INTERFACE", or correct the configuration`,
    );
  }
  if (problems.length > 0) throw new AssemblyError(problems);
}

function sleep(milliseconds: number): void {
  poll(null, 0, milliseconds);
}
