import { spawnSync } from 'node:child_process';
import { ip } from './kernel-bed.ts';

/** What a data plane may change in a network namespace, to be compared. */
export function stateOf(namespace: string): Record<string, string[]> {
  const lines = (text: string) => text.replace(/ +/g, ' ').split('\n').sort();
  const show = (...command: string[]) => lines(ip(['-n', namespace, ...command]));
  const files = [
    'ipv4/ip_forward',
    'ipv6/conf/all/forwarding',
    'ipv4/fwmark_reflect',
    'ipv6/fwmark_reflect',
    'ipv4/conf/all/rp_filter',
    'ipv4/conf/acc/rp_filter',
    'ipv6/conf/acc/accept_ra',
  ];
  const settings = files.map((file) => `/proc/sys/net/${file}`);
  const output = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: 'utf8' }).stdout;
  const allRoutes = ['route', 'show', 'table', 'all', 'type', 'unicast'];
  return {
    links: show('-brief', 'link'),
    addresses: show('-brief', 'address'),
    rules: [...show('rule'), ...show('-6', 'rule')],
    routes: [...show(...allRoutes), ...show('-6', ...allRoutes)],
    neighbours: show('neigh', 'show', 'nud', 'permanent'),
    filters: lines(output('tc', '-n', namespace, 'qdisc', 'show')),
    settings: [output('ip', 'netns', 'exec', namespace, 'cat', ...settings)],
  };
}
