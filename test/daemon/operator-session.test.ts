import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { controlRequest } from '#cli/control-client.ts';
import { type Backend, ShellSession } from '#cli/shell/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import {
  clientDetailSample,
  controllerBindingSample,
  defaultBindingSample,
  folded,
  lmaGlobalsSample,
  magGlobalsSample,
  ownBindingSample,
} from '../cli/show/samples.ts';
import * as guide from '../config/deployment-guide-texts.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle, root } from './network.ts';

/** The deployment guide's LMA, as `mooring import staros` has it. */
const anchorLines = `ip local pool PMIP_IPv4_POOL 192.0.2.1 192.0.2.253
ipv6 local pool PMIP_IPv6_POOL 2001:db8:f00d::/48 64
!
ipv6 mobile pmipv6-domain D1
lma lma1
ipv6-address ${anchor}
nai example.com
apn example.com
service dual
network example.com
!
ipv6 mobile pmipv6-lma lma1 domain D1
address ipv6 ${anchor}
bce lifetime 40000
dynamic mag learning
default profile example.com
network example.com
pool ipv4 PMIP_IPv4_POOL pfxlen 24
pool ipv6 PMIP_IPv6_POOL pfxlen 48
default-router 192.0.2.254
`;

/** A router's access interfaces, which a Linux host has by other names. */
const linuxNames = `!
interface GigabitEthernet 0/1/0.3074
linux-interface acc
interface GigabitEthernet 0/1/0.4001
linux-interface acc
!
`;

const noAnchor = 'no ipv6 mobile pmipv6-lma lma1 domain D1\nno ipv6 mobile pmipv6-domain D1\n';
const noGateway = 'no ipv6 mobile pmipv6-mag M1 domain D1\nno ipv6 mobile pmipv6-domain D1\n';

const anchorGlobals = `${noAnchor}ip local pool v4 192.0.2.1 192.0.2.9
ipv6 local pool v6pool 2001:db8::/48 64
ipv6 mobile pmipv6-domain D1
replay-protection timestamp window 10
fixed-link-layer-address aaaa.aaaa.aaaa
fixed-link-local-address fe80::2
signalling ipsec
nai profile1
!
ipv6 mobile pmipv6-lma lma1 domain D1
address ipv6 ${anchor}
default profile profile1
network network1
pool ipv4 v4 pfxlen 24
pool ipv6 v6pool pfxlen 48
mag mag1
mag mag0
encap gre-ipv4
`;

const gatewayGlobals = `${noGateway}interface GigabitEthernet0/0/0
linux-interface acc
interface GigabitEthernet0/1/0
linux-interface acc2
ipv6 mobile pmipv6-domain D1
fixed-link-layer-address aaaa.aaaa.aaaa
fixed-link-local-address fe80::2
lma LMA1
lma LMA2
!
ipv6 mobile pmipv6-mag M1 domain D1
address ipv6 ${gateway}
binding maximum 3
binding init-retx-time 20000
binding max-retx-time 50000
bri delay max 40000
bri retries 6
interface GigabitEthernet0/0/0
interface GigabitEthernet0/1/0
`;

const controllerProfile = `ipv6 mobile pmipv6-domain D1
encap gre-ipv6
signalling ipsec
lma LMA1
ipv6-address ${anchor}
nai 0023.c2db.292d@ciscotacbangalore.com
lma LMA1
int att WLAN l2-addr 0023.c2db.292d
gre-encap-key up 100
gre-encap-key down 1
`;

