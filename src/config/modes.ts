import type { AnyCommand, Table } from './command.ts';
import { dynamicAuthorizationCommands, serverGroupCommands } from './commands/aaa.ts';
import { accessListCommands } from './commands/access-list.ts';
import { dhcpPoolCommands, ipv6DhcpPoolCommands } from './commands/dhcp-pool.ts';
import { domainCommands, domainNodeCommands } from './commands/domain.ts';
import { globalCommands } from './commands/global.ts';
import { interfaceCommands } from './commands/interface.ts';
import { lmaCommands } from './commands/lma.ts';
import { customerCommands, localLoopCommands, transportCommands } from './commands/local-loop.ts';
import { magCommands, magInterfaceCommands } from './commands/mag.ts';
import {
  dynamicAddressCommands,
  hybridAccessCommands,
  mobileMapCommands,
  trafficProfileCommands,
} from './commands/multipath.ts';
import { namedRadiusServerCommands } from './commands/named-radius-server.ts';
import { networkCommands } from './commands/network.ts';
import {
  lineCommands,
  pubkeyChainCommands,
  pubkeyDataCommands,
  pubkeyUserCommands,
  vtyCommands,
} from './commands/operators.ts';
import { lmaMagCommands, magLmaCommands } from './commands/peer.ts';
import { profileCommands } from './commands/profile.ts';
import { radiusProxyClientCommands, radiusProxyCommands } from './commands/radius-proxy.ts';
import { role3gmaCommands } from './commands/role-3gma.ts';
import { vrfCommands } from './commands/vrf.ts';

/** A configuration mode: its prompt as IOS shows it, and its commands in the order in which they are printed. */
export interface Mode extends Table<AnyCommand> {
  readonly name: string;
  readonly prompt: string;
}

/** The command table. A row's `section.opens` is a name here. */
export const modes: readonly Mode[] = [
  { name: 'global', prompt: 'config', commands: globalCommands },
  { name: 'line', prompt: 'config-line', commands: lineCommands },
  { name: 'vty', prompt: 'config-line', commands: vtyCommands },
  { name: 'pubkey-chain', prompt: 'conf-ssh-pubkey', commands: pubkeyChainCommands },
  { name: 'pubkey-user', prompt: 'conf-ssh-pubkey-user', commands: pubkeyUserCommands },
  { name: 'pubkey-data', prompt: 'conf-ssh-pubkey-data', commands: pubkeyDataCommands },
  { name: 'server-group', prompt: 'config-sg-radius', commands: serverGroupCommands },
  { name: 'dynamic-author', prompt: 'config-locsvr-da-radius', commands: dynamicAuthorizationCommands },
  { name: 'radius-server', prompt: 'config-radius-server', commands: namedRadiusServerCommands },
  { name: 'radius-proxy', prompt: 'config-locsvr-proxy-radius', commands: radiusProxyCommands },
  { name: 'radius-proxy-client', prompt: 'config-locsvr-radius-client', commands: radiusProxyClientCommands },
  { name: 'vrf', prompt: 'config-vrf', commands: vrfCommands },
  { name: 'access-list', prompt: 'config-ext-nacl', commands: accessListCommands },
  { name: 'interface', prompt: 'config-if', commands: interfaceCommands },
  { name: 'dhcp-pool', prompt: 'dhcp-config', commands: dhcpPoolCommands },
  { name: 'ipv6-dhcp-pool', prompt: 'config-dhcpv6', commands: ipv6DhcpPoolCommands },
  { name: 'domain', prompt: 'config-ipv6-pmipv6-domain', commands: domainCommands },
  { name: 'domain-lma', prompt: 'config-ipv6-pmipv6-domain-lma', commands: domainNodeCommands },
  { name: 'domain-mag', prompt: 'config-ipv6-pmipv6-domain-mag', commands: domainNodeCommands },
  { name: 'profile', prompt: 'config-ipv6-pmipv6-domain-mn', commands: profileCommands },
  { name: 'mobile-map', prompt: 'config-ipv6-pmipv6-domain-mobile-map', commands: mobileMapCommands },
  { name: 'lma', prompt: 'config-ipv6-pmipv6-lma', commands: lmaCommands },
  { name: 'lma-network', prompt: 'config-ipv6-pmipv6lma-network', commands: networkCommands },
  { name: 'lma-mag', prompt: 'config-ipv6-pmipv6lma-mag', commands: lmaMagCommands },
  { name: 'lma-role', prompt: 'config-ipv6-pmipv6lma-role', commands: role3gmaCommands },
  { name: 'lma-local-loop', prompt: 'config-pmipv6-lma-ml1', commands: localLoopCommands },
  { name: 'lma-customer', prompt: 'config-pmipv6-lma-ml1-cust', commands: customerCommands },
  { name: 'lma-customer-transport', prompt: 'config-pmipv6-lma-ml1-cust-tpt', commands: transportCommands },
  { name: 'mag', prompt: 'config-ipv6-pmipv6-mag', commands: magCommands },
  { name: 'mag-interface', prompt: 'config-ipv6-pmipv6mag-interface', commands: magInterfaceCommands },
  { name: 'mag-lma', prompt: 'config-ipv6-pmipv6mag-lma', commands: magLmaCommands },
  { name: 'mag-dynamic-address', prompt: 'config-ipv6-pmipv6-mag-addr-dyn', commands: dynamicAddressCommands },
  { name: 'mag-hybrid-access', prompt: 'config-ipv6-pmipv6-mag-haccess-svc', commands: hybridAccessCommands },
  {
    name: 'traffic-profile',
    prompt: 'config-ipv6-pmipv6-mag-haccess-profile-def-svc',
    commands: trafficProfileCommands,
  },
];

const byName = new Map(modes.map((mode) => [mode.name, mode]));

export function modeNamed(name: string): Mode {
  const mode = byName.get(name);
  if (!mode) throw new Error(`there is no mode ${name}`);
  return mode;
}
