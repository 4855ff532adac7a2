import { describe, expect, it } from 'vitest';
import { signature } from '#config/command.ts';
import { acceptsSsh, loginMethods, parseConfiguration } from '#config/index.ts';
import { modes } from '#config/modes.ts';
import { hasNoEffectYet } from '#config/no-effect-yet.ts';
import { assemble } from '#daemon/assemble.ts';
import { addressedLinks } from '#daemon/interface-addresses.ts';
import { lineOf, openingLines, sampleLines } from '../config/sample-lines.ts';

/** A node that has something of everything, by the names that the sample lines have. */
const BASE = `aaa new-model
aaa group server radius NAME
 server name NAME
 server 192.0.2.8
aaa authentication login default group NAME
aaa authorization ipmobile default group NAME
aaa server radius proxy
 client 192.0.2.1
  key k
radius-server host 192.0.2.7
radius-server host 192.0.2.8 key k
radius server NAME
 address ipv4 192.0.2.9
 key k
!
line vty 0 4
 transport input ssh
!
ip local pool NAME 192.0.2.1 192.0.2.99
ipv6 local pool NAME 2001:db8:f00d::/48 64
!
ip access-list extended NAME
 permit ip any any
!
interface GigabitEthernet0/1/0.3074
 linux-interface acc
!
ipv6 mobile pmipv6-domain NAME
 lma NAME
  ipv6-address 2001:db8:1::1
 mag NAME
  ipv6-address 2001:db8:1::2
 nai NAME
 nai other
  service dual
!
ipv6 mobile pmipv6-lma NAME domain NAME
 default profile other
 tunnel acl NAME
 network NAME
  pool ipv4 NAME pfxlen 24
  pool ipv6 NAME pfxlen 48
 mag NAME
!
ipv6 mobile pmipv6-mag NAME domain NAME
 sessionmgr
 interface GigabitEthernet0/1/0.3074
 lma NAME
`;

/** Lines of the same mode without which a command says nothing, and another line where the sample is what holds anyway. */
const ALSO: Readonly<Record<string, { readonly before?: readonly string[]; readonly line?: string }>> = {
  'global: aaa authentication login': { line: 'no aaa authentication login default group NAME' },
  'global: aaa authorization ipmobile': { line: 'no aaa authorization ipmobile default group NAME' },
  'global: aaa session-id': { line: 'aaa session-id unique' },
  'global: radius-server host': { line: 'no radius-server host 192.0.2.8' },
  'global: radius-server key': {
    line: 'radius-server key k',
    before: ['no radius-server host 192.0.2.8', 'radius-server host 192.0.2.8'],
  },
  'server-group: server': { line: 'no server 192.0.2.8' },
  'dynamic-author: port': { before: ['client 192.0.2.1 server-key k'] },
  'radius-proxy: key': { before: ['client 192.0.2.5', 'exit'] },
  'radius-server: message-authenticator': { line: 'message-authenticator optional' },
  'radius-server: tls': { before: ['tls ca-certificate /run/ca.pem'] },
  'radius-server: tls ca-certificate': { before: ['tls'] },
  'radius-server: tls certificate … key': { before: ['tls'] },
  'radius-server: tls match-server-identity hostname': { before: ['tls'] },
  'profile: service': { line: 'service ipv6' },
  'lma: tunnel mtu': { line: 'tunnel mtu 1300' },
  'lma: mag': { before: ['mag other', 'ipv6-address 2001:db8:1::9', 'exit'], line: 'no mag other' },
  'mag: lma': { before: ['lma other', 'ipv6-address 2001:db8:1::9', 'exit'], line: 'no lma other' },
};

/** Told to operators, as in IOS. */
const TOLD_ONLY = ['vrf: description', 'interface: description'];

/** What a node runs with, of its machines, its data plane, its AAA client and its operators. */
function runsWith(text: string): string {
  const { configuration } = parseConfiguration(text);
  const { configuration: _, ...assembly } = assemble(configuration, 'host');
  const { storeWindow, storeContinueOnFailure, passwordEncryption, operators } = configuration;
  const rest = { storeWindow, storeContinueOnFailure, passwordEncryption, operators };
  const login = [loginMethods(configuration), acceptsSsh(configuration)];
  return JSON.stringify([assembly, rest, login, addressedLinks(configuration)], (_key, value) =>
    typeof value === 'bigint' ? `${value}` : value instanceof Map || value instanceof Set ? [...value] : value,
  );
}

const rows = modes.flatMap((mode) =>
  mode.commands
    .filter((command) => !hasNoEffectYet(mode.name, command))
    .map((command) => ({ mode, command, title: `${mode.name}: ${signature(command)}` }))
    .filter(({ title }) => !TOLD_ONLY.includes(title)),
);

describe('a node runs otherwise with', () => {
  it.each(rows)('$title', ({ mode, command, title }) => {
    const { before = [], line } = ALSO[title] ?? {};
    const lines = line ? [line] : sampleLines(command).map(lineOf);
    const opened = [BASE, '!', ...openingLines(mode), ...before].join('\n');
    const runsBefore = runsWith(opened);
    const changes = lines
      .flatMap((each) => [each, `no ${each}`])
      .filter((each) => runsWith(`${opened}\n${each}`) !== runsBefore);
    expect(changes).not.toEqual([]);
  });
});
