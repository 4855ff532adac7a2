/** A MAG whose LMA is reached by the table of a VRF, while the node's own table leads elsewhere. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { VrfRow } from '#cli/show/index.ts';
import * as posix from '#host/posix.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle } from './network.ts';

const station = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
/** In a frame: Ethernet, and of IPv6 what is before the destination. */
const DESTINATION_AT = 38;
const CORRESPONDENT = '198.51.100.10';
const TRANSPORT = '2001:db8:cafe:1024::/64';

const domain = `ipv6 mobile pmipv6-domain D1
 lma lma1
  ipv6-address ${anchor}
 mag M1
  ipv6-address ${gateway}
 nai any
  service ipv4
  lma lma1
  network home
`;

const anchorText = `ip local pool home 192.0.2.1 192.0.2.253
!
${domain}!
ipv6 mobile pmipv6-lma lma1 domain D1
 address ipv6 ${anchor}
 default profile any
 network home
  pool ipv4 home pfxlen 24
  default-router 192.0.2.254
`;

const gatewayText = (vrfs: string, vrfid: string) => `${vrfs}interface GigabitEthernet0/1
 linux-interface acc
!
${domain}!
ipv6 mobile pmipv6-mag M1 domain D1
 address ipv6 ${gateway}
 lma lma1 D1
  ${vrfid}
 interface GigabitEthernet0/1
  enable pmipv6 default any
`;

describe.skipIf(obstacle !== '')(`a MAG with an LMA in a VRF (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let mag: Daemon;
  let file: string;
  let tap: number;

  beforeEach(() => {
    network = new Network(`mtv${process.pid}`);
    network.ip('lma', 'address', 'add', `${CORRESPONDENT}/32`, 'dev', 'lo');
    // By the node's own table the LMA is behind a link that leads nowhere.
    network.ip('mag', 'link', 'add', 'wrong', 'type', 'veth', 'peer', 'name', 'nowhere');
    // The kernel itself says nothing there.
    for (const link of ['wrong', 'nowhere']) network.ip('mag', 'link', 'set', link, 'addrgenmode', 'none', 'up');
    network.ip('mag', 'route', 'del', TRANSPORT, 'dev', 'core');
    network.ip('mag', 'neigh', 'add', `${anchor}`, 'lladdr', '02:00:00:00:00:99', 'dev', 'wrong', 'nud', 'permanent');
    network.ip('mag', 'route', 'add', TRANSPORT, 'dev', 'wrong');
    file = join(network.directory, 'mag.cfg');
    tap = network.within('mag', () => {
      const fd = posix.check('socket', posix.socket(posix.AF_PACKET, posix.SOCK_RAW, 0));
      const name = posix.sockaddrLl(posix.ifNameToIndex('nowhere'), posix.ETH_P_ALL);
      posix.check('bind', posix.bind(fd, name, name.length));
      return fd;
    });
  });
  afterEach(async () => {
    posix.close(tap);
    await network.remove();
  });

  const start = async (text: string) => {
    const ofLma = join(network.directory, 'lma.cfg');
    writeFileSync(ofLma, anchorText);
    writeFileSync(file, text);
    const lma = network.start('lma', ofLma, 'lma.sock');
    mag = network.start('mag', file, 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
  };
  const shown = (query: string) => mag.request<unknown[]>('show', { query });
  const active = () =>
    eventually(async () =>
      ((await shown('mag-binding')) as MagBindingRow[]).find((row) => row.state === 'ACTIVE' && row.hoa),
    );
  const tableOf = async (name: string) =>
    ((await shown('vrf')) as VrfRow[]).find((row) => row.name === name)?.table as number;
  const ping = (count = 3) => {
    try {
      return network.run('mn', 'ping', '-c', `${count}`, '-i', '0.2', '-W', '1', CORRESPONDENT);
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  /** Frames for the LMA that left by the node's own table. */
  const wentWrong = () => {
    const frame = Buffer.alloc(2048);
    for (let count = 0; ; ) {
      if (posix.recv(tap, frame, frame.length, posix.MSG_DONTWAIT) < 0) return count;
      if (frame.indexOf(anchor.toBytes()) === DESTINATION_AT) count++;
    }
  };
  const attach = async () => {
    network.transmit(encodeLayer2Update(station));
    const { hoa } = await active();
    network.ip('mn', 'link', 'set', 'eth0', 'address', station.toString());
    network.ip('mn', 'address', 'add', `${hoa}/24`, 'dev', 'eth0');
    network.ip('mn', 'route', 'add', 'default', 'via', '192.0.2.254');
  };

  it('signals and tunnels by the table of the VRF and by no other, and goes back without it', async () => {
    await start(gatewayText('vrf definition red\n!\n', 'vrfid red'));
    const table = `${await tableOf('red')}`;
    network.ip('mag', 'route', 'add', TRANSPORT, 'dev', 'core', 'table', table);
    await attach();
    expect(ping()).toContain('3 received');

    network.ip('mag', 'route', 'del', TRANSPORT, 'dev', 'core', 'table', table);
    await eventually(async () => ping(1).includes('0 received'));
    expect(wentWrong()).toBe(0);

    network.ip('mag', 'route', 'add', TRANSPORT, 'dev', 'core', 'table', table);
    await eventually(async () => ping(1).includes('1 received'));

    network.ip('mag', 'route', 'replace', TRANSPORT, 'dev', 'core');
    network.ip('mag', 'route', 'del', TRANSPORT, 'dev', 'core', 'table', table);
    writeFileSync(file, gatewayText('', ''));
    mag.kill('SIGHUP');
    await eventually(async () => ping(1).includes('1 received'));
    expect(((await shown('mag-binding')) as MagBindingRow[]).map(({ state }) => state)).toEqual(['ACTIVE']);
    expect(network.ip('mag', 'rule')).not.toContain('fwmark');
    expect(network.ip('mag', '-6', 'rule')).not.toContain('fwmark');
  });

  it('does not use an LMA whose VRF is not defined, and uses it once it is', async () => {
    network.ip('mag', 'route', 'replace', TRANSPORT, 'dev', 'core');
    await start(gatewayText('', 'vrfid red'));
    expect(await shown('vrf')).toEqual([{ name: 'red', table: null, peers: ['M1/lma1'] }]);
    expect(mag.output).toContain('lma lma1 is not used, as there is no VRF red');
    writeFileSync(file, gatewayText('vrf definition red\n!\n', 'vrfid red'));
    mag.kill('SIGHUP');
    const table = await eventually(async () => (await tableOf('red')) ?? undefined);
    network.ip('mag', 'route', 'add', TRANSPORT, 'dev', 'core', 'table', `${table}`);
    await attach();
    expect(ping()).toContain('3 received');
  });
});