describe.skipIf(obstacle !== '')(`an operator's session, from nothing (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let lma: Daemon;
  let mag: Daemon;

  beforeAll(async () => {
    network = new Network(`mto${process.pid}`);
    network.ip('mag', 'link', 'add', 'acc2', 'type', 'veth', 'peer', 'name', 'acc2-end');
    writeFileSync(join(network.directory, 'empty.cfg'), '');
    lma = network.start('lma', join(network.directory, 'empty.cfg'), 'lma.sock');
    mag = network.start('mag', join(network.directory, 'empty.cfg'), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
  }, 30_000);
  afterAll(() => network?.remove());

  /** Types lines into `mooring shell`; gives what it prints, prompts and lines among it. */
  const type = (daemon: Daemon, lines: string) =>
    new Promise<string>((resolve) => {
      const shell = spawn(process.execPath, [join(root, 'bin/mooring'), 'shell', '--control', daemon.control]);
      let output = '';
      for (const stream of [shell.stdout, shell.stderr])
        stream.on('data', (data) => {
          output += data;
        });
      shell.on('close', () => resolve(output));
      shell.stdin.end(`enable\n${lines}`);
    });
  const configure = async (daemon: Daemon, lines: string) => {
    const output = await type(daemon, `configure terminal\n${lines}\nend\n`);
    const wrong = output.split('\n').filter((line) => /^% (Invalid|Incomplete|Ambiguous)|refused/.test(line));
    expect(wrong, output).toEqual([]);
    return output;
  };
  /** As the shell prints it. */
  const show = async (daemon: Daemon, words: string) => {
    const ask: Backend['ask'] = (request) => controlRequest(daemon.control, request);
    return (await new ShellSession({ ask }, { hostname: 'router', privileged: true }).execute(`show ${words}`)).text;
  };
  const attached = async (mac: string, vlan?: number) => {
    const frame = encodeLayer2Update(MacAddress.parse(mac) as MacAddress);
    const tag = vlan === undefined ? [] : [0x81, 0x00, vlan >> 8, vlan & 0xff];
    network.transmit(Uint8Array.from([...frame.subarray(0, 12), ...tag, ...frame.subarray(12)]));
    await eventually(async () => {
      const rows = await mag.request<{ state: string }[]>('show', { query: 'mag-binding' });
      return rows.some(({ state }) => state === 'ACTIVE') || undefined;
    });
  };

  it('a profile of the gateway: the sample of the deployment guide, and what is not sampled', async () => {
    await Promise.all([configure(lma, anchorLines), configure(mag, guide.magLocalProfile + linuxNames)]);
    await attached('0024.d78e.21a4', 3074);
    expect(folded(await show(mag, 'ipv6 mobile pmipv6 mag binding'))).toEqual(folded(ownBindingSample));
    expect(folded(await show(lma, 'ipv6 mobile pmipv6 lma lma1 tunnel'))).toEqual(
      expect.arrayContaining([
        `Peer : ${gateway}`,
        `Tunnel source : ${anchor}`,
        `Tunnel destination : ${gateway}`,
        'Tunnel EncapType : IPV6_IN_IPV6',
        'Tunnel MTU : 1452',
        'Bindings : 1',
        'Forwarding state : matches the bindings',
      ]),
    );
    expect(folded(await show(mag, 'ipv6 mobile pmipv6 mag tunnel'))).toContain(
      'Forwarding state : matches the bindings',
    );
    expect(await show(mag, 'ip dhcp binding')).toMatch(/192\.0\.2\.1 +0024\.d78e\.21a4 .* Selecting +GigabitEthernet/);
    expect(await show(mag, 'route-map dynamic')).toContain('    ip address 192.0.2.1\n');
    expect(await show(lma, 'ip local pool')).toMatch(
      /PMIP_IPv4_POOL +192\.0\.2\.1 +192\.0\.2\.253 +252 +1 +lma1\/example.com/,
    );
    expect(await show(lma, 'lma-service session count')).toBe('\nTotal number of bindings: 1\n');
    expect(await show(mag, 'ipv6 interface gi 0/1/0.3074')).toContain('Linux interface is acc.3074\n');
    expect(await show(mag, 'interface summary')).toMatch(
      /GigabitEthernet0\/1\/0\.3074 +acc\.3074 +3074 +10\.8\.22\.15 +Dynamic/,
    );
    expect(await show(mag, 'route summary')).toMatch(/2001:db8:cafe:1024:: +\/64 +directly connected +core/);
    expect(await show(mag, 'dhcp proxy')).toContain('GigabitEthernet0/1/0.3074: DHCP server\n');
    for (const words of [
      'ipv6 mobile pmipv6 mag binding',
      'ip dhcp binding',
      'ipv6 mobile pmipv6 mag tunnel',
      'version',
    ])
      expect(JSON.parse(await show(mag, `${words} | json`))).toBeTypeOf('object');
    expect(
      JSON.parse(await show(lma, 'ipv6 mobile pmipv6 lma binding mag 2001:db8:cafe:1025::15 | json')),
    ).toMatchObject([{ nai: 'mn0@example.com', hoa: '192.0.2.1', state: 'active' }]);
    expect(await show(lma, 'ipv6 mobile pmipv6 lma binding mag M9 count')).toContain('bindings: 0');
    expect(await show(lma, 'ipv6 mobile pmipv6 lma binding customer c')).toContain('% LMA lma1 has no customer "c"');
    const ofPeer = folded(await show(lma, `ipv6 mobile pmipv6 lma stats mag ${gateway}`));
    expect(ofPeer).toEqual(
      expect.arrayContaining([`Peer : ${gateway}`, 'Bindings : 1', 'REGISTRATION : 1', 'ACCEPTED : 1']),
    );
    expect(folded(await show(mag, 'ipv6 mobile pmipv6 mag M1 stats lma lma1'))).toEqual(
      expect.arrayContaining(['Peer : lma1', `Address : ${anchor}`, 'PBU : 1', 'ACCEPTED : 1']),
    );
    expect(await show(lma, 'ipv6 mobile pmipv6 lma stats nai mn0@example.com count')).toBe(
      '\nTotal number of peers: 1\n',
    );
    expect(await show(lma, 'ipv6 mobile pmipv6 lma stats nai nobody count')).toBe('\nTotal number of peers: 0\n');
    expect(await show(lma, 'ipv6 mobile pmipv6 lma tunnel nai mn0@example.com count')).toContain('tunnels: 1\n');
    expect(await show(lma, 'ipv6 mobile pmipv6 lma tunnel nai nobody count')).toContain('tunnels: 0\n');
    expect(await show(mag, 'ipv6 mobile pmipv6 mag globals lma lma1 count')).toContain('peers: 1\n');
    expect(await show(mag, 'ipv6 mobile pmipv6 mag globals lma lma9')).not.toContain('Peer : ');
    expect(await show(lma, 'ipv6 mobile pmipv6 lma stats customer c')).toContain('% LMA lma1 has no customer "c"');
    await type(lma, 'clear ipv6 mobile pmipv6 lma stats\n');
    expect(folded(await show(lma, `ipv6 mobile pmipv6 lma stats mag ${gateway}`))).toContain('PBU : 0');
    expect(await show(lma, 'logging')).toContain('%MOORING-6-BINDING_CREATED: ');
  }, 30_000);

  it('a default profile: the sample of the deployment guide, exactly; a removed LMA says what that means', async () => {
    expect(await configure(lma, noAnchor)).toContain('% 1 binding of lma1 ended\n');
    await configure(mag, noGateway);
    const lines = anchorLines.replaceAll('example.com', 'example_A.com');
    await Promise.all([configure(lma, lines), configure(mag, guide.magDefaultProfile + linuxNames)]);
    await attached('0024.d78e.21a4', 3074);
    expect(await show(mag, 'ipv6 mobile pmipv6 mag binding')).toBe(defaultBindingSample);
  }, 30_000);

  it('a wireless LAN controller: its two samples', async () => {
    const pool = `${noAnchor}ip local pool wlan 192.168.5.44 192.168.5.99
${controllerProfile}!
ipv6 mobile pmipv6-lma LMA1 domain D1
address ipv6 ${anchor}
dynamic mag learning
default profile 0023.c2db.292d@ciscotacbangalore.com
network wlan
pool ipv4 wlan pfxlen 24
default-router 192.168.5.1
`;
    const controller = `${noGateway}interface Management
linux-interface acc
${controllerProfile}!
ipv6 mobile pmipv6-mag M1 domain D1
address ipv6 ${gateway}
interface Management
`;
    await Promise.all([configure(lma, pool), configure(mag, controller)]);
    await attached('0023.c2db.292d');
    expect(await show(mag, 'pmipv6 mag binding')).toBe(controllerBindingSample);
    expect(await show(mag, 'client detail 00:23:c2:db:29:2d')).toContain(clientDetailSample);
    expect(await show(mag, 'client detail 00:23:c2:db:29:2e')).toContain('no mobile node 0023.c2db.292e');
    await configure(lma, 'no ipv6 mobile pmipv6-lma LMA1 domain D1');
  }, 30_000);

  it('the globals: the two samples of the IOS XE guide', async () => {
    await Promise.all([configure(lma, anchorGlobals), configure(mag, gatewayGlobals)]);
    expect(folded(await show(lma, 'ipv6 mobile pmipv6 lma lma1 globals'))).toEqual(folded(lmaGlobalsSample));
    const sample = folded(magGlobalsSample);
    expect(folded(await show(mag, 'ipv6 mobile pmipv6 mag M1 globals')).slice(0, sample.length)).toEqual(sample);
  }, 30_000);
});
