import type { AnyCommand } from './command.ts';
import { domainCommands, domainNodeCommands } from './commands/domain.ts';
import { globalCommands } from './commands/global.ts';
import { interfaceCommands } from './commands/interface.ts';
import { lmaCommands, networkCommands } from './commands/lma.ts';
import { magCommands, magInterfaceCommands } from './commands/mag.ts';
import { peerCommands } from './commands/peer.ts';
import { profileCommands } from './commands/profile.ts';

/** A configuration mode: its prompt as IOS shows it, and its commands in the order in which they are printed. */
export interface Mode {
  readonly name: string;
  readonly prompt: string;
  readonly commands: readonly AnyCommand[];
}

/** The command table. A row's `section.opens` is a name here. */
export const modes: readonly Mode[] = [
  { name: 'global', prompt: 'config', commands: globalCommands },
  { name: 'interface', prompt: 'config-if', commands: interfaceCommands },
  { name: 'dhcp-pool', prompt: 'dhcp-config', commands: [] },
  { name: 'domain', prompt: 'config-ipv6-pmipv6-domain', commands: domainCommands },
  { name: 'domain-lma', prompt: 'config-ipv6-pmipv6-domain-lma', commands: domainNodeCommands },
  { name: 'domain-mag', prompt: 'config-ipv6-pmipv6-domain-mag', commands: domainNodeCommands },
  { name: 'profile', prompt: 'config-ipv6-pmipv6-domain-mn', commands: profileCommands },
  { name: 'lma', prompt: 'config-ipv6-pmipv6-lma', commands: lmaCommands },
  { name: 'lma-network', prompt: 'config-ipv6-pmipv6lma-network', commands: networkCommands },
  { name: 'lma-mag', prompt: 'config-ipv6-pmipv6lma-mag', commands: peerCommands },
  { name: 'mag', prompt: 'config-ipv6-pmipv6-mag', commands: magCommands },
  { name: 'mag-interface', prompt: 'config-ipv6-pmipv6mag-interface', commands: magInterfaceCommands },
  { name: 'mag-lma', prompt: 'config-ipv6-pmipv6mag-lma', commands: peerCommands },
];

const byName = new Map(modes.map((mode) => [mode.name, mode]));

export function modeNamed(name: string): Mode {
  const mode = byName.get(name);
  if (!mode) throw new Error(`there is no mode ${name}`);
  return mode;
}
