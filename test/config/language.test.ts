import { describe, expect, test } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { checkConfiguration, parseConfiguration, printConfiguration, retransmissionsOf } from '#config/index.ts';
import { modeNamed } from '#config/modes.ts';
import { messages, read } from './read.ts';
import { openingLines } from './sample-lines.ts';

const lma = (...lines: string[]) =>
  ['ipv6 mobile pmipv6-domain D', 'ipv6 mobile pmipv6-lma L domain D', ...lines].join('\n');
const mag = (...lines: string[]) =>
  ['ipv6 mobile pmipv6-domain D', 'ipv6 mobile pmipv6-mag M domain D', ...lines].join('\n');

describe('words', () => {
  test('keywords may be shortened to a unique beginning, in any case', () => {
    expect(read('IPV6 Mob PMIPV6-L l Dom d\nBCE MAX 5').lmas).toMatchObject([
      { name: 'l', domain: 'd', bindingMaximum: 5 },
    ]);
  });

  test('a beginning of several keywords is ambiguous and says of which', () => {
    const { diagnostics } = parseConfiguration(lma('d mag learning'));
    expect(diagnostics).toMatchObject([{ message: '"d" is ambiguous', expected: ['dynamic', 'dscp', 'default'] }]);
  });

  test('a keyword that begins another one is not ambiguous when written in full', () => {
    expect(read(lma('network N')).lmas[0]?.networks).toMatchObject([{ name: 'N' }]);
    expect(read(lma('network-name N')).lmas[0]?.networks).toMatchObject([{ name: 'N' }]);
  });

  test.each([
    ['GigabitEthernet 0/1/0.3074', 'GigabitEthernet0/1/0.3074'],
    ['GigabitEthernet0/1/0.3074', 'GigabitEthernet0/1/0.3074'],
    ['gigabitethernet 0/0/0', 'GigabitEthernet0/0/0'],
    ['gi0/0/1', 'GigabitEthernet0/0/1'],
    ['Te 0/1', 'TenGigabitEthernet0/1'],
    ['Ethernet 1', 'Ethernet1'],
    ['Dot11Radio0', 'Dot11Radio0'],
    ['acc', 'acc'],
    ['eth0', 'eth0'],
    ['wlan0', 'wlan0'],
    ['enp1s0', 'enp1s0'],
  ])('interface %s is %s', (written, name) => {
    expect(read(`interface ${written}`).interfaces[0]?.name).toBe(name);
  });

  test('an interface type without a number is refused', () => {
    expect(messages('interface GigabitEthernet')).toEqual(['"GigabitEthernet" needs an interface number']);
  });

  test('an SPI in hexadecimal that looks like the beginning of "decimal" is a number', () => {
    const { domains } = read('ipv6 mobile pmipv6-domain D\nauth-option spi dec key ascii k');
    expect(domains[0]?.authentication).toEqual({ spi: 0xdec, key: { format: 'ascii', text: 'k' } });
    const decimal = read('ipv6 mobile pmipv6-domain D\nauth-option spi decimal 258 key hex BDF');
    expect(decimal.domains[0]?.authentication?.spi).toBe(258);
  });

  test('carriage returns, tabs and comments do not matter', () => {
    expect(read('! text\r\n\thostname\tr1\r\n! more\r\n').hostname).toBe('r1');
  });
});

describe('modes', () => {
  test('exit leaves one mode, end all of them', () => {
    const { lmas } = read(lma('network N', 'exit', 'mag M', 'exit', 'bce maximum 7', 'end'));
    expect(lmas[0]).toMatchObject({ bindingMaximum: 7, networks: [{ name: 'N' }], mags: [{ name: 'M' }] });
    expect(messages(lma('end', 'bce maximum 7'))).toHaveLength(1);
  });

  test('a line of an outer mode closes the inner ones', () => {
    expect(messages(lma('network N', 'bce maximum 7', 'pool ipv4 P pfxlen 24'))).toEqual([
      '"pool" does not belong here; it is a command of "network" in "ipv6 mobile pmipv6-lma"',
    ]);
  });

  test('a line of global mode among those of a section, as a guide types it, does not end the section', () => {
    const text = 'ipv6 mobile pmipv6-domain D\nservice password-encryption\nlocal-routing-mag';
    expect(read(text).domains).toMatchObject([{ name: 'D', localRouting: true }]);
    expect(messages('interface eth0\n!\nhostname r1\ndescription a')).toHaveLength(1);
    expect(messages('interface eth0\nhostname r1\nend\ndescription a')).toHaveLength(1);
    expect(messages('interface eth0\nhostname r1\nip dhcp pool p\ndescription a')).toHaveLength(1);
  });

  test('entering a section again goes on with it', () => {
    const { lmas } = read(lma('bce maximum 7', 'end', 'ipv6 mobile pmipv6-lma L domain D', 'hnp maximum 2'));
    expect(lmas).toMatchObject([{ bindingMaximum: 7, prefixMaximum: 2 }]);
  });

  test('a node cannot be in two domains', () => {
    expect(messages(lma('end', 'ipv6 mobile pmipv6-lma L domain E'))).toEqual([
      'L is in domain D; remove it there first',
    ]);
  });
});

