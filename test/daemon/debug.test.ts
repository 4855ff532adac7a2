import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { ControlSession } from '#cli/control-session.ts';
import { monitorText, ShellSession } from '#cli/shell/index.ts';
import * as posix from '#host/posix.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { type Daemon, eventually, Network, obstacle, root } from './network.ts';

const station = MacAddress.parse('00:23:c2:db:29:2d') as MacAddress;

/** The addresses and names of the flow that Cisco's guide to the debug of its controllers shows. */
const ANCHOR = '10.106.37.40';
const GATEWAY = '10.106.35.111';
const NAI = '0023.c2db.292d@ciscotacbangalore.com';

const domain = `ipv6 mobile pmipv6-domain D1
 lma LMA1
  ipv4-address ${ANCHOR}
 mag MAG1
  ipv4-address ${GATEWAY}
 nai ${NAI}
  service ipv4
  lma LMA1
  int att WLAN l2-addr 0023.c2db.292d
`;

const texts = {
  lma: `ip local pool home 192.168.5.44 192.168.5.200
!
${domain}!
ipv6 mobile pmipv6-lma LMA1 domain D1
 address ipv4 ${ANCHOR}
 mag MAG1
  ipv4-address ${GATEWAY}
  interop cisco
 network home
  pool ipv4 home pfxlen 24
  default-router 192.168.5.1
`,
  mag: `interface GigabitEthernet0/1
 linux-interface acc
!
${domain}!
ipv6 mobile pmipv6-mag MAG1 domain D1
 address ipv4 ${GATEWAY}
 interface GigabitEthernet0/1
 lma LMA1 D1
  ipv4-address ${ANCHOR}
  interop cisco
`,
};

/** The guide's lines in its order, without their times; the sequence number is ours. */
const guide = [
  '00:23:c2:db:29:2d 0.0.0.0 START (0) Change state to AUTHCHECK (2) last state START (0)',
  '00:23:c2:db:29:2d 0.0.0.0 AUTHCHECK (2) Change state to L2AUTHCOMPLETE (4) last state AUTHCHECK (2)',
  '[PMIPv6_MAG_EVENT]: Trigger request received (L2 Attach trigger) from (0023.c2db.292d)',
  '[PMIPv6_MAG_EVENT]: Event received New MN intf attached in state: NULL, new state: INIT',
  `[PMIPV6_MAG_INFO]: PBU message nai(${NAI}), nai len: 15, hoa(0), att(4) llid(0023.c2db.292d) , ll len: 16 seqNo:N`,
  '[PMIPV6_MM] Sending UDP Packet, src: 0x0a6a236f, dst: 0x0a6a2528, sport: 5436, dport:5436',
  '[PMIPV6_MM] V4HOAREQ option included len 6 val 0',
  '[PMIPV6_MM] V4DFT_RTR option included len 6 val 0',
  '[PMIPv6_MAG_EVENT]: PBU message sent',
  '[PMIPv6_MM] NAI option received len 15',
  '[PMIPv6_MM] V4HOAREPLY option received len 6 val 3232236844',
  '[PMIPv6_MM] V4DFT_RTR option received len 6 val 3232236801',
  '[PMIPv6_MAG_EVENT]: Event received PBA accept in state: INIT, new state: ACTIVE',
  '[PMIPv6_MM] L2 Attach Status: Success',
  '00:23:c2:db:29:2d 0.0.0.0 L2AUTHCOMPLETE (4) Change state to DHCP_REQD (7) last state L2AUTHCOMPLETE (4)',
  '00:23:c2:db:29:2d DHCP transmitting DHCP DISCOVER (1)',
  '00:23:c2:db:29:2d DHCP transmitting DHCP OFFER (2)',
  '00:23:c2:db:29:2d DHCP transmitting DHCP REQUEST (3)',
  '00:23:c2:db:29:2d DHCP transmitting DHCP ACK (5)',
];

/** A shell with `terminal monitor`, and what that shows. */
class Watcher {
  shown = '';
  readonly #shell: ShellSession;

  static async at(daemon: Daemon): Promise<Watcher> {
    const backend = await ControlSession.open(daemon.control);
    const watcher = new Watcher(backend);
    await backend.ask({ request: 'session' });
    await watcher.types('enable', 'terminal monitor');
    return watcher;
  }

  private constructor(backend: ControlSession) {
    this.#shell = new ShellSession(
      { ask: (request) => backend.ask(request), save: writeFileSync },
      { hostname: 'node', privileged: false },
    );
    backend.onEvent = (event) => {
      this.shown += monitorText(event);
    };
  }

  async types(...lines: string[]): Promise<string> {
    let text = '';
    for (const line of lines) text += (await this.#shell.execute(line)).text;
    return text;
  }

  /** Without the times. */
  get lines(): string[] {
    return this.shown.split('\n').map((line) => line.replace(/^\*\w{3} .\d \d\d:\d\d:\d\d\.\d{3}: /, ''));
  }

  async sees(text: string): Promise<void> {
    await eventually(async () => this.shown.includes(text) || undefined);
  }
}

