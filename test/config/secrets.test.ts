import { describe, expect, test } from 'vitest';
import { formatDiagnostic, parseConfiguration, printConfiguration } from '#config/index.ts';
import { decodeType7, encodeType7 } from '#config/type-7.ts';
import { messages, read } from './read.ts';

describe('type 7', () => {
  test.each(['0822455D0A16', '02050D480809', '070C285F4D06', '121A0C041104'])(
    '%s, as IOS made it, is "cisco"',
    (encoded) => {
      expect(decodeType7(encoded)).toBe('cisco');
    },
  );

  test('what is encoded can be decoded, also beyond the length of the key', () => {
    for (const text of ['a', 'aaacisco', 'ünï codé', 'x'.repeat(125)]) {
      expect(encodeType7(text)).not.toContain(text);
      expect(decodeType7(encodeType7(text))).toBe(text);
    }
  });

  test.each(['', '08', '0', '5322', '082', '08zz', 'ab22455D0A16', '00FFFF'])('"%s" is refused', (encoded) => {
    expect(decodeType7(encoded)).toBeUndefined();
  });
});

const radius = 'radius-server host 203.0.113.115 key ';

describe('secrets', () => {
  test('are printed as they are unless service password-encryption is on', () => {
    expect(printConfiguration(read(`${radius}two words`))).toContain('key two words\n');
    const hidden = printConfiguration(read(`service password-encryption\n${radius}two words`));
    expect(hidden).toMatch(/key 7 [0-9A-F]+\n/);
    expect(hidden).not.toContain('two words');
  });

  test('that stood before the service are hidden too, and stay so when it is switched off', () => {
    const text = `${radius}cisco\nservice password-encryption\nno service password-encryption`;
    expect(printConfiguration(read(text))).not.toContain('cisco');
  });

  test('of every kind are hidden', () => {
    const text = `service password-encryption
radius-server key gamma-0
aaa server radius dynamic-author
client 192.0.2.9 server-key gamma-5
radius server s
key gamma-8
aaa server radius proxy
key gamma-6
client 192.0.2.9
key gamma-7
ipv6 mobile pmipv6-domain D
auth-option spi 64 key ascii gamma-1
ipv6 mobile pmipv6-lma L domain D
mag M
auth-option spi 64 key hex gamma-2
mobility-service mobile-local-loop
customer c vrf v
auth-option spi 64 key ascii gamma-3
ipv6 mobile pmipv6-mag M domain D
lma L
auth-option spi 64 key ascii gamma-4`;
    const printed = printConfiguration(read(text));
    expect(printed).not.toContain('gamma');
    expect(printed.match(/key ((ascii|hex) )?7 /g)).toHaveLength(9);
    expect(printConfiguration(read(printed))).toBe(printed);
  });

  test('of type 7 are understood, with a warning that this protects nothing', () => {
    const { aaa } = read(`${radius}7 0822455D0A16`);
    expect(aaa.radius.hosts).toMatchObject([{ key: { text: 'cisco', encrypted: true } }]);
    expect(messages(`${radius}7 0822455D0A16`, 'warning')).toContain(
      '"*" is of type 7, which is no protection: whoever has the text can read the key',
    );
    expect(messages(`service password-encryption\n${radius}7 0822455D0A16`, 'warning')[0]).toContain(
      'type 7 only keeps',
    );
    expect(messages(`${radius}7 nonsense`)).toEqual(['"*" is not a key of type 7']);
  });

  test('that look like a type are told from one', () => {
    const text = `${radius}0 7 apples\nipv6 mobile pmipv6-domain D\nauth-option spi 64 key ascii 7`;
    const configuration = read(text);
    expect(configuration.aaa.radius.hosts[0]?.key).toEqual({ text: '7 apples' });
    expect(configuration.domains[0]?.authentication?.key).toEqual({ format: 'ascii', text: '7' });
    expect(read(printConfiguration(configuration))).toEqual(configuration);
  });

  test('are not printed with a line that is wrong, wherever it is wrong', () => {
    const text = `radius-server host 203.0.113.115 key 7 Sekret
radius-server host 203.0.113.115 auth-port x key Sekret
radius-servr host 203.0.113.115 key Sekret
radius server a
 kez Sekret
aaa server radius dynamic-author
 client 192.0.2.9 server-key 7 Sekret
ipv6 mobile pmipv6-domain D
 auth-option spi 64 key ascii Sekret Sekret
enable sec 9 Sekret
enable password Sekret
username bob secret Sekret Sekret
ip http token t role read-only secret Sekret more
snmp-server community Sekret RO
radius server b
 tls certificate /c.pem key Sekret more`;
    const { diagnostics } = parseConfiguration(text);
    expect(diagnostics.length).toBeGreaterThan(10);
    const printed = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, text, 'node.cfg')).join('\n');
    expect(printed).not.toContain('Sekret');
    expect(printed).toContain('radius-server host 203.0.113.115 key 7 ******\n');
  });
});