describe('no', () => {
  test('takes a setting back, with or without its value', () => {
    expect(read(lma('bce maximum 7', 'no bce maximum')).lmas[0]).not.toHaveProperty('bindingMaximum');
    expect(read(lma('bce maximum 7', 'no bce maximum 7')).lmas[0]).not.toHaveProperty('bindingMaximum');
  });

  test('removes the named entry with all that is in it', () => {
    const text = 'interface eth0\n description a\n!\ninterface eth1\n!\nno interface eth0';
    expect(read(text).interfaces.map(({ name }) => name)).toEqual(['eth1']);
  });

  test('needs the name of the entry', () => {
    expect(messages('no ip local pool')).toEqual(['incomplete command']);
  });

  test('of several settings with the same beginning is incomplete', () => {
    expect(parseConfiguration(lma('no bri delay')).diagnostics).toMatchObject([
      { message: 'incomplete command', expected: ['min', 'max'] },
    ]);
  });

  test('of a protection that is on by default switches it off, and is printed', () => {
    const configuration = read(lma('no replay-protection timestamp'));
    expect(configuration.lmas[0]?.replayProtection).toEqual({ timestamp: false });
    expect(printConfiguration(configuration)).toContain('\n no replay-protection timestamp\n');
  });

  test('of the routing of IPv6, which is on by default, switches it off, is printed, and doubted where IPv6 is given', () => {
    const text = 'vrf definition V\nno ipv6 unicast-routing\nipv6 mobile pmipv6-domain D\nnai N\nservice dual';
    expect(printConfiguration(read(text))).toContain('\n!\nno ipv6 unicast-routing\n!\nipv6 mobile pmipv6-domain D\n');
    expect(messages(text, 'warning')).toEqual([
      '"dual" has IPv6 packets, which "no ipv6 unicast-routing" keeps from being forwarded',
    ]);
    expect(read('ipv6 unicast-routing').ipv6UnicastRouting).toBe(true);
    expect(read('').ipv6UnicastRouting).toBeUndefined();
  });

  test('removes one of several addresses', () => {
    const text = lma('mag M', 'ipv6-address 2001:db8::1', 'ipv6-address 2001:db8::2', 'no ipv6-address 2001:db8::1');
    expect(read(text).lmas[0]?.mags[0]?.ipv6Addresses).toEqual([Ipv6Address.parse('2001:db8::2')]);
  });
});

