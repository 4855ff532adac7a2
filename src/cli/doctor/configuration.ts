import { type Check, error, ok, warning } from './finding.ts';

/** Addresses and interfaces of the configuration on this machine, and what of it cannot be carried out on any. */
export const configuration: Check = {
  name: 'configuration',
  examine({ node }) {
    if (!node) return [];
    const { problems, lmas, mags, waiting } = node.assembly;
    const advice = 'until then this part does not run';
    if (problems.length > 0) return problems.map((problem) => error(problem, advice));
    const names = [...lmas.map(({ name }) => `LMA ${name}`), ...mags.map(({ mag }) => `MAG ${mag.name}`)];
    // What only an AAA server knows cannot be examined here.
    const later = waiting.map((text) => warning(text, 'until then it does not run, and is not examined here'));
    if (names.length === 0 && later.length > 0) return later;
    if (names.length === 0) {
      const example = 'add "ipv6 mobile pmipv6-lma NAME domain DOMAIN" or "ipv6 mobile pmipv6-mag NAME domain DOMAIN"';
      return [error('nothing is configured to run', example)];
    }
    return [ok(`this machine has the addresses and interfaces of ${names.join(', ')}`), ...later];
  },
};
