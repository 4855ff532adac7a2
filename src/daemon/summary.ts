import type { LmaConfig } from '#proto/lma/index.ts';
import type { Assembly } from './assemble.ts';

/** What runs, in one line for people. */
export function summarize({ lmas, mags }: Assembly): string {
  const parts = [
    ...lmas.map(({ name, domain, addresses }) => `LMA ${name} of domain ${domain} at ${named(addresses)}`),
    ...mags.map(({ mag: { name, domain, addresses, interfaces } }) => {
      const links = interfaces.map((one) => (one.name === one.linkName ? one.name : `${one.name} (${one.linkName})`));
      return `MAG ${name} of domain ${domain} at ${named(addresses)}, access ${links.join(', ')}`;
    }),
  ];
  return parts.length > 0 ? parts.join('; ') : 'nothing to run yet; configure it with "mooring shell"';
}

function named({ ipv6, ipv4 }: LmaConfig['addresses']): string {
  return [ipv6, ipv4].filter((address) => address !== undefined).join(' and ');
}
