import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { FormerNotes } from './bpf-node-state.ts';

const ROOT = '/proc/sys/net';

/** Sets values below /proc/sys/net, those that this kernel has; what differed before is noted, unless something is. */
export function setKernelSettings(settings: Readonly<Record<string, string>>, notes: FormerNotes): void {
  const { settings: former } = notes.former;
  for (const [name, value] of Object.entries(settings)) {
    const path = `${ROOT}/${name}`;
    if (!existsSync(path)) continue;
    const before = readFileSync(path, 'utf8').trim();
    if (before === value) continue;
    const isNoted = name in former;
    former[name] ??= before;
    if (!isNoted) notes.note();
    try {
      writeFileSync(path, value);
    } catch (error) {
      if (!isNoted) delete former[name];
      throw error;
    }
  }
}

/** Gives the settings back that are noted, of one interface or of all, the last first. */
export function restoreKernelSettings(former: Record<string, string>, device?: string): void {
  for (const [name, value] of Object.entries(former).toReversed()) {
    if (device !== undefined && name.split('/')[2] !== device) continue;
    delete former[name];
    if (existsSync(`${ROOT}/${name}`)) writeFileSync(`${ROOT}/${name}`, value);
  }
}

/** What the device of the tunnels needs: no address, no answer, no opinion about where packets come from. */
export function pmipSettings(device: string, routesIpv6: boolean): Record<string, string> {
  return {
    [`ipv4/conf/${device}/rp_filter`]: '0',
    [`ipv4/conf/${device}/send_redirects`]: '0',
    [`ipv4/conf/${device}/forwarding`]: '1',
    [`ipv6/conf/${device}/disable_ipv6`]: '0',
    [`ipv6/conf/${device}/accept_ra`]: '0',
    [`ipv6/conf/${device}/autoconf`]: '0',
    [`ipv6/conf/${device}/forwarding`]: routesIpv6 ? '1' : '0',
  };
}

export function accessSettings(device: string, routesIpv6: boolean): Record<string, string> {
  return {
    [`ipv4/conf/${device}/rp_filter`]: '0',
    [`ipv4/conf/${device}/send_redirects`]: '0',
    [`ipv4/conf/${device}/proxy_arp`]: '0',
    [`ipv4/conf/${device}/forwarding`]: '1',
    [`ipv6/conf/${device}/disable_ipv6`]: '0',
    [`ipv6/conf/${device}/accept_ra`]: '0',
    [`ipv6/conf/${device}/autoconf`]: '0',
    [`ipv6/conf/${device}/forwarding`]: routesIpv6 ? '1' : '0',
    // None: the only link-local address is the fixed one.
    [`ipv6/conf/${device}/addr_gen_mode`]: '1',
    // The fixed link-local address must still be there when the link comes back.
    [`ipv6/conf/${device}/keep_addr_on_down`]: '1',
  };
}

/** Where customers are told apart by marks: the kernel's own errors carry them too. */
export function customerSettings(): Record<string, string> {
  return { 'ipv4/fwmark_reflect': '1', 'ipv6/fwmark_reflect': '1' };
}

/** Of an interface that leads to a customer's correspondent nodes: sources are looked up in the customer's table. */
export function customerLinkSettings(device: string): Record<string, string> {
  return { [`ipv4/conf/${device}/src_valid_mark`]: '1', [`ipv4/conf/${device}/send_redirects`]: '0' };
}

/**
 * Forwarding on, of IPv6 as the node has it, and reverse-path filtering off where ours is: the kernel takes the stricter of an interface's value and that of `all`,
 * so `all` becomes 0 and every other interface of `others` keeps what it had in effect.
 */
export function nodeSettings(others: readonly string[], routesIpv6: boolean): Record<string, string> {
  const filter = (name: string) => Number(readFileSync(`${ROOT}/ipv4/conf/${name}/rp_filter`, 'utf8'));
  const inEffect = others
    .filter((name) => existsSync(`${ROOT}/ipv4/conf/${name}/rp_filter`))
    .map((name) => [`ipv4/conf/${name}/rp_filter`, String(Math.max(filter(name), filter('all')))]);
  return {
    ...Object.fromEntries(inEffect),
    'ipv4/conf/all/rp_filter': '0',
    'ipv4/conf/all/send_redirects': '0',
    'ipv4/ip_forward': '1',
    'ipv6/conf/all/forwarding': routesIpv6 ? '1' : '0',
  };
}
