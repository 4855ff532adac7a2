import { describe, expect, it } from 'vitest';
import { Dhcpv4MessageType, type Dhcpv4Option } from '#wire/dhcpv4.ts';
import { AccessLink, DISCOVER, dhcpFrame, type SeenDhcp, v4 } from './link.ts';

const Type = Dhcpv4MessageType;

describe('what a DHCP client is told', () => {
  const naming = {
    ipv4: { dnsServers: [v4('192.0.2.53'), v4('198.51.100.53')], domainName: 'example.com' },
    ipv6: { dnsServers: [] },
  };
  const codes = (...list: number[]): Dhcpv4Option => ({ kind: 'parameter-request-list', codes: list });
  const kinds = ({ message }: SeenDhcp) => message.options.map(({ kind }) => kind);
  const discover = (...options: Dhcpv4Option[]) => dhcpFrame({ type: Type.DISCOVER, bare: true, options });

  it('[RFC 2131 §4.3.1] is what it asked for and is known, in its order, once', () => {
    const link = new AccessLink({ parameters: [{ network: 'n', ...naming }] });
    link.serve();
    link.hear(discover(codes(15, 6, 42, 6, 1, 3)));
    const offer = link.oneDhcp();
    expect(kinds(offer).slice(-5)).toEqual([
      'domain-name',
      'domain-name-server',
      'subnet-mask',
      'router',
      'interface-mtu',
    ]);
    expect(optionsOf(offer)).toMatchObject({
      'domain-name-server': '192.0.2.53,198.51.100.53',
      'domain-name': 'example.com',
    });
  });

  it('[RFC 2132 §3.3] has the subnet mask before the router, whatever the order asked for', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(discover(codes(28, 3, 26, 1)));
    expect(kinds(link.oneDhcp()).slice(-4)).toEqual(['broadcast-address', 'subnet-mask', 'router', 'interface-mtu']);
  });

  it('has the options of its network that it asks for: classless routes (RFC 3442), domain search (RFC 3397)', () => {
    const options = [
      { code: 121, data: Uint8Array.of(0, 192, 0, 2, 254) },
      { code: 119, data: Uint8Array.of(1, 97, 0) },
      { code: 42, data: Uint8Array.of(192, 0, 2, 123) },
    ];
    const link = new AccessLink({ parameters: [{ network: 'n', ...naming, ipv4: { ...naming.ipv4, options } }] });
    link.serve();
    link.hear(discover(codes(121, 3, 119)));
    const { message } = link.oneDhcp();
    expect(message.options.slice(-5)).toMatchObject([
      { kind: 'classless-static-route', routes: [{ router: v4('192.0.2.254') }] },
      { kind: 'subnet-mask' },
      { kind: 'router' },
      { kind: 'unknown-option', code: 119, data: Uint8Array.of(1, 97, 0) },
      { kind: 'interface-mtu' },
    ]);
  });

  it('is everything when it asks for nothing', () => {
    const link = new AccessLink({ parameters: [{ network: 'n', ...naming }] });
    link.serve();
    link.hear(discover());
    expect(kinds(link.oneDhcp())).toEqual(expect.arrayContaining(['domain-name-server', 'domain-name', 'router']));
  });

  it('is what its network has, or else the first', () => {
    const other = { ipv4: { dnsServers: [v4('203.0.113.53')] }, ipv6: { dnsServers: [] } };
    const parameters = [
      { network: 'n', ...naming },
      { network: 'm', ...other },
    ];
    const told = (network: string) => {
      const link = new AccessLink({ parameters });
      link.serve({ network });
      link.hear(DISCOVER);
      return optionsOf(link.oneDhcp())['domain-name-server'];
    };
    expect(told('m')).toBe('203.0.113.53');
    expect(told('n')).toBe('192.0.2.53,198.51.100.53');
    expect(told('x')).toBe('192.0.2.53,198.51.100.53');
  });

  it('[RFC 2132 §9.10] fits the message size that every client takes, and the larger one that it says', () => {
    const parameters = [{ network: 'n', ...naming }];
    const client: Dhcpv4Option = { kind: 'client-identifier', data: new Uint8Array(240).fill(7) };
    const size = (link: AccessLink) => link.frames()[0]?.payload.length ?? 0;
    const link = new AccessLink({ parameters });
    link.serve();
    link.hear(discover(client));
    const offer = link.outputs;
    expect(size(link)).toBeLessThanOrEqual(576);
    link.outputs = offer;
    expect(kinds(link.oneDhcp())).toEqual(
      expect.arrayContaining(['lease-time', 'subnet-mask', 'router', 'interface-mtu']),
    );
    expect(link.machine.stats.dhcpOptionsLeftOut).toBeGreaterThan(0);
    link.hear(discover(client, { kind: 'maximum-message-size', size: 1400 }));
    expect(kinds(link.oneDhcp())).toEqual(
      expect.arrayContaining(['client-identifier', 'domain-name-server', 'domain-name']),
    );
  });

  it.each([0, 68, 575])('[RFC 2132 §9.10] a maximum size of %i is taken for 576', (size) => {
    const link = new AccessLink();
    link.serve();
    link.hear(discover({ kind: 'maximum-message-size', size }));
    expect(kinds(link.oneDhcp())).toEqual(expect.arrayContaining(['lease-time', 'router', 'interface-mtu']));
  });

  it("[RFC 5844 §3.4.3, §3.4.3(6)] has the MTU of its session's tunnel", () => {
    const link = new AccessLink();
    link.serve({ mtu: 1444 });
    link.hear(DISCOVER);
    expect(optionsOf(link.oneDhcp())['interface-mtu']).toBe('1444');
  });
});

/** Every option but the message type, as text. */
function optionsOf({ message }: SeenDhcp): Record<string, string> {
  return Object.fromEntries(
    message.options
      .filter((option) => option.kind !== 'message-type')
      .map((option) => {
        const { kind: _, ...rest } = option;
        return [option.kind, String(Object.values(rest)[0])];
      }),
  );
}