describe('ranges', () => {
  test.each([
    ['bce maximum', 1, 4_000_000],
    ['bce lifetime', 10, 65_535],
    ['bce delete-wait-time', 1, 65_535],
    ['bce create-wait-time', 100, 65_535],
    ['bri delay min', 500, 65_535],
    ['bri delay max', 500, 65_535],
    ['bri retries', 1, 10],
    ['hnp maximum', 1, 3],
    ['replay-protection timestamp window', 1, 255],
  ])('of an LMA: %s %i to %i', (command, minimum, maximum) => {
    expect(messages(lma(`${command} ${minimum}`, `${command} ${maximum}`))).toEqual([]);
    expect(messages(lma(`${command} ${minimum - 1}`, `${command} ${maximum + 1}`))).toEqual([
      `"${minimum - 1}" is not in the range ${minimum} to ${maximum}`,
      `"${maximum + 1}" is not in the range ${minimum} to ${maximum}`,
    ]);
  });

  test.each([
    ['binding maximum', 1, 4_000_000],
    ['binding lifetime', 10, 65_535],
    ['binding refresh-time', 4, 65_535],
    ['bri retry', 1, 10],
  ])('of a MAG: %s %i to %i', (command, minimum, maximum) => {
    expect(messages(mag(`${command} ${minimum}`, `${command} ${maximum}`))).toEqual([]);
    expect(messages(mag(`${command} ${minimum - 1}`, `${command} ${maximum + 1}`))).toHaveLength(2);
  });

  test.each([
    ['lma', 'bce refresh-time N', 4, 65_000],
    ['lma', 'heartbeat interval N retries 3', 10, 3600],
    ['lma', 'heartbeat interval 60 retries N', 1, 10],
    ['lma', 'dscp control-plane N', 1, 63],
    ['lma', 'tunnel mtu N', 68, 17_916],
    ['lma', 'mobile-map M N', 1, 255],
    ['lma-role', 'rat wlan priority N', 1, 255],
    ['lma-network', 'pool ipv4 P pfxlen N', 8, 32],
    ['lma-network', 'mobile-network pool 10.0.0.1 pool-prefix N network-prefix 32', 8, 30],
    ['lma-network', 'mobile-network pool 10.0.0.1 pool-prefix 8 network-prefix N', 8, 32],
    ['lma-network', 'mobile-network v6pool 2001:db8:: pool-prefix N network-prefix 64', 8, 64],
    ['mag', 'bce maximum N', 1, 4_000_000],
    ['mag-dynamic-address', 'roaming interface eth0 priority N egress-att LTE label l', 1, 255],
    ['traffic-profile', 'packet-loss N', 0, 100],
    ['profile', 'gre-encap-key up N', 1, 4_294_967_295],
    ['global', 'radius-server timeout N', 1, 1000],
    ['global', 'radius-server retransmit N', 0, 100],
    ['global', 'radius-server host 192.0.2.1 auth-port N', 1, 65_535],
  ])('in mode %s: %s, %i to %i', (mode, command, minimum, maximum) => {
    const opening = openingLines(modeNamed(mode));
    const said = (n: number) => messages([...opening, command.replace('N', String(n))].join('\n'));
    expect([said(minimum), said(maximum)]).toEqual([[], []]);
    for (const n of [minimum - 1, maximum + 1]) expect(said(n)[0]).toMatch(/ is not (a number|in the range )/);
  });

  test('a network for mobile routers is not larger than its pool', () => {
    expect(messages(lma('network N', 'mobile-network pool 10.0.0.1 pool-prefix 24 network-prefix 23'))).toEqual([
      `"23" is shorter than the pool's own prefix length, 24`,
    ]);
  });

  test('a wait that was likely meant as seconds', () => {
    expect(messages(lma('bce delete-wait-time 99'), 'warning')).toEqual([
      '"99" is milliseconds, and short for a handover',
    ]);
    expect(messages(lma('bce delete-wait-time 100'), 'warning')).toEqual([]);
  });

  test('[RFC 5847 §3, §5] the interval of heartbeats is 30 seconds to an hour, and what is below is said to be', () => {
    expect(messages(lma('heartbeat interval 29 retries 3'), 'warning')).toEqual([
      '"29" is below 30 seconds, the least that RFC 5847 §5 allows',
    ]);
    expect(messages(lma('heartbeat interval 30 retries 3'), 'warning')).toEqual([]);
    expect(messages(lma('heartbeat interval 3601 retries 3'), 'error')).toHaveLength(1);
  });

  test('the waits for an answer are milliseconds, and what cannot be that is seconds, as another guide has them', () => {
    const text = mag('binding init-retx-time 1', 'binding max-retx-time 32');
    expect(messages(text, 'error')).toEqual([]);
    expect(messages(text, 'warning')).toEqual([
      '"1" is taken as seconds, as it is below 100; 1000 is that in milliseconds',
      '"32" is taken as seconds, as it is below 100; 32000 is that in milliseconds',
    ]);
    const { configuration } = parseConfiguration(text);
    expect(configuration.mags.map(retransmissionsOf)).toEqual([{ retransmitInitial: 1000, retransmitMaximum: 32_000 }]);
    expect(printConfiguration(configuration)).toContain(' binding max-retx-time 32\n');
    expect(messages(mag('binding init-retx-time 100', 'binding max-retx-time 65535'), 'warning')).toEqual([]);
    expect(messages(mag('binding init-retx-time 40', 'binding max-retx-time 20000'), 'warning')).toEqual([
      '"40" is above binding max-retx-time, 20000',
    ]);
    for (const wrong of ['0', '66', '99', '65536']) {
      expect(messages(mag(`binding max-retx-time ${wrong}`))).toEqual([
        `"${wrong}" is not in the range 100 to 65535 of milliseconds, or 1 to 65 of seconds`,
      ]);
    }
  });

  test('a window is seconds and a delay milliseconds', () => {
    const [found] = read(lma('replay-protection timestamp window 200', 'bri delay min 500')).lmas;
    expect(found?.replayProtection).toEqual({ timestamp: true, window: seconds(200) });
    expect(found?.bri).toEqual({ minimumDelay: 500 });
  });

  test('a pool whose last address is below its first is refused', () => {
    expect(messages('ip local pool P 192.0.2.9 192.0.2.1')).toEqual([
      '"192.0.2.1" is below the first address, 192.0.2.9',
    ]);
  });

  test('prefixes longer than what they are cut from', () => {
    expect(messages('ipv6 local pool P 2001:db8::/48 40')).toEqual([
      `"40" is shorter than the pool's own prefix length, 48`,
    ]);
  });
});

