import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { ControlSession } from '#cli/control-session.ts';
import { privilegedTable } from '#cli/shell/exec-commands.ts';
import { ShellSession } from '#cli/shell/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { lineOf, sampleLines } from '../config/sample-lines.ts';
import { expectedMembers, jsonMembers } from './json-members.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle } from './network.ts';

const domain = `ipv6 mobile pmipv6-domain D1
 lma lma1
  ipv6-address ${anchor}
 mag M1
  ipv6-address ${gateway}
 nai default
  service dual
  lma lma1
`;
const texts = {
  lma: `ip local pool home 192.0.2.1 192.0.2.200
ipv6 local pool home6 2001:db8:f00d::/48 64
!
${domain}!
ipv6 mobile pmipv6-lma lma1 domain D1
 address ipv6 ${anchor}
 default profile default
 mag M1
  ipv6-address ${gateway}
 network home
  pool ipv4 home pfxlen 24
  pool ipv6 home6 pfxlen 48
  default-router 192.0.2.254
`,
  mag: `interface GigabitEthernet0/1
 linux-interface acc
!
${domain}!
ipv6 mobile pmipv6-mag M1 domain D1
 address ipv6 ${gateway}
 interface GigabitEthernet0/1
  enable pmipv6 default default
 lma lma1 D1
  ipv6-address ${anchor}
`,
};

/** What a sample names is not there: clear answers that say so. */
const REFUSALS =
  /^% (this node has no|LMA \S+ has no|there is no|no binding|no mobile node|packets of|there are|".*" is not|no )/;

/** What leaves the shell or asks for more. */
const OTHERWISE = /^(show history|enable|disable|exit|logout|quit|configure|monitor capture NAME export)/;

describe.skipIf(obstacle !== '')(`every command of EXEC mode (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let lma: Daemon;
  let mag: Daemon;

  beforeAll(async () => {
    network = new Network(`mte${process.pid}`);
    for (const role of ['lma', 'mag'] as const) writeFileSync(join(network.directory, `${role}.cfg`), texts[role]);
    lma = network.start('lma', join(network.directory, 'lma.cfg'), 'lma.sock');
    mag = network.start('mag', join(network.directory, 'mag.cfg'), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
    network.transmit(encodeLayer2Update(MacAddress.parse('02:00:5e:00:53:01') as MacAddress));
    await eventually(async () => {
      const rows = await mag.request<{ state: string }[]>('show', { query: 'mag-binding' });
      return rows.some(({ state }) => state === 'ACTIVE') || undefined;
    });
  }, 60_000);
  afterAll(() => network?.remove());

  const names = { lma: 'lma1', mag: 'M1' } as const;

  it.each(['lma', 'mag'] as const)(
    'is answered by a running %s, in text and as JSON',
    async (role) => {
      const daemon = role === 'lma' ? lma : mag;
      const control = await ControlSession.open(daemon.control);
      const shell = new ShellSession({ ask: (request) => control.ask(request) }, { hostname: 'n', privileged: false });
      await shell.execute('enable');
      const wrong: string[] = [];
      const members: string[] = [];
      for (const command of privilegedTable.commands) {
        for (const [index, sample] of sampleLines(command).entries()) {
          const line = lineOf(sample).replace(/\b(lma|mag) NAME\b/g, (_, of: 'lma' | 'mag') => `${of} ${names[of]}`);
          if (OTHERWISE.test(line)) continue;
          for (const typed of line.startsWith('show ') ? [line, `${line} | json`] : [line]) {
            const reply = await shell.execute(typed);
            let text = reply.text;
            for await (const piece of reply.more ?? []) text += piece;
            const isError =
              text.startsWith('%') &&
              !text.startsWith('% "') &&
              !/^% (Generated|Mobile IPv6 \(48\) is shown)/.test(text);
            if (isError && !REFUSALS.test(text)) wrong.push(`${typed}: ${text}`);
            if (!typed.endsWith('json') || isError) continue;
            if (!isJson(text)) wrong.push(`${typed}: ${text}`);
            else if (index === 0) members.push(...jsonMembers(text).map((path) => `${line}: ${path}`));
          }
        }
      }
      expect(wrong).toEqual([]);
      // Programs read these: members are added, and neither renamed nor removed.
      const file = new URL(`json-members/${role}.txt`, import.meta.url);
      await expect(expectedMembers(file, members)).toMatchFileSnapshot(file.pathname);
      control.close();
    },
    120_000,
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
