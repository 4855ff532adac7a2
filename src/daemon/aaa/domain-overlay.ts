import type { Configuration, DomainConfiguration, NodeConfiguration, ReplayProtection } from '#config/index.ts';
import { encryptSecrets, parseConfiguration, printConfiguration } from '#config/index.ts';
import type { AaaDomain, AaaDomainNode } from '#proto/aaa/domain.ts';

/** The configuration with what AAA servers say of its domains; what the operator typed holds against that. */
export function withDomainsFromAaa(
  configuration: Configuration,
  loaded: ReadonlyMap<string, AaaDomain>,
): Configuration {
  const domains = configuration.domains.map((domain) => {
    const said = domain.loadFromAaa ? loaded.get(domain.name) : undefined;
    return said ? overlaid(domain, said) : domain;
  });
  return { ...configuration, domains };
}

/** Domains that are to be loaded and have not been: nothing of them can run. */
export function waitingDomains({ domains }: Configuration, loaded: ReadonlyMap<string, AaaDomain>): string[] {
  return domains.filter(({ loadFromAaa, name }) => loadFromAaa && !loaded.has(name)).map(({ name }) => name);
}

/** What is in force, as a configuration that needs no AAA server for the domains that are loaded. Keys are enciphered. */
export function effectiveText(configuration: Configuration, loaded: ReadonlyMap<string, AaaDomain>): string {
  const effective = withDomainsFromAaa(configuration, loaded);
  const domains = effective.domains.map((domain) =>
    loaded.has(domain.name) ? { ...domain, loadFromAaa: false } : domain,
  );
  const own = parseConfiguration(printConfiguration({ ...effective, domains })).configuration;
  encryptSecrets(own);
  return printConfiguration(own);
}

function overlaid(typed: DomainConfiguration, said: AaaDomain): DomainConfiguration {
  const { authentication } = said;
  const replayProtection = typed.replayProtection ?? replayOf(said);
  return {
    ...typed,
    ...(replayProtection && { replayProtection }),
    ...(authentication && {
      authentication: typed.authentication ?? {
        spi: authentication.spi,
        key: { format: authentication.format, text: authentication.key },
      },
    }),
    lmas: nodesOf(typed.lmas, said.lmas),
    mags: nodesOf(typed.mags, said.mags),
  };
}

function replayOf({ timestampCheck, timestampWindow: window }: AaaDomain): ReplayProtection | undefined {
  if (timestampCheck === false) return { timestamp: false };
  if (window !== undefined) return { timestamp: true, window };
  return timestampCheck === undefined ? undefined : { timestamp: true };
}

/** An address that the operator typed for a node holds, the other one may come from the server. */
function nodesOf(typed: readonly NodeConfiguration[], said: readonly AaaDomainNode[]): NodeConfiguration[] {
  const known = typed.map((node) => ({ ...fromServer(said.find(({ name }) => name === node.name)), ...node }));
  const others = said.filter(({ name }) => !typed.some((node) => node.name === name));
  return [...known, ...others.map((node) => ({ name: node.name, ...fromServer(node) }))];
}

function fromServer(node: AaaDomainNode | undefined): Omit<NodeConfiguration, 'name'> {
  return { ...(node?.ipv4 && { ipv4Address: node.ipv4 }), ...(node?.ipv6 && { ipv6Address: node.ipv6 }) };
}
