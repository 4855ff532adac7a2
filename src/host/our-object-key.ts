import type { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { OurObject, RouteSettings, RuleSettings } from './netlink-requests.ts';

/** Equal for two objects of the kernel exactly when they are the same: what there is is compared by it with what there shall be. */
export function keyOf(object: OurObject): string {
  switch (object.kind) {
    case 'route':
      return routeKey(object);
    case 'rule':
      return ruleKey(object);
    case 'address':
      return addressKey(object.device, object.prefix);
    default:
      return `neighbour ${object.device} ${object.address}`;
  }
}

export function routeKey({ destination, device, via, table }: RouteSettings & { readonly table: number }): string {
  return `route ${table} ${destination.network} ${device} ${via ?? ''}`;
}

export function ruleKey(rule: RuleSettings): string {
  const {
    family,
    inputInterface,
    mark,
    to,
    from,
    port,
    table,
    silent,
    suppressedLength,
    goto: target,
    priority,
  } = rule;
  const action = table ?? (target === undefined ? (silent ? 'silent' : 'unreachable') : `goto ${target}`);
  return ['rule', family, inputInterface, mark, to, from, port, action, suppressedLength, priority].join(' ');
}

export function addressKey(device: number, prefix: Ipv4Prefix | Ipv6Prefix): string {
  return `address ${device} ${prefix}`;
}