describe('heartbeat', () => {
  test.each([
    ['heartbeat', { interval: seconds(60), retries: 3, natReboot: false }],
    ['heartbeat interval 300 retries 2', { interval: seconds(300), retries: 2, natReboot: false }],
    ['heartbeat interval 300 retries 2 natreboot', { interval: seconds(300), retries: 2, natReboot: true }],
    ['heartbeat interval 300 retries 2 label a', { interval: seconds(300), retries: 2, label: 'a', natReboot: false }],
    [
      'heartbeat interval 300 retries 2 label natreboot natreboot',
      { interval: seconds(300), retries: 2, label: 'natreboot', natReboot: true },
    ],
  ])('%s', (line, heartbeat) => {
    expect(read(lma(line)).lmas[0]?.heartbeat).toEqual(heartbeat);
    expect(read(mag(line)).mags[0]?.heartbeat).toEqual(heartbeat);
    expect(read(lma(line, 'no heartbeat')).lmas[0]).not.toHaveProperty('heartbeat');
  });

  test('an interval alone is incomplete', () => {
    expect(messages(lma('heartbeat interval 300'))).toEqual(['incomplete command']);
  });

  test.each([
    ['heartbeat interval 29 retries 3', '"29" is below 30 seconds, the least that RFC 5847 §5 allows'],
    ['heartbeat interval 30 retries 3 label a', '"a" is stored, but has no effect yet: every peer is watched'],
    ['heartbeat interval 30 retries 3 natreboot', '"natreboot" is stored, but has no effect yet'],
    ['heartbeat interval 30 retries 3', undefined],
  ])('of %s a check says %s', (line, warning) => {
    expect(messages(lma(line), 'warning')).toEqual(warning === undefined ? [] : [warning]);
  });
});

describe('an address that is given twice', () => {
  test('to two interfaces', () => {
    const text = (address: string) => `interface eth0\n${address}\n!\ninterface eth1\n${address}`;
    for (const address of ['ip address 192.0.2.1 255.255.255.0', 'ipv6 address 2001:db8::1/64']) {
      expect(messages(text(address), 'warning')).toEqual([
        expect.stringMatching(/^".*1(\/64)?" is an address of interface eth1 too$/),
        expect.stringMatching(/^".*1(\/64)?" is an address of interface eth0 too$/),
      ]);
    }
  });

  test('to two MAGs of a domain, but not to an LMA and a MAG on one box', () => {
    const text = 'ipv6 mobile pmipv6-domain D\nmag M1\nipv6-address 2001:db8::1\nmag M2\nipv6-address 2001:db8::1';
    expect(messages(text, 'warning')[0]).toBe('"2001:db8::1" is the address of M2 too');
    expect(messages(text.replace('mag M2', 'lma L'), 'warning')).toEqual([]);
  });
});

describe('what is missing', () => {
  test.each([
    ['a domain', 'ipv6 mobile pmipv6-lma L domain D', 'domain D is not defined'],
    ['a default profile', lma('default profile P'), 'profile P is not defined in domain D'],
    ['a pool', lma('network N', 'pool ipv4 P pfxlen 24'), 'IPv4 pool P is not defined (ip local pool P …)'],
    ['an LMA', 'ipv6 mobile pmipv6-domain D\nnai n\nlma L', 'LMA L is not defined in domain D'],
    ['a profile', mag('interface eth0', 'enable pmipv6 default P'), 'profile P is not defined in domain D'],
  ])('%s: a warning, also when it is defined further down', (_, text, message) => {
    expect(messages(text, 'error')).toEqual([]);
    expect(messages(text, 'warning')).toEqual([message]);
  });

  test('is no warning when the definition follows', () => {
    expect(messages('ipv6 mobile pmipv6-domain D\nnai n\nlma L\n!\nlma L\n', 'warning')).toEqual([
      'LMA L is not defined in domain D',
    ]);
    expect(messages('ipv6 mobile pmipv6-domain D\nnai n\nlma L\nexit\nlma L\n', 'warning')).toEqual([]);
  });
});

describe('hostile text', () => {
  test('reading stops after a hundred errors', () => {
    const { diagnostics } = parseConfiguration('x\n'.repeat(5000));
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics.at(-1)?.message).toBe('too many errors; reading stops');
  });

  test('a very long word gets a short answer', () => {
    expect(checkConfiguration('y'.repeat(1_000_000), 'f').text.length).toBeLessThan(1000);
  });
});
