import type { Configuration } from '#config/index.ts';
import type { NodeForwarding, PacketFilter } from '#dataplane/desired.ts';
import { MAXIMUM_FILTER_RULES } from '#dataplane/packet-filter.ts';
import type { Report } from './assemble-report.ts';

type Filters = NonNullable<NodeForwarding['tunnelFilters']>;

/** The access lists of `tunnel acl`. One that is not defined permits all, as in IOS; the check of the configuration names it. */
export function tunnelFiltersOf(configuration: Configuration, report: Report): Filters | undefined {
  const { lmas, mags } = configuration;
  const anchor = filterOf(
    'LMA',
    lmas.map(({ tunnelAccessList }) => tunnelAccessList),
    configuration,
    report,
  );
  const access = filterOf(
    'MAG',
    mags.map(({ tunnelAccessList }) => tunnelAccessList),
    configuration,
    report,
  );
  if (!anchor && !access) return undefined;
  return { ...(anchor && { anchor }), ...(access && { access }) };
}

/** All LMAs of a node have one access list between them, and all MAGs. */
function filterOf(
  kind: string,
  lists: readonly (string | undefined)[],
  { accessLists }: Configuration,
  report: Report,
): PacketFilter | undefined {
  const [name, ...others] = new Set(lists.filter((list) => list !== undefined));
  if (name === undefined) return undefined;
  if (others.length > 0) report(`tunnel acl: the ${kind}s of a node have one access list; "${name}" is taken for all`);
  const list = accessLists.find((one) => one.name === name);
  if (!list) return undefined;
  const where = `ip access-list extended ${name}`;
  if (list.rules.length > MAXIMUM_FILTER_RULES)
    report(`${where}: only the first ${MAXIMUM_FILTER_RULES} of ${list.rules.length} rules are applied; shorten it`);
  if (list.rules.some(({ log }) => log)) report(`${where}: "log" is not done; the matches are counted`);
  return { name, rules: list.rules.slice(0, MAXIMUM_FILTER_RULES) };
}
