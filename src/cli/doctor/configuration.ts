import { type Check, error, ok } from './finding.ts';

/** Addresses and interfaces of the configuration on this machine, and what of it cannot be carried out on any. */
export const configuration: Check = {
  name: 'configuration',
  examine({ node }) {
    if (!node) return [];
    const { problems, lmas, mags } = node.assembly;
    const advice = 'until then this part does not run';
    if (problems.length > 0) return problems.map((problem) => error(problem, advice));
    const names = [...lmas.map(({ name }) => `LMA ${name}`), ...mags.map(({ mag }) => `MAG ${mag.name}`)];
    if (names.length === 0) {
      const example = 'add "ipv6 mobile pmipv6-lma NAME domain DOMAIN" or "ipv6 mobile pmipv6-mag NAME domain DOMAIN"';
      return [error('nothing is configured to run', example)];
    }
    return [ok(`this machine has the addresses and interfaces of ${names.join(', ')}`)];
  },
};