describe.skipIf(obstacle !== '')(`nodes that are debugged (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let lma: Daemon;
  let mag: Daemon;

  beforeAll(async () => {
    network = new Network(`mtx${process.pid}`);
    lma = start('lma', ANCHOR);
    mag = start('mag', GATEWAY);
    await Promise.all([lma.ready(), mag.ready()]);
  });

  afterAll(() => network.remove());

  function start(role: 'lma' | 'mag', address: string): Daemon {
    network.ip(role, 'address', 'add', `${address}/16`, 'dev', 'core');
    const file = join(network.directory, `${role}.cfg`);
    writeFileSync(file, texts[role]);
    return network.start(role, file, `${role}.sock`);
  }

  it("tell the flow of the guide to Cisco's controllers, in its order and words", async () => {
    const [atMag, atLma] = [await Watcher.at(mag), await Watcher.at(lma)];
    await atMag.types('debug client 00:23:c2:db:29:2d', 'debug proxy-mobility all enable', 'debug tunnel');
    await atLma.types('debug ipv6 mobile lma event', 'debug ipv6 mobile lma info', 'debug ipv6 mobile packets');
    network.transmit(encodeLayer2Update(station));
    await atMag.sees('L2 Attach Status');
    network.ip('mn', 'link', 'set', 'eth0', 'address', station.toString());
    spawn('ip', [
      ...['netns', 'exec', network.namespace('mn')],
      ...['busybox', 'udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-s', '/bin/true'],
    ]);
    await atMag.sees('Change state to RUN (20)');
    const numbered = atMag.lines.map((line) => line.replace(/seqNo:\d+$/, 'seqNo:N'));
    expect(numbered.filter((line) => guide.includes(line))).toEqual(guide);
    expect(atMag.lines).toContainEqual(
      'Tunnel: access binding 00:23:c2:db:29:2d (192.168.5.44) encapsulated IP in IPV4 10.106.35.111->10.106.37.40',
    );
    await atLma.sees('PBA message sent');
    expect(atLma.lines).toContain('[PMIPv6_LMA_EVENT]: Event received New MN PBU in state: NULL, new state: ACTIVE');
    expect(atLma.lines).toContain(
      '[PMIPV6_MM] Sending UDP Packet, src: 0x0a6a2528, dst: 0x0a6a236f, sport: 5436, dport:5436',
    );
    expect(atLma.shown).toMatch(/: PMIPV6: received \d+ octets from 10\.106\.35\.111\n/);
    expect(atLma.lines).toContain('    Mobility Header: Proxy Binding Update (5)');
  });

  it('end with "undebug all", and the log has what was told', async () => {
    const watcher = await Watcher.at(mag);
    expect(await watcher.types('show debugging')).toContain('Debugging of client 0023.c2db.292d is on');
    expect(await watcher.types('undebug all')).toBe('All possible debugging has been turned off\n');
    expect(await watcher.types('show debugging')).toBe('');
    watcher.shown = '';
    await watcher.types('clear ipv6 mobile pmipv6 mag binding');
    network.transmit(encodeLayer2Update(station));
    await watcher.sees('%MOORING-6-BINDING_ACTIVE: ');
    expect(watcher.shown).not.toContain('[PMIP');
    expect(await watcher.types('show logging | include Event received')).toMatch(
      /^\*\w{3} .\d [\d:.]{12}: \[PMIPv6_MAG_EVENT\]: Event received New MN intf attached in state: NULL, new state: INIT$/m,
    );
  });

  it('capture their signalling to a file that can be decoded', async () => {
    const watcher = await Watcher.at(lma);
    expect(await watcher.types('monitor capture SIG buffer size 2 circular', 'monitor capture SIG start')).toBe(
      'Started capture point : SIG\n',
    );
    await (await Watcher.at(mag)).types('clear ipv6 mobile pmipv6 mag binding');
    const brief = () => watcher.types('show monitor capture SIG buffer');
    await eventually(async () => (await brief()).includes('PBA') || undefined);
    expect(await brief()).toMatch(/^ {3}0 {5}0\.000000 {2}10\.106\.35\.111 → 10\.106\.37\.40 {2}PBU seq \d+ /);
    expect(await watcher.types('monitor capture SIG stop', 'show monitor capture')).toContain('Status : Inactive');
    const file = join(network.directory, 'signalling.pcapng');
    expect(await watcher.types(`monitor capture SIG export ${file}`)).toMatch(/^Exported Successfully: \d+ messages/);
    const decoded = execFileSync(process.execPath, [join(root, 'bin/mooring'), 'decode', '--summary', file], {
      encoding: 'utf8',
    });
    expect(decoded).toMatch(/10\.106\.37\.40 → 10\.106\.35\.111 {2}PBA seq \d+ status ACCEPTED/);
    expect(await watcher.types('no monitor capture SIG', 'show monitor capture')).toBe('');
  });

  it('log as much of each part as is configured, as long as it is', async () => {
    const watcher = await Watcher.at(lma);
    const stray = () =>
      network.within('mag', () => {
        const fd = posix.check('socket', posix.socket(posix.AF_INET, posix.SOCK_DGRAM, 0));
        const to = posix.sockaddrIn(Ipv4Address.parse(ANCHOR) as Ipv4Address, 5436);
        posix.check('sendto', posix.sendto(fd, Uint8Array.of(0x99), 1, 0, to, to.length));
        posix.close(fd);
      });
    stray();
    // The socket's entry is a debugging one, that of the LMA a warning.
    await watcher.sees('%MOORING-4-MALFORMED_MESSAGE: ');
    expect(watcher.shown).not.toContain('%MOORING-7-MALFORMED_MESSAGE: ');
    await watcher.types('configure terminal', 'logging level signalling debugging', 'logging level lma errors', 'end');
    expect(await watcher.types('show running-config | include logging')).toBe(
      'logging level signalling debugging\nlogging level lma errors\n',
    );
    expect(await watcher.types('show logging | include acility')).toBe(
      '    Facility lma: level errors\n    Facility signalling: level debugging\n',
    );
    watcher.shown = '';
    stray();
    await watcher.sees('%MOORING-7-MALFORMED_MESSAGE: ');
    expect(watcher.shown).not.toContain('%MOORING-4-MALFORMED_MESSAGE: ');
    expect(lma.output).toMatch(/"level":"debug",.*"facility":"signalling",.*"code":"malformed-message"/);
    watcher.shown = '';
    await (await Watcher.at(mag)).types('clear ipv6 mobile pmipv6 mag binding');
    network.transmit(encodeLayer2Update(station));
    lma.kill('SIGHUP');
    await watcher.sees('%MOORING-6-CONFIGURATION_READ: ');
    expect(watcher.shown).not.toContain('BINDING_CREATED');
    // The file says nothing of it.
    expect(await watcher.types('show logging | include acility')).toBe('');
  });

  it('tell of DHCP and ARP in the words of IOS', async () => {
    const watcher = await Watcher.at(mag);
    await watcher.types('debug ip dhcp server events', 'debug ip dhcp server packet', 'debug arp');
    spawn('ip', [
      ...['netns', 'exec', network.namespace('mn')],
      ...['busybox', 'udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-s', '/bin/true'],
    ]);
    await watcher.sees('assigned IP address');
    expect(watcher.lines).toContain(
      'DHCPD: DHCPREQUEST received from client 0100.23c2.db29.2d on interface GigabitEthernet0/1.',
    );
    expect(watcher.lines).toContain('DHCPD: Sending DHCPACK to client 0100.23c2.db29.2d (192.168.5.44).');
    expect(watcher.lines).toContain('DHCPD: assigned IP address 192.168.5.44 to client 0100.23c2.db29.2d.');
    network.ip('mn', 'address', 'add', '192.168.5.44/24', 'dev', 'eth0');
    network.run('mn', 'ping', '-c', '1', '-W', '2', '192.168.5.1');
    await watcher.sees('IP ARP');
    expect(watcher.lines).toContain(
      'IP ARP: rcvd req src 192.168.5.44 0023.c2db.292d, dst 192.168.5.1 GigabitEthernet0/1',
    );
    await watcher.types('undebug all');
  });

  it('tell of packets, as many a second as is asked for, and what becomes of them', async () => {
    const [atMag, atLma] = [await Watcher.at(mag), await Watcher.at(lma)];
    await atMag.types('debug ip cef packet GigabitEthernet0/1 input rate 10', 'debug ip cef packet core output rate 2');
    await atLma.types('debug ip cef packet core input rate 2');
    expect(await atMag.types('show debugging')).toContain(
      'CEF packet debugging of GigabitEthernet0/1 input is on, 10 a second at most\n',
    );
    expect(await atMag.types('debug ip cef packet nowhere input rate 1')).toContain(
      '% packets of nowhere cannot be seen',
    );
    const ping = (how: string) => network.run('mn', 'sh', '-c', `ping -q ${how} ${ANCHOR} >/dev/null; true`);
    const lines = (watcher: Watcher) => watcher.lines.filter((line) => line.startsWith('CEF-Packet: '));
    network.ip('mn', 'route', 'replace', 'default', 'via', '192.168.5.1');
    const began = performance.now();
    ping('-c 200 -i 0.005 -w 2');
    const [up, tunnel] = ['s=192.168.5.44 (GigabitEthernet0/1)', `tunnel ${GATEWAY}->${ANCHOR}`];
    await atMag.sees(`CEF-Packet: ${up}, d=${ANCHOR}, len 84, forwarded into ${tunnel}`);
    await atMag.sees(`CEF-Packet: s=${GATEWAY}, d=${ANCHOR} (core), len 104, forwarded into ${tunnel}`);
    await atLma.sees(`CEF-Packet: s=${GATEWAY} (core), d=${ANCHOR}, len 104, forwarded out of ${tunnel}`);
    const seconds = (performance.now() - began) / 1000;
    expect(lines(atMag).filter((line) => line.includes(up)).length).toBeLessThanOrEqual(10 * (seconds + 2));
    network.ip('mn', 'address', 'add', '192.168.5.99/24', 'dev', 'eth0');
    await eventually(async () => {
      ping('-c 1 -w 1 -I 192.168.5.99');
      return lines(atMag).some((line) => /s=192\.168\.5\.99 .* dropped: no-binding/.test(line)) || undefined;
    });
    await atMag.types('undebug all');
    expect(await atMag.types('show debugging')).toBe('');
    const told = lines(atMag).length;
    ping('-c 5 -i 0.01 -w 1');
    expect(lines(atMag).length).toBe(told);
  });

  it("capture one mobile node's data beside the signalling, in and out of the tunnel", async () => {
    const [atMag, atLma] = [await Watcher.at(mag), await Watcher.at(lma)];
    network.ip('mn', 'address', 'replace', '192.168.5.44/24', 'dev', 'eth0');
    network.ip('mn', 'route', 'replace', 'default', 'via', '192.168.5.1');
    const ping = (how: string) => network.run('mn', 'sh', '-c', `ping -q ${how} ${ANCHOR} >/dev/null; true`);
    await atMag.types(
      'monitor capture DATA limit pps 20 packet-len 64',
      'debug ipv6 mobile packets capture DATA nai '.concat(NAI),
    );
    await atLma.types('monitor capture DATA mobile-node mac 0023.c2db.292d', 'monitor capture DATA start');
    // Before it has a binding it has no data; of a new one the data is taken at once.
    await atMag.types('clear ipv6 mobile pmipv6 mag binding');
    await eventually(async () => {
      ping('-c 1 -W 1');
      return (await atLma.types('show monitor capture DATA buffer')).includes(ANCHOR) || undefined;
    });
    ping('-c 100 -i 0.005 -w 2');
    const fields = ['frame.comment', 'frame.interface_name', 'ip.src', 'frame.cap_len', '_ws.malformed'];
    const read = async (watcher: Watcher, name: string) => {
      const file = join(network.directory, name);
      expect(await watcher.types('no debug ipv6 mobile packets capture DATA')).toContain('Stopped');
      expect(await watcher.types(`monitor capture DATA export ${file}`)).toMatch(/: \d+ messages and \d+ packets to/);
      const asked = ['-n', '-r', file, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((one) => ['-e', one])];
      return execFileSync('tshark', asked, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .trimEnd()
        .split('\n');
    };
    const binding = `binding of "${NAI}", 0023c2db292d, 192.168.5.44`;
    const [gatewayLines, anchorLines] = [await read(atMag, 'mag.pcapng'), await read(atLma, 'lma.pcapng')];
    expect(gatewayLines).toContain(`data received; ${binding}|acc|192.168.5.44|64|`);
    expect(gatewayLines).toContain(`data in a tunnel sent; ${binding}|core|${GATEWAY},192.168.5.44|64|`);
    expect(gatewayLines).toContain(`data in a tunnel received; ${binding}|core|${ANCHOR},${ANCHOR}|64|`);
    expect(gatewayLines).toContain(`data sent; ${binding}|acc|${ANCHOR}|64|`);
    expect(gatewayLines.some((line) => line.startsWith('PBU sent; binding of'))).toBe(true);
    expect(anchorLines).toContain(`data in a tunnel received; ${binding}|core|${GATEWAY},192.168.5.44|104|`);
    expect(anchorLines).toContain(`data in a tunnel sent; ${binding}|core|${ANCHOR},${ANCHOR}|104|`);
    expect([...gatewayLines, ...anchorLines].filter((line) => !line.endsWith('|'))).toEqual([]);
    // 100 round trips pass a gateway at least four times; it was to keep 20 packets a second.
    expect(gatewayLines.filter((line) => line.startsWith('data')).length).toBeLessThan(200);
    expect(await atMag.types('show monitor capture')).toMatch(/not kept: [1-9]/);
    for (const watcher of [atMag, atLma]) await watcher.types('no monitor capture DATA');
  });
});
