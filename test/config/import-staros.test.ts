import { describe, expect, it } from 'vitest';
import { checkConfiguration, importStaros, parseConfiguration, printConfiguration } from '#config/index.ts';

const gateway = `context core
ip pool HOME4 203.0.113.0 255.255.255.0 public 0 subscriber-gw-address 203.0.113.254
ipv6 pool HOME6 prefix 2001:db8:77::/48 public 0 policy allow-static-allocation
interface anchor
  ipv6 address 2001:db8:1::101/64
  subscriber default
exit
apn internet.example
  ip address pool name HOME4
  ipv6 address prefix-pool HOME6
  dns primary 198.51.100.1
exit
lma-service anchor1
  no aaa accounting
  reg-lifetime 7200
  timestamp-replay-protection tolerance 9
  setup-timeout 60
  bind address 2001:db8:1::101
exit
ip route 0.0.0.0 0.0.0.0 10.0.0.1 anchor
end
`;

describe('importStaros', () => {
  it('makes the LMA, its pools and the profile of an access point name, and names what it leaves', () => {
    const { text, left } = importStaros(gateway, 'D7');
    expect(text).toBe(
      [
        'ipv6 unicast-routing',
        'ip local pool HOME4 203.0.113.1 203.0.113.253',
        'ipv6 local pool HOME6 2001:db8:77::/48 64',
        '!',
        'interface anchor',
        ' ipv6 address 2001:db8:1::101/64',
        '!',
        'ipv6 mobile pmipv6-domain D7',
        ' lma anchor1',
        '  ipv6-address 2001:db8:1::101',
        ' nai internet.example',
        '  apn internet.example',
        '  service dual',
        '  network internet.example',
        '!',
        'ipv6 mobile pmipv6-lma anchor1 domain D7',
        ' address ipv6 2001:db8:1::101',
        ' bce lifetime 7200',
        ' replay-protection timestamp window 9',
        ' dynamic mag learning',
        ' default profile internet.example',
        ' network internet.example',
        '  pool ipv4 HOME4 pfxlen 24',
        '  pool ipv6 HOME6 pfxlen 48',
        '  default-router 203.0.113.254',
        '!',
        'end',
        '',
      ].join('\n'),
    );
    expect(left.map(({ line, text: source }) => `${line} ${source}`)).toEqual([
      '1 context core',
      '6 subscriber default',
      '11 dns primary 198.51.100.1',
      '17 setup-timeout 60',
      '20 ip route 0.0.0.0 0.0.0.0 10.0.0.1 anchor',
    ]);
    expect(left.every(({ reason }) => reason.length > 5)).toBe(true);
  });

  it('does not give up protection against replay unasked', () => {
    const { text, left } = importStaros(gateway.replace('tolerance 9', 'tolerance 0'), 'D7');
    expect(text).not.toContain('replay-protection');
    expect(left.map(({ line }) => line)).toContain(16);
  });

  it('gives a configuration that is right, and reads as it is printed', () => {
    const { text } = importStaros(gateway, 'D7');
    expect(checkConfiguration(text, 'x')).toMatchObject({ errors: 0 });
    expect(printConfiguration(parseConfiguration(text).configuration)).toBe(text);
  });

  it.each([
    '',
    'apn\n',
    'ip pool\n',
    'lma-service\n bind\n',
    '\u0000\n interface x\n  ip address\n',
    'ipv6 pool a prefix b\n',
  ])('takes the text %j without a fault', (text) => {
    expect(importStaros(text, 'D').text).toContain('ipv6 mobile pmipv6-domain D');
  });
});
