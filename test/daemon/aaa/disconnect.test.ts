import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle, root } from '../network.ts';

const RADCLIENT = spawnSync('radclient', ['-v']).status === 0;
const why = [obstacle, RADCLIENT ? '' : 'needs freeradius-utils'].filter((text) => text !== '').join('; ');
const INTERFACE = 'GigabitEthernet0/1/0.3074';
const MN = MacAddress.parse('0024.d78e.21a4') as MacAddress;
const SECRET = 'aaacisco';
const LOOPBACK = '203.0.113.115';
const authorization = (...lines: string[]) => `aaa server radius dynamic-author\n  ${lines.join('\n  ')}\n`;
const CLIENTS = [anchor.toString(), LOOPBACK].map((address) => `client ${address} server-key ${SECRET}`);

describe.skipIf(why !== '')(
  `Disconnect-Requests and CoA-Requests of radclient (${why || 'root, BPF, radclient'})`,
  () => {
    let network: Network;
    let lma: Daemon;
    let mag: Daemon;
    let lmaText: string;

    const bindings = async () => ({
      lma: (await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' }))[0],
      mag: (await mag.request<MagBindingRow[]>('show', { query: 'mag-binding' }))[0],
    });
    const view = async (daemon: Daemon) =>
      (await daemon.request<AaaServersView>('show', { query: 'aaa-servers' })).dynamicAuthorization;

    /** What radclient prints. */
    function request(server: string, kind: 'disconnect' | 'coa', attributes: string[], secret = SECRET): string {
      const words = [
        'netns',
        'exec',
        network.namespace('lma'),
        'radclient',
        '-x',
        '-r',
        '1',
        '-t',
        '2',
        server,
        kind,
        secret,
      ];
      const { stdout, stderr } = spawnSync('ip', words, { input: attributes.join('\n'), encoding: 'utf8' });
      return stdout + stderr;
    }

    async function attached() {
      await mag.request('attach', { interface: INTERFACE, mac: MN.toCiscoString() });
      return eventually(async () => {
        const { lma: row } = await bindings();
        return row?.hoa ? row : undefined;
      });
    }

    const gone = () =>
      eventually(async () => {
        const { lma: anchored, mag: attachedHere } = await bindings();
        return !anchored && !attachedHere;
      });

    beforeAll(async () => {
      network = new Network(`mtd${process.pid}`);
      network.ip('lma', 'address', 'add', `${LOOPBACK}/32`, 'dev', 'lo');
      const write = (name: string, text: string) => {
        const file = join(network.directory, name);
        writeFileSync(file, text);
        return file;
      };
      const example = (name: string) => readFileSync(join(root, 'examples', name), 'utf8');
      lmaText = example('lma.cfg')
        .replace('ipv6 unicast-routing', `${authorization(...CLIENTS)}ipv6 unicast-routing`)
        .replace(
          '  nai default',
          '  nai other\n    apn other.example\n    service dual\n    network example_A\n  nai default',
        )
        .replace('  bce lifetime 40000', '  bce delete-wait-time 200\n  bce lifetime 40000');
      const magText = example('mag1.cfg').replace(
        'ipv6 unicast-routing',
        `${authorization('port 3800', ...CLIENTS)}ipv6 unicast-routing`,
      );
      lma = network.start('lma', write('lma.cfg', lmaText), 'lma.sock');
      mag = network.start('mag', write('mag.cfg', magText), 'mag.sock');
      await Promise.all([lma.ready(), mag.ready()]);
      await eventually(async () => (await view(mag))?.listening.includes(gateway.toString()));
    }, 40_000);

    afterAll(async () => {
      await network?.remove();
    });

    it('[RFC 5176 §2.1] a session that the LMA is asked to end is gone at both ends', async () => {
      const { nai, hoa } = await attached();
      const answer = request(`${LOOPBACK}:3799`, 'disconnect', [
        `User-Name = "${nai}"`,
        'Calling-Station-Id = "00-24-D7-8E-21-A4"',
        `Framed-IP-Address = ${hoa}`,
      ]);
      expect(answer).toContain('Received Disconnect-ACK');
      await gone();
      expect(lma.output).toContain('binding-revoked');
    });

    it('[RFC 5176 §2.1] a session that the MAG is asked to end is gone at both ends', async () => {
      await attached();
      const answer = request(`[${gateway}]:3800`, 'disconnect', [
        'Calling-Station-Id = "0024d78e21a4"',
        `NAS-IPv6-Address = ${gateway}`,
        `NAS-Port-Id = "${INTERFACE}"`,
      ]);
      expect(answer).toContain('Received Disconnect-ACK');
      await gone();
    });

    it('[RFC 5176 §3.5] refuses a session that is not there, one of another node, and what says nothing of a session', async () => {
      const { nai } = await attached();
      const causes = [
        ['User-Name = "nobody@example.com"'],
        [`User-Name = "${nai}"`, 'Framed-IP-Address = 198.51.100.77'],
        [`User-Name = "${nai}"`, 'NAS-IP-Address = 198.51.100.77'],
        ['NAS-Identifier = "lma"'],
        [`User-Name = "${nai}"`, 'Service-Type = Framed-User'],
      ].map((attributes) => /Error-Cause = (\S+)/.exec(request(`${LOOPBACK}:3799`, 'disconnect', attributes))?.[1]);
      expect(causes).toEqual([
        'Session-Context-Not-Found',
        'Session-Context-Not-Found',
        'NAS-Identification-Mismatch',
        'Missing-Attribute',
        'Unsupported-Attribute',
      ]);
      expect((await bindings()).lma?.nai).toBe(nai);
    });

    it('[RFC 5176 §2.2] changes a session at the MAG, which registers it anew, and tells why it does not', async () => {
      const { nai } = await attached();
      const names = [`User-Name = "${nai}"`, `NAS-IPv6-Address = ${gateway}`];
      const change = (...lines: string[]) => request(`[${gateway}]:3800`, 'coa', [...names, ...lines]);
      expect(change('Session-Timeout = 3000', 'Message-Authenticator = 0x00')).toContain('Received CoA-ACK');
      const limited = await eventually(async () => {
        const { mag: row } = await bindings();
        return row && row.lifetime <= 3000 ? row : undefined;
      });
      expect(limited.sessionRemaining).toBeGreaterThan(2900);
      expect(change('Cisco-AVPair = "mn-service=ipv6"')).toContain('Received CoA-ACK');
      await eventually(async () => {
        const { lma: anchored, mag: row } = await bindings();
        return row?.state === 'ACTIVE' && row.hoa === null && row.hnps.length === 1 && anchored?.hoa === null;
      });
      const other = 'Cisco-AVPair = "mn-apn=other.example"';
      const causes = [
        change('Cisco-AVPair = "mn-service=ipv5"'),
        change('Cisco-AVPair = "home-lma=nobody"'),
        change('Idle-Timeout = 5'),
        change(),
        change(other, 'Service-Type = Authorize-Only'),
        request(`[${gateway}]:3800`, 'coa', ['User-Name = "nobody@example.com"', other]),
        request(`${LOOPBACK}:3799`, 'coa', [`User-Name = "${nai}"`, other]),
      ].map((answer) => /CoA-NAK[\s\S]*Error-Cause = (\S+)/.exec(answer)?.[1]);
      expect(causes).toEqual([
        'Invalid-Attribute-Value',
        'Invalid-Attribute-Value',
        'Unsupported-Attribute',
        'Missing-Attribute',
        'Unsupported-Service',
        'Session-Context-Not-Found',
        'Unsupported-Attribute',
      ]);
      expect(change(other)).toContain('Received CoA-ACK');
      await eventually(async () => {
        const { mag: row } = await bindings();
        return row?.state === 'ACTIVE' && row.apn === 'other.example';
      });
      expect(request(`[${gateway}]:3800`, 'disconnect', names)).toContain('Received Disconnect-ACK');
      await gone();
    }, 30_000);

    it('[RFC 5176 §2.2] changes the time of a session at the LMA, which ends it at both ends when that is over, and refuses the rest', async () => {
      const { nai } = await attached();
      const change = (...lines: string[]) => request(`${LOOPBACK}:3799`, 'coa', [`User-Name = "${nai}"`, ...lines]);
      const refused = [
        change('Cisco-AVPair = "mn-service=ipv6"'),
        change('Session-Timeout = 30', 'PMIP6-Home-LMA-IPv4-Address = 10.8.24.101'),
        change('Framed-IP-Address = 198.51.100.77', 'Session-Timeout = 30'),
      ].map((answer) => /CoA-NAK[\s\S]*Error-Cause = (\S+)/.exec(answer)?.[1]);
      expect(refused).toEqual(['Unsupported-Attribute', 'Unsupported-Attribute', 'Session-Context-Not-Found']);
      expect(change('Acct-Interim-Interval = 60', 'Session-Timeout = 3000')).toContain('Received CoA-ACK');
      await eventually(async () => ((await bindings()).lma?.lifetimeRemaining ?? 4000) <= 3000);
      expect(change('Session-Timeout = 2')).toContain('Received CoA-ACK');
      await gone();
      expect(lma.output).toContain('session-timeout');
    }, 20_000);

    it('[RFC 5176 §6.1] gives no answer to a request that another secret signed, nor to a stranger', async () => {
      const { nai } = await attached();
      expect(request(`${LOOPBACK}:3799`, 'disconnect', [`User-Name = "${nai}"`], 'wrong')).toContain('No reply');
      network.ip('lma', 'address', 'add', '203.0.113.116/32', 'dev', 'lo');
      await eventually(async () => (await view(lma))?.listening.includes('203.0.113.116'));
      expect(request('203.0.113.116:3799', 'disconnect', [`User-Name = "${nai}"`])).toContain('No reply');
      expect((await view(lma))?.stats).toMatchObject({ badAuthenticators: 1, strangers: 1 });
      expect((await bindings()).lma?.nai).toBe(nai);
    }, 20_000);

    it('listens only while it is configured, and says so when another process has the port', async () => {
      const { nai } = await attached();
      const reconfigure = (text: string) => lma.request('reconfigure', { text });
      await reconfigure(lmaText.replace(authorization(...CLIENTS), ''));
      await eventually(async () => (await view(lma)) === undefined);
      expect(request(`${LOOPBACK}:3799`, 'disconnect', [`User-Name = "${nai}"`])).toContain('No reply');
      const script = `require('dgram').createSocket('udp4').bind(3801, '${LOOPBACK}', () => console.log('bound'))`;
      const other = spawn('ip', ['netns', 'exec', network.namespace('lma'), process.execPath, '-e', script]);
      await once(other.stdout, 'data');
      await reconfigure(lmaText.replace(authorization(...CLIENTS), authorization('port 3801', ...CLIENTS)));
      await eventually(async () => lma.output.includes(`another process has UDP port 3801 at ${LOOPBACK}`));
      other.kill();
      await eventually(async () => (await view(lma))?.listening.includes(LOOPBACK));
      expect(request(`${LOOPBACK}:3801`, 'disconnect', [`User-Name = "${nai}"`])).toContain('Received Disconnect-ACK');
      await gone();
    }, 20_000);
  },
);
