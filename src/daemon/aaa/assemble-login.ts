import { milliseconds } from '#base/time.ts';
import { type AaaConfiguration, type Configuration, loginMethods } from '#config/index.ts';
import type { RequestStyle } from '#proto/aaa/access-request.ts';
import { styleOf } from './assemble-aaa.ts';
import { groupServers } from './assemble-servers.ts';
import type { RadiusSettings } from './radius-messages.ts';

/** How operators that come over the network are authenticated: by these in turn, until one of them knows. */
export interface LoginSettings {
  readonly methods: readonly LoginMethod[];
  readonly style: Omit<RequestStyle, 'nasAddress'>;
  /** Of this node, as text: objects lose their class on the way between threads. */
  readonly address?: string;
}

export type LoginMethod =
  | { readonly kind: 'local' | 'none' }
  | ({ readonly kind: 'group'; readonly group: string } & Pick<RadiusSettings, 'servers' | 'deadTime'>);

export function assembleLogin(configuration: Configuration, hostname: string): LoginSettings {
  const { aaa, lmas, mags } = configuration;
  const address = [...mags, ...lmas]
    .map(({ ipv4Address, ipv6Address }) => ipv4Address ?? ipv6Address)
    .find((one) => one);
  return {
    methods: loginMethods(configuration).map((method): LoginMethod => {
      return method.kind === 'group' ? { ...method, ...serversOf(method.group, aaa) } : method;
    }),
    style: styleOf(aaa.radius, hostname),
    ...(address && { address: address.toString() }),
  };
}

/** A group of which nothing is known has no servers, and so no answer. */
function serversOf(group: string, aaa: AaaConfiguration): Pick<RadiusSettings, 'servers' | 'deadTime'> {
  return {
    servers: groupServers(group, aaa, () => undefined),
    deadTime: aaa.radius.deadTime ?? milliseconds(0),
  };
}
