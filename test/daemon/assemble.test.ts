import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { inSeconds, seconds } from '#base/time.ts';
import { parseConfiguration } from '#config/index.ts';
import { AssemblyError, assemble, requireRunnable } from '#daemon/assemble.ts';
import { ANY_HOST, availabilityOn, locateIn } from '#daemon/host-availability.ts';
import type { AddressState } from '#daemon/host-facts.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import * as deploymentTexts from '../config/deployment-guide-texts.ts';
import * as guideTexts from '../config/guide-texts.ts';

function assembleText(text: string, host = ANY_HOST) {
  const { configuration, diagnostics } = parseConfiguration(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return assemble(configuration, 'host', host);
}

function example(name: string): string {
  return readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8');
}

function ipv4(text: string): Ipv4Address {
  return Ipv4Address.parse(text) as Ipv4Address;
}

describe('assemble', () => {
  it('puts the access list of "tunnel acl" on the tunnels of the LMA, and says what of it is not done', () => {
    const acl = (rules: string) => `ip access-list extended acl1\n${rules}\nexit\n`;
    const text = (rules: string) =>
      acl(rules) + example('lma.cfg').replace(/^ipv6 mobile pmipv6-lma .*$/m, '$&\n  tunnel acl acl1');
    const { forwarding, problems } = assembleText(text(' deny ip host 10.2.2.2 any\n permit ip any any'));
    expect(problems).toEqual([]);
    expect(forwarding.tunnelFilters).toMatchObject({
      anchor: { name: 'acl1', rules: [{ action: 'deny', protocol: 'ip' }, { action: 'permit' }] },
    });
    const many = Array.from({ length: 130 }, (_, i) => ` permit udp any host 10.0.0.${i}`).join('\n');
    const long = assembleText(text(`${many}\n deny ip any any log`));
    expect(long.forwarding.tunnelFilters?.anchor?.rules).toHaveLength(128);
    expect(long.problems).toEqual([expect.stringContaining('first 128 of 131'), expect.stringContaining('"log"')]);
  });

  it('has an access point behind the first interface that names it, and says so of another', () => {
    const profile = '    enable pmipv6 default default_subscriber_profile_A';
    const point = '    hostapd control-interface /run/hostapd/wlan0';
    const other = `  interface acc2\n${point}\n    hostapd control-interface /run/hostapd/wlan1`;
    const text = example('mag1.cfg').replace(profile, `${profile}\n${point}\n${other}`);
    const { mags, problems } = assembleText(text);
    expect(mags[0]?.accessPoints).toEqual([
      { interface: 'GigabitEthernet0/1/0.3074', path: '/run/hostapd/wlan0' },
      { interface: 'acc2', path: '/run/hostapd/wlan1' },
    ]);
    expect(problems).toEqual([expect.stringMatching(/wlan0 is under GigabitEthernet0\/1\/0.3074 too/)]);
  });

  it('gives the LMA of the example its addresses, pools, peers and profiles', () => {
    const { hostname, lmas, mags, forwarding } = assembleText(example('lma.cfg'));
    expect(hostname).toBe('lma');
    expect(mags).toEqual([]);
    const [lma] = lmas;
    expect(lma?.addresses.ipv6?.toString()).toBe('2001:db8:cafe:1024::101');
    expect(lma?.peers.map(({ name, ipv6 }) => `${name} ${ipv6}`)).toEqual([
      'M1 2001:db8:cafe:1025::15',
      'M2 2001:db8:cafe:1026::15',
    ]);
    expect(lma?.defaultProfile).toMatchObject({ nai: 'default_subscriber_profile_A', service: 'dual' });
    expect(lma?.timestampCheck).toBe(true);
    expect(inSeconds(lma?.timestampWindow ?? (0 as never))).toBe(200);
    const [pool] = lma?.pools.ipv4 ?? [];
    expect(`${pool?.low} ${pool?.high} ${pool?.prefixLength} ${pool?.gateway}`).toBe(
      '192.0.2.1 192.0.2.253 24 192.0.2.254',
    );
    expect(lma?.pools.ipv6.map(({ prefix, assignedLength }) => `${prefix} ${assignedLength}`)).toEqual([
      '2001:db8:f00d::/48 64',
    ]);
    expect(forwarding.pools.ipv4.map(String)).toEqual(['192.0.2.0/24']);
    expect(forwarding.pools.ipv6.map(String)).toEqual(['2001:db8:f00d::/48']);
    expect(forwarding.localAddresses.map(String)).toEqual(['2001:db8:cafe:1024::101']);
  });

  it('lets "tcp adjust-mss" of an access link hold for its mobile nodes, and that of other interfaces for all', () => {
    const limits = ' ip tcp adjust-mss 1300\n ipv6 tcp adjust-mss 1280\n';
    const mag = `${example('mag1.cfg')}\ninterface GigabitEthernet0/1/0.3074\n ip tcp adjust-mss 1200\ninterface eth7\n${limits}`;
    const { accessInterfaces, tcpMss } = assembleText(mag).forwarding;
    expect(accessInterfaces.map(({ name, tcpMss: own }) => [name, own])).toContainEqual([
      'GigabitEthernet0/1/0.3074',
      { ipv4: 1200 },
    ]);
    expect(tcpMss).toEqual({ ipv4: 1300, ipv6: 1280 });
  });

  it('makes an interface of its own for a VLAN, called after the interface that carries it', () => {
    const mag = example('mag1.cfg').replace('linux-interface acc', 'encapsulation dot1Q 100\n linux-interface acc');
    const link = (text: string) =>
      assembleText(text).forwarding.accessInterfaces.map((one) => [one.linkName, one.vlan]);
    const vlan = { parent: 'acc', id: 100 };
    expect(link(mag)).toContainEqual(['acc.100', vlan]);
    expect(link(mag.replace('linux-interface acc', 'linux-interface acc.100'))).toContainEqual(['acc.100', vlan]);
    const long = link(mag.replace('linux-interface acc', 'linux-interface enp216s0f1np1d2'));
    expect(long).toContainEqual(['enp216s0f1n.100', { parent: 'enp216s0f1np1d2', id: 100 }]);
  });

  it('lets the smallest "tunnel mtu" of the node hold for its tunnels', () => {
    const mtu = (text: string) => assembleText(text).forwarding.tunnelMtu;
    const lma = example('lma.cfg');
    expect(mtu(lma)).toBe(1452);
    expect(mtu(lma.replace(/^( *)(ipv6 mobile pmipv6-lma .*)$/m, '$1$2\n tunnel mtu 1400'))).toBe(1400);
    expect(mtu('')).toBe(1452);
  });

  it('has the tunnels of a node or a peer with "tunnel ecn compatibility" in that mode, by their ends', () => {
    const ends = (file: string, ...lines: string[]) =>
      assembleText(`${example(file)}\n${lines.join('\n')}`).forwarding.ecnCompatibility?.map(String);
    const mode = 'tunnel ecn compatibility';
    const [lma, mag] = ['ipv6 mobile pmipv6-lma lma1 domain D1', 'ipv6 mobile pmipv6-mag M1 domain D1'];
    expect(ends('lma.cfg')).toBeUndefined();
    expect(ends('lma.cfg', lma, mode)).toEqual(['2001:db8:cafe:1024::101']);
    expect(ends('lma.cfg', lma, 'mag M2', mode)).toEqual(['2001:db8:cafe:1026::15']);
    expect(ends('mag1.cfg', mag, mode)).toEqual(['2001:db8:cafe:1025::15']);
    expect(ends('mag1.cfg', mag, 'lma lma1', mode)).toEqual(['2001:db8:cafe:1024::101']);
  });

  it('gives the MAG of the example its LMA, its access interface under both names and the fixed addresses', () => {
    const { lmas, mags, forwarding } = assembleText(example('mag1.cfg'));
    expect(lmas).toEqual([]);
    const mag = mags[0]?.mag;
    expect(mag?.lmas.map(({ name, ipv6 }) => `${name} ${ipv6}`)).toEqual(['lma1 2001:db8:cafe:1024::101']);
    expect(mag?.interfaces).toMatchObject([
      { name: 'GigabitEthernet0/1/0.3074', linkName: 'acc', defaultProfile: { service: 'dual' } },
    ]);
    expect(mag?.linkLocal.toString()).toBe('fe80::200:5eff:fe00:5213');
    expect(mag?.linkLayer.toString()).toBe('00:00:5e:00:52:13');
    expect(mags[0]?.access.interfaces).toEqual([{ name: 'GigabitEthernet0/1/0.3074' }]);
    expect(forwarding.accessInterfaces.map(({ name, linkName }) => `${name} ${linkName}`)).toEqual([
      'GigabitEthernet0/1/0.3074 acc',
    ]);
  });

  it.each([
    ['without a role', undefined, 4],
    ['of role WLAN', 'WLAN', 4],
    ['of role 3GPP', '3GPP', 4],
    ['of role WIMAX', 'WIMAX', 5],
    ['of role LTE', 'LTE', 8],
  ])('[RFC 5213 §8.5] gives the access interface of a MAG %s its access technology', (_, role, number) => {
    const text = example('mag1.cfg').replace('  role 3GPP\n', role ? `  role ${role}\n` : '');
    expect(assembleText(text).mags[0]?.mag.interfaces[0]?.accessTechnology).toBe(number);
  });

  it.each([
    ['', undefined],
    ['encap ipv6-in-ipv6', { gre: 'refused', udp: false }],
    ['encap gre-ipv6', { gre: 'required', udp: false }],
    ['encap gre-ipv4', { gre: 'required', udp: false }],
    ['encap udptunnel', { gre: 'asked', udp: true }],
  ])(
    '[RFC 5844 §5.1] has an LMA accept tunnels as "%s" says, of the MAG before the LMA before the domain',
    (encap, tunnel) => {
      const text = (domain: string, lma: string, mag: string) =>
        assembleText(
          `ipv6 mobile pmipv6-domain D\n${domain}\nmag m\nipv4-address 192.0.2.2\n!\n` +
            `ipv6 mobile pmipv6-lma l domain D\naddress ipv4 192.0.2.1\n${lma}\nmag m\n${mag}\n`,
        ).lmas[0];
      expect(text(encap, '', '')?.tunnel).toEqual(tunnel);
      expect(text('encap gre-ipv6', encap, '')?.tunnel).toEqual(tunnel ?? { gre: 'required', udp: false });
      expect(text('', '', encap)?.peers).toMatchObject([{ name: 'm', ...(tunnel && { tunnel }) }]);
    },
  );

  it('names the network of each pool, and leaves a pool out that shares addresses with another one', () => {
    const text = (second: string) =>
      `ip local pool A 192.0.2.1 192.0.2.99\nip local pool B ${second}\nipv6 local pool C 2001:db8:f00d::/48 64\n` +
      'ipv6 mobile pmipv6-domain D\n!\nipv6 mobile pmipv6-lma l domain D\naddress ipv4 203.0.113.1\n' +
      'network one\npool ipv4 A pfxlen 24\npool ipv6 C pfxlen 48\n!\n' +
      'network two\npool ipv4 B pfxlen 24\npool ipv6 C pfxlen 48\n';
    const apart = assembleText(text('192.0.2.100 192.0.2.199'));
    expect(apart.lmas[0]?.pools.ipv4).toMatchObject([{ network: 'one' }, { network: 'two' }]);
    expect(apart.lmas[0]?.pools.ipv6).toMatchObject([{ network: 'one' }, { network: 'two' }]);
    expect(apart.problems).toEqual([]);
    const shared = assembleText(text('192.0.2.99 192.0.2.199'));
    expect(shared.lmas[0]?.pools.ipv4).toMatchObject([{ network: 'one' }]);
    expect(shared.problems).toEqual([expect.stringContaining('network two: its pool has addresses in common')]);
  });

  it('lets no two LMAs give the same addresses', () => {
    const lma = (name: string, address: string) =>
      `ipv6 mobile pmipv6-lma ${name} domain D\naddress ipv4 ${address}\nnetwork n\npool ipv4 A pfxlen 24\n!\n!\n`;
    const pool = 'ip local pool A 192.0.2.1 192.0.2.99\nipv6 mobile pmipv6-domain D\n!\n';
    const { lmas, problems: found } = assembleText(pool + lma('l', '203.0.113.1') + lma('k', '203.0.113.2'));
    expect(lmas.map(({ pools }) => pools.ipv4.length)).toEqual([1, 0]);
    expect(found).toHaveLength(1);
  });

  it('has an LMA know the GRE keys of profiles, and whether keys are generated', () => {
    const profile = 'nai p\ngre-encap-key up 1234\ngre-encap-key down 5678\n';
    const [lma] = assembleText(
      `ipv6 mobile pmipv6-domain D\n${profile}!\nipv6 mobile pmipv6-lma l domain D\naddress ipv4 192.0.2.1\ngenerate grekey\n`,
    ).lmas;
    expect(lma).toMatchObject({ generateGreKeys: true, profiles: [{ nai: 'p', greKeys: { up: 1234, down: 5678 } }] });
  });

  it.each([
    ['', undefined],
    ['encap gre-ipv6', { transport: 'ipv6', mode: 'gre' }],
    ['encap ipv6-in-ipv6', { transport: 'ipv6', mode: 'ip' }],
    ['encap gre-ipv4', { transport: 'ipv4-udp', mode: 'gre' }],
    ['encap udptunnel', { transport: 'ipv4-udp', mode: 'udp' }],
  ])('has a MAG reach its LMA as "%s" says, of the LMA before the MAG before the domain', (encap, tunnel) => {
    const text = (domain: string, mag: string, lma: string) =>
      [
        `ipv6 mobile pmipv6-domain D\n${domain}\nlma l\nipv6-address 2001:db8::1\nipv4-address 192.0.2.1\nnai p`,
        `ipv6 mobile pmipv6-mag m domain D\naddress ipv6 2001:db8::2\naddress ipv4 192.0.2.2\n${mag}`,
        `interface eth0\nenable pmipv6 default p\nlma l\n${lma}`,
      ].join('\n');
    const tunnelOf = (written: string) => assembleText(written).mags[0]?.mag.lmas[0]?.tunnel;
    expect(tunnelOf(text(encap, '', ''))).toEqual(tunnel);
    expect(tunnelOf(text('encap ipv6-in-ipv6', encap, ''))).toEqual(tunnel ?? { transport: 'ipv6', mode: 'ip' });
    expect(tunnelOf(text('', 'encap gre-ipv6', encap))).toEqual(tunnel ?? { transport: 'ipv6', mode: 'gre' });
  });

  it('relays DHCP to the servers of ip helper-address, from the address of the MAG or of the interface', () => {
    const helper = (lines: string) =>
      example('mag1.cfg').replace('  linux-interface acc\n', `  linux-interface acc\n${lines}`);
    const relay = (text: string) => assembleText(text).mags[0]?.access.interfaces[0]?.relay;
    const server = '  ip helper-address 10.8.25.1\n';
    const [own, its] = ['address ipv4 10.8.25.15', '  ip address 10.9.0.1 255.255.255.0\n'];
    expect(relay(example('mag1.cfg'))).toBeUndefined();
    const both = helper(`${its}${server}`).replace('  address ipv6', `  ${own}\n  address ipv6`);
    expect(String(relay(both)?.address)).toBe('10.8.25.15');
    expect(String(relay(helper(`${its}${server}`))?.address)).toBe('10.9.0.1');
    expect(relay(helper(`${its}${server}`))?.servers.map(String)).toEqual(['10.8.25.1']);
    expect(assembleText(helper(server)).problems.join()).toMatch(/ip helper-address needs an IPv4 address of the MAG/);
    expect(relay(helper(server))).toBeUndefined();
  });

  it('tells mobile nodes what the pools say, each in both families', () => {
    const text =
      'ip dhcp pool a\ndns-server 192.0.2.53\nipv6 dhcp pool b\ndomain-name b.example\nipv6 dhcp pool a\ndns-server 2001:db8::53\n';
    const { parameters } = assembleText(
      `${text}!\n${example('mag1.cfg').replace('ip dhcp pool pmipv6_dummy_pool\n!\n', '')}`,
    ).mags[0]?.access ?? { parameters: [] };
    expect(parameters.map(({ network }) => network)).toEqual(['a', 'b']);
    expect(parameters[0]?.ipv4.dnsServers.map(String)).toEqual(['192.0.2.53']);
    expect(parameters[0]?.ipv6.dnsServers.map(String)).toEqual(['2001:db8::53']);
    expect(parameters[1]).toMatchObject({ ipv4: { dnsServers: [] }, ipv6: { domainName: 'b.example' } });
  });

  it('says which end lacks the addresses that an encapsulation goes over', () => {
    const text = example('mag1.cfg').replace(/( *role 3GPP\n)/, '$1  encap udptunnel\n');
    const problems = assembleText(text).problems.join('\n');
    expect(problems).toMatch(/goes over IPv4; add "address ipv4 ADDRESS" to the MAG/);
    expect(problems).toMatch(/goes over IPv4; add "ipv4-address ADDRESS" to the LMA/);
  });

  it('[RFC 5213 §9.2, §6.10.3] has the data plane route locally when the MAG or its domain says "local-routing-mag", and not by default', () => {
    const localRouting = (text: string) => assembleText(text).forwarding.accessInterfaces[0]?.localRouting;
    const text = example('mag1.cfg');
    expect(localRouting(text)).toBe(false);
    expect(localRouting(text.replace(/(ipv6 mobile pmipv6-mag .*\n)/, '$1  local-routing-mag\n'))).toBe(true);
    expect(localRouting(text.replace(/(ipv6 mobile pmipv6-domain .*\n)/, '$1  local-routing-mag\n'))).toBe(true);
    const profile = (line: string) =>
      assembleText(text.replace(/(\n *nai .*\n)/, `$1${line}`)).mags[0]?.mag.profiles[0];
    expect(profile('')?.localRouting).toBeUndefined();
    expect(profile('  local-routing-mag deny\n')?.localRouting).toBe(false);
    expect(profile('  local-routing-mag permit\n')?.localRouting).toBe(true);
  });

  it('[RFC 5846 §11] gives a MAG the timers of the deployment guide, each with its default and its unit', () => {
    const text = (...lines: string[]) =>
      [
        'ipv6 mobile pmipv6-domain D\nlma l\nipv6-address 2001:db8::1\nnai p',
        `ipv6 mobile pmipv6-mag m domain D\naddress ipv6 2001:db8::2\n${lines.join('\n')}\ninterface eth0\nenable pmipv6 default p`,
      ].join('\n');
    expect(assembleText(text('discover-mn-detach')).mags[0]?.mag).toMatchObject({
      lifetime: 3_600_000,
      refreshTime: 300_000,
      retransmitInitial: 1000,
      retransmitMaximum: 32_000,
      bri: { minimumDelay: 1000, maximumDelay: 2000, retries: 1 },
      detection: { pollInterval: 10_000, timeout: 2000, retries: 3 },
    });
    expect(assembleText(text('')).mags[0]?.mag.detection).toBeUndefined();
    const written = text(
      'discover-mn-detach 100 10',
      'binding lifetime 1800',
      'binding refresh-time 60',
      'binding init-retx-time 500',
      'binding max-retx-time 16000',
      'bri delay min 600',
      'bri delay max 1200',
      'bri retries 3',
    );
    expect(assembleText(written).mags[0]?.mag).toMatchObject({
      lifetime: 1_800_000,
      refreshTime: 60_000,
      retransmitInitial: 500,
      retransmitMaximum: 16_000,
      bri: { minimumDelay: 600, maximumDelay: 1200, retries: 3 },
      detection: { pollInterval: 100_000, timeout: 10_000, retries: 3 },
    });
  });

  it('[RFC 5213 §9.3, RFC 6543 §1(1), §1(2)] gives a MAG timestamps and the reserved addresses where the domain says nothing else', () => {
    const text = (lines: string) =>
      [
        `ipv6 mobile pmipv6-domain D\n${lines}lma l\nipv6-address 2001:db8::1\nnai p`,
        'ipv6 mobile pmipv6-mag m domain D\naddress ipv6 2001:db8::2\ninterface eth0\nenable pmipv6 default p',
      ].join('\n');
    const mag = assembleText(text('')).mags[0]?.mag;
    expect(mag).toMatchObject({ timestamps: true, linkLocalFromLma: false });
    expect([`${mag?.linkLayer}`, `${mag?.linkLocal}`]).toEqual(['00:00:5e:00:52:13', 'fe80::200:5eff:fe00:5213']);
    const other = assembleText(text('fixed-link-local-address fe80::1\nno replay-protection timestamp\n')).mags[0]?.mag;
    expect(other).toMatchObject({ timestamps: false });
    expect(`${other?.linkLocal}`).toBe('fe80::1');
  });

  it('[RFC 5213 §9.3] gives a MAG its GRE keys, its replay protection, and the link-local address that the LMA chooses', () => {
    const text = [
      'ipv6 mobile pmipv6-domain D\nfixed-link-local-address ::\nlma l\nipv6-address 2001:db8::1',
      'nai p\ngre-encap-key up 1234\ngre-encap-key down 5678',
      'ipv6 mobile pmipv6-mag m domain D\naddress ipv6 2001:db8::2\nrole 3gpp\napn a',
      'generate grekey\nno replay-protection timestamp\ninterface eth0\nenable pmipv6 default p',
    ].join('\n');
    const mag = assembleText(text).mags[0]?.mag;
    expect(mag).toMatchObject({ linkLocalFromLma: true, generateGreKeys: true, timestamps: false, needsApn: true });
    expect(mag?.linkLocal.toString()).toBe('fe80::200:5eff:fe00:5213');
    expect(mag?.profiles).toMatchObject([{ greKeys: { up: 1234, down: 5678 }, apn: 'a' }]);
  });

  it('has the access links ask silent mobile nodes as "discover-mn-detach" says', () => {
    const text = example('mag1.cfg');
    const asking = text.replace(/discover-mn-detach .*/, 'discover-mn-detach poll interval 10 timeout 2 retries 3');
    expect(assembleText(asking).mags[0]?.access.detection).toEqual({
      pollInterval: seconds(10),
      timeout: seconds(2),
      retries: 3,
    });
    const silent = text.replace(/ *discover-mn-detach .*\n/, '');
    expect(assembleText(silent).mags[0]?.access.detection).toBeUndefined();
  });

  describe('auth-option and interop', () => {
    const message = Uint8Array.from({ length: 40 }, (_, i) => i);
    const sign = (key: Uint8Array | string) => new HmacSha1(Buffer.from(key)).sign(message);
    const signature = (association: MobilitySecurityAssociation | undefined) => association?.hmac.sign(message);
    const lma = (domain: string, ...lines: string[]) =>
      assembleText(
        [
          `ipv6 mobile pmipv6-domain D\n${domain}\nmag M1\nipv6-address 2001:db8::15\nmag M2\nipv4-address 192.0.2.2`,
          'ipv6 mobile pmipv6-lma l domain D\naddress ipv6 2001:db8::1',
          ...lines,
        ].join('\n'),
      ).lmas[0];
    const mag = (domain: string, ...lines: string[]) =>
      assembleText(
        [
          `ipv6 mobile pmipv6-domain D\n${domain}\nlma l1\nipv6-address 2001:db8::1\nlma l2\nipv6-address 2001:db8::2\nnai P`,
          'ipv6 mobile pmipv6-mag m domain D\naddress ipv6 2001:db8::15\ninterface acc',
          'enable pmipv6 default P',
          ...lines,
        ].join('\n'),
      ).mags[0]?.mag;

    it('gives an LMA the association of its domain, and a peer its own', () => {
      const config = lma('auth-option spi 67 key ascii key1', 'mag M1\nauth-option spi decimal 300 key hex 0aFf');
      expect(config?.authentication).toMatchObject({ subtype: 1, spi: 0x67 });
      expect(signature(config?.authentication)).toEqual(sign('key1'));
      const peers = Object.fromEntries((config?.peers ?? []).map((peer) => [peer.name, peer]));
      expect(peers.M1?.authentication?.spi).toBe(300);
      expect(signature(peers.M1?.authentication)).toEqual(sign(Uint8Array.of(0x0a, 0xff)));
      expect(peers.M2).not.toHaveProperty('authentication');
    });

    it('has a peer keep the addresses of the domain when its own block names none, and pairs those of both families', () => {
      const config = lma(
        '',
        'mag M1\ninterop cisco',
        'mag M3\nipv6-address 2001:db8::31\nipv6-address 2001:db8::32\nipv4-address 192.0.2.31\ninterop tolerant',
      );
      const peers = config?.peers.map(({ name, ipv6, ipv4, interop }) => `${name} ${ipv6} ${ipv4} ${interop}`);
      expect(peers).toEqual([
        'M1 2001:db8::15 undefined cisco',
        'M3 2001:db8::31 192.0.2.31 tolerant',
        'M3 2001:db8::32 undefined tolerant',
        'M2 undefined 192.0.2.2 undefined',
      ]);
    });

    it('gives a MAG the association of its domain for each LMA that has none of its own', () => {
      const config = mag('auth-option spi 100 key ascii hi', 'lma l1\nauth-option spi 200 key ascii ho', 'lma l2');
      expect(config?.lmas.map(({ name, authentication }) => `${name} ${authentication?.spi}`)).toEqual([
        'l1 512',
        'l2 256',
      ]);
      const listed = mag('auth-option spi 100 key ascii hi');
      expect(listed?.lmas.map(({ authentication }) => authentication?.spi)).toEqual([256, 256]);
    });

    it('reads a hexadecimal key with an odd number of digits as a number', () => {
      const config = lma('auth-option spi 100 key hex FFFFF');
      expect(signature(config?.authentication)).toEqual(sign(Uint8Array.of(0x0f, 0xff, 0xff)));
    });

    it('refuses a hexadecimal key that is none, once, and says what to write', () => {
      const text =
        'ipv6 mobile pmipv6-domain D\nauth-option spi 100 key hex secret\nipv6 mobile pmipv6-lma l domain D\naddress ipv6 2001:db8::1\n' +
        'ipv6 mobile pmipv6-lma k domain D\naddress ipv6 2001:db8::1';
      expect(assembleText(text).problems).toEqual([expect.stringContaining('write "key ascii"')]);
      expect(assembleText(text).problems.join()).not.toContain('secret');
    });
  });

  it('[RFC 5844 §4] runs an LMA and a MAG that have IPv4 addresses only', () => {
    const domain = 'ipv6 mobile pmipv6-domain D\nlma l\nipv4-address 192.0.2.1\nmag m\nipv4-address 192.0.2.2\nnai P\n';
    const lma = assembleText(`${domain}ipv6 mobile pmipv6-lma l domain D`);
    expect(lma.lmas[0]?.addresses).toEqual({ ipv4: ipv4('192.0.2.1') });
    expect(lma.signalling).toEqual({
      addresses: [{ address: ipv4('192.0.2.1') }],
      peers: [{ address: ipv4('192.0.2.2'), interop: 'strict' }],
      learning: false,
      closed: ['pmip0'],
    });
    const mag = assembleText(`${domain}ipv6 mobile pmipv6-mag m domain D\ninterface acc\nenable pmipv6 default P`);
    expect(mag.mags[0]?.mag).toMatchObject({ addresses: { ipv4: ipv4('192.0.2.2') }, lmas: [{ name: 'l' }] });
    const mixed = `${domain}ipv6 mobile pmipv6-mag o domain D\naddress ipv6 2001:db8::3\ninterface acc\nenable pmipv6 default P`;
    expect(assembleText(mixed).problems).toEqual([
      expect.stringContaining('no LMA that it can reach; add "lma NAME" with "ipv6-address'),
    ]);
  });

  it('takes the last usable address of the pool for the gateway when none is configured', () => {
    const text = example('lma.cfg').replace('    default-router 192.0.2.254\n', '');
    expect(assembleText(text).lmas[0]?.pools.ipv4[0]?.gateway.toString()).toBe('192.0.2.254');
  });

  it.each([
    ['an LMA without an address', 'ipv6 mobile pmipv6-domain D1\nipv6 mobile pmipv6-lma l domain D1\n', 'address ipv6'],
    [
      'an LMA without its domain',
      'ipv6 mobile pmipv6-lma l domain D9\n address ipv6 2001:db8::1\n',
      'pmipv6-domain D9',
    ],
    [
      'a MAG without an LMA or an interface',
      'ipv6 mobile pmipv6-domain D1\nipv6 mobile pmipv6-mag m domain D1\n address ipv6 2001:db8::1\n',
      'no LMA that it can reach',
    ],
  ])('says of %s what to add', (_name, text, expected) => {
    expect(assembleText(text).problems.join('\n')).toContain(expected);
  });

  it('leaves out the node that cannot be run, and runs the others; a node that lacks something may come later', () => {
    const broken = 'ipv6 mobile pmipv6-lma other domain D9\n address ipv6 2001:db8::1\n';
    const assembly = assembleText(`${example('lma.cfg')}\n!\n${broken}`);
    expect(assembly.lmas.map(({ name }) => name)).toEqual(['lma1']);
    expect(assembly.problems).toHaveLength(1);
    requireRunnable(assembly);
    requireRunnable(assembleText(broken));
    requireRunnable(assembleText(''));
  });
});

it.each(Object.entries({ ...deploymentTexts, ...guideTexts }))('a node starts with %s of the guides', (_name, text) => {
  requireRunnable(assembleText(text));
});

describe('availabilityOn', () => {
  const text = example('mag1.cfg');
  const host = (hasLink: boolean, ...states: AddressState[]) => ({
    hasLink: () => hasLink,
    addressState: () => states.shift() ?? 'usable',
  });

  it('accepts a host that has what is configured', () => {
    expect(assembleText(text, availabilityOn(host(true, 'usable'))).problems).toEqual([]);
  });

  it('waits for an address whose duplicate address detection has not ended', () => {
    const waits: number[] = [];
    const available = availabilityOn(host(true, 'tentative', 'tentative', 'usable'), undefined, (milliseconds) =>
      waits.push(milliseconds),
    );
    expect(assembleText(text, available).mags).toHaveLength(1);
    expect(waits).toHaveLength(2);
  });

  it('names the missing interface and address with file and line, and the remedy; nothing is left to run', () => {
    const available = availabilityOn(host(false, 'absent'), locateIn(text, 'mag1.cfg'));
    const assembly = assembleText(text, available);
    const { mags, problems } = assembly;
    expect(mags).toEqual([]);
    expect(() => requireRunnable(assembly)).toThrow(AssemblyError);
    expect(problems.join('\n')).toMatch(/^mag1.cfg:17: interface .* no Linux interface acc; create it/m);
    expect(problems.join('\n')).toMatch(/^mag1.cfg:31: address 2001:db8:cafe:1025::15: .* "ip address add/m);
  });
});
