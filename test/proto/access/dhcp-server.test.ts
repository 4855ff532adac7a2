import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { seconds } from '#base/time.ts';
import { Dhcpv4MessageType, type Dhcpv4Option, findDhcpv4Option } from '#wire/dhcpv4.ts';
import {
  ACC0,
  AccessLink,
  DISCOVER,
  dhcpFrame,
  HOME,
  layer2Update,
  MAG,
  MN,
  MN2,
  ROUTER,
  type SeenDhcp,
  v4,
} from './link.ts';

const Type = Dhcpv4MessageType;
const requested = (address: Ipv4Address): Dhcpv4Option => ({ kind: 'requested-address', address });
const serverIdentifier = (address: Ipv4Address): Dhcpv4Option => ({ kind: 'server-identifier', address });

const SELECTING = dhcpFrame({ type: Type.REQUEST, options: [serverIdentifier(ROUTER), requested(HOME)] });
const INIT_REBOOT = dhcpFrame({ type: Type.REQUEST, options: [requested(HOME)] });
const RENEWING = dhcpFrame({ type: Type.REQUEST, ciaddr: HOME, unicast: true });
const REBINDING = dhcpFrame({ type: Type.REQUEST, ciaddr: HOME });

describe('a client as dhclient is', () => {
  it('[RFC 5844 §3.4.1] is offered the home address, and acknowledged', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(DISCOVER);
    const offer = link.oneDhcp();
    expect(offer.type).toBe(Type.OFFER);
    expect(offer.message).toMatchObject({ op: 2, xid: 0x1234abcd, yiaddr: HOME, chaddr: MN });
    link.hear(SELECTING);
    const ack = link.oneDhcp();
    expect(ack.type).toBe(Type.ACK);
    expect(ack.message.yiaddr).toEqual(HOME);
    expect(optionsOf(ack)).toEqual(optionsOf(offer));
  });

  it('[RFC 5844 §3.4.3(5), §3.4.3(6), §3.2.3.2(9)] is told mask, router, server identifier, MTU and times', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(DISCOVER);
    expect(optionsOf(link.oneDhcp())).toEqual({
      'server-identifier': '192.0.2.254',
      'broadcast-address': '192.0.2.255',
      'lease-time': '3600000',
      'renewal-time': '1800000',
      'rebinding-time': '3150000',
      'subnet-mask': '255.255.255.0',
      router: '192.0.2.254',
      'interface-mtu': '1452',
    });
  });

  it('[RFC 5844 §3.4.3] is answered when its session becomes active, never before', () => {
    const link = new AccessLink();
    link.hear(DISCOVER);
    link.advance(2000);
    expect(link.dhcp()).toEqual([]);
    link.activate();
    const offer = link.oneDhcp();
    expect(offer.type).toBe(Type.OFFER);
    expect(offer.message.yiaddr).toEqual(HOME);
  });

  it('is answered once for the latest of its messages', () => {
    const link = new AccessLink();
    link.hear(dhcpFrame({ type: Type.DISCOVER, xid: 1 }));
    link.hear(dhcpFrame({ type: Type.DISCOVER, xid: 2 }));
    link.activate();
    expect(link.oneDhcp().message.xid).toBe(2);
  });

  it('is not answered late by a session that comes after a refusal', () => {
    const link = new AccessLink();
    link.hear(DISCOVER);
    link.handle({ kind: 'session', change: { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'x' } });
    link.activate();
    expect(link.dhcp()).toEqual([]);
  });

  it.each([
    ['INIT-REBOOT', INIT_REBOOT],
    ['RENEWING', RENEWING],
    ['REBINDING', REBINDING],
  ])('[RFC 2131 §4.3.2] is acknowledged in %s when it names its home address', (_, frame) => {
    const link = new AccessLink();
    link.serve();
    link.hear(frame);
    const ack = link.oneDhcp();
    expect(ack.type).toBe(Type.ACK);
    expect(ack.message.yiaddr).toEqual(HOME);
    expect(findDhcpv4Option(ack.message.options, 'lease-time')?.duration).toBe(seconds(3600));
  });

  it('[RFC 5844 §3.4.1] is acknowledged when it renews with the requested address filled in too', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.REQUEST, ciaddr: HOME, options: [requested(HOME)], unicast: true }));
    expect(link.oneDhcp().type).toBe(Type.ACK);
  });

  it('[RFC 5844 §3.4.1] renews at the MAG that it roamed to, as soon as its session is there', () => {
    const link = new AccessLink();
    link.hear(RENEWING);
    expect(link.triggers()).toEqual(['dhcp']);
    link.activate();
    const ack = link.oneDhcp();
    expect(ack.type).toBe(Type.ACK);
    expect(ack.packet.destination).toEqual(HOME);
  });

  it.each([
    ['SELECTING', dhcpFrame({ type: Type.REQUEST, options: [serverIdentifier(ROUTER), requested(v4('192.0.2.9'))] })],
    ['INIT-REBOOT', dhcpFrame({ type: Type.REQUEST, options: [requested(v4('10.1.2.3'))] })],
    ['RENEWING', dhcpFrame({ type: Type.REQUEST, ciaddr: v4('192.0.2.9'), unicast: true })],
    ['REBINDING', dhcpFrame({ type: Type.REQUEST, ciaddr: v4('10.1.2.3') })],
    ['no known state, naming no address', dhcpFrame({ type: Type.REQUEST })],
  ])('[RFC 5844 §3.4.1] is refused by DHCPNAK when it asks for another address in %s', (_, frame) => {
    const link = new AccessLink();
    link.serve();
    link.hear(frame);
    const nak = link.oneDhcp();
    expect(nak.type).toBe(Type.NAK);
    expect(nak.message).toMatchObject({ yiaddr: Ipv4Address.unspecified, ciaddr: Ipv4Address.unspecified });
    expect(optionsOf(nak)).toEqual({
      'server-identifier': '192.0.2.254',
      message: 'the home address is another one',
    });
    expect(nak.packet.destination).toEqual(Ipv4Address.broadcast);
    expect(nak.frame.destination).toEqual(MN);
  });

  it('[RFC 2131 §4.3.2] that asks for an old address is refused it, and then offered its own', () => {
    const link = new AccessLink();
    link.serve();
    const old = requested(Ipv4Address.parse('10.1.2.3') as Ipv4Address);
    link.hear(dhcpFrame({ type: Type.REQUEST, options: [old] }));
    expect(link.oneDhcp().type).toBe(Type.NAK);
    link.hear(dhcpFrame({ type: Type.DISCOVER, options: [old] }));
    expect(link.oneDhcp().message.yiaddr).toEqual(HOME);
  });

  it('has its address in two messages when it asks for that (RFC 4039)', () => {
    const link = new AccessLink();
    link.hear(dhcpFrame({ type: Type.DISCOVER, options: [{ kind: 'rapid-commit', data: new Uint8Array() }] }));
    link.activate();
    const { type, message } = link.oneDhcp();
    expect(type).toBe(Type.ACK);
    expect(message.yiaddr).toEqual(HOME);
    expect(findDhcpv4Option(message.options, 'rapid-commit')).toBeDefined();
    expect(findDhcpv4Option(message.options, 'lease-time')).toBeDefined();
  });

  it('[RFC 2131 §4.3.2] is refused when it renews one address and asks for another', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.REQUEST, ciaddr: HOME, options: [requested(v4('192.0.2.9'))], unicast: true }));
    expect(link.oneDhcp().type).toBe(Type.NAK);
  });

  it('is offered its address by a DHCPDISCOVER that names a server too', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.DISCOVER, options: [serverIdentifier(v4('192.0.2.1'))] }));
    expect(link.oneDhcp().type).toBe(Type.OFFER);
  });

  it('[RFC 2131 §4.3.2] is left alone when it chose another server', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.REQUEST, options: [serverIdentifier(v4('192.0.2.1')), requested(HOME)] }));
    expect(link.dhcp()).toEqual([]);
    expect(link.machine.stats.dhcpForOtherServer).toBe(1);
  });

  it('tells of each lease, which the next run knows then', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(SELECTING);
    const [told] = link.outputs.flatMap((output) => (output.kind === 'leased' ? [output] : []));
    expect(told).toEqual({ kind: 'leased', mac: MN, lease: { address: HOME, until: link.now + 3_600_000 } });
    const after = new AccessLink();
    after.activate();
    expect(after.machine.station(MN)?.leaseRemaining).toBeNull();
    after.activate({ ...(told && { lease: told.lease }) });
    expect(after.machine.station(MN)?.leaseRemaining).toBe(3600);
  });

  it('[RFC 2131 §4.3.5] gets parameters but no lease on DHCPINFORM', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.INFORM, ciaddr: HOME }));
    const ack = link.oneDhcp();
    expect(ack.type).toBe(Type.ACK);
    expect(ack.message.yiaddr).toEqual(Ipv4Address.unspecified);
    expect(ack.packet.destination).toEqual(HOME);
    expect(optionsOf(ack)).toEqual({
      'server-identifier': '192.0.2.254',
      'broadcast-address': '192.0.2.255',
      'subnet-mask': '255.255.255.0',
      router: '192.0.2.254',
      'interface-mtu': '1452',
    });
  });

  it('[RFC 5844 §3.4.3(10)] gives its address back with DHCPRELEASE', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.RELEASE, ciaddr: HOME, options: [serverIdentifier(ROUTER)], unicast: true }));
    expect(link.reports()).toEqual([`detached dhcp-release ${MN} ${ACC0}`]);
  });

  describe('that gives its address back and asks for one at once, before the MAG has said anything', () => {
    const RELEASE = dhcpFrame({ type: Type.RELEASE, ciaddr: HOME, options: [serverIdentifier(ROUTER)], unicast: true });

    it('does not get the one that it gave back, and has another one asked for', () => {
      const link = new AccessLink();
      link.serve();
      link.hear(RELEASE);
      link.hear(DISCOVER);
      link.activate({ homeAddress: undefined } as never);
      expect(link.machine.stats.dhcpOffersSent).toBe(0);
      expect(link.reports()).toEqual([`detached dhcp-release ${MN} ${ACC0}`, `attached dhcp ${MN} ${ACC0}`]);
      const address = v4('192.0.2.7');
      link.activate({ homeAddress: { address, prefixLength: 24, defaultRouter: ROUTER } });
      expect(link.oneDhcp().message.yiaddr).toEqual(address);
    });

    it('comes again when its session ends with the address', () => {
      const link = new AccessLink();
      link.serve({ prefixes: [] });
      link.hear(RELEASE);
      link.hear(DISCOVER);
      link.end('departed');
      expect(link.machine.stats.dhcpOffersSent).toBe(0);
      expect(link.reports()).toEqual([`detached dhcp-release ${MN} ${ACC0}`, `attached dhcp ${MN} ${ACC0}`]);
      link.activate({ prefixes: [] });
      expect(link.oneDhcp().type).toBe(Type.OFFER);
    });

    it('is answered again when the MAG says nothing', () => {
      const link = new AccessLink();
      link.serve();
      link.hear(RELEASE);
      link.advance(1000);
      link.hear(DISCOVER);
      expect(link.oneDhcp().type).toBe(Type.OFFER);
    });
  });

  it('cannot give back an address that is not its own', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.RELEASE, ciaddr: v4('192.0.2.9'), unicast: true }));
    expect(link.reports()).toEqual([]);
  });

  describe('that declines its address', () => {
    const DECLINE = dhcpFrame({ type: Type.DECLINE, options: [serverIdentifier(ROUTER), requested(HOME)] });

    it('[RFC 2131 §4.3.3] is reported to the operator, and the address goes back to the LMA', () => {
      const link = new AccessLink();
      link.serve();
      link.hear(DECLINE);
      expect(link.outputs).toMatchObject([
        { kind: 'log', code: 'dhcp-declined', level: 'warn' },
        { kind: 'detached', reason: 'dhcp-release' },
      ]);
      expect(link.machine.stats.dhcpDeclined).toBe(1);
    });

    it('[RFC 2131 §4.3.3] is offered nothing for 10 s, then for 20 s: it cannot go through the pool', () => {
      const link = new AccessLink();
      link.serve();
      for (const [times, wait] of [10_000, 20_000, 40_000].entries()) {
        link.hear(DECLINE);
        link.activate();
        link.outputs = [];
        link.hear(DISCOVER);
        link.hear(SELECTING);
        link.hear(DECLINE);
        link.advance(wait - 1);
        link.hear(DISCOVER);
        expect(link.dhcp()).toEqual([]);
        link.advance(1);
        link.hear(DISCOVER);
        expect(link.oneDhcp().type).toBe(Type.OFFER);
        expect(link.machine.stats.dhcpDeclined).toBe(times + 1);
      }
    });

    it('waits less than eleven minutes, however often it did so', () => {
      const link = new AccessLink();
      link.serve();
      for (let i = 0; i < 12; i++) {
        link.hear(DECLINE);
        link.advance(640_000);
      }
      expect(link.machine.stats.dhcpDeclined).toBe(12);
      link.outputs = [];
      link.hear(DISCOVER);
      expect(link.oneDhcp().type).toBe(Type.OFFER);
    });

    it.each([
      ['another address', [serverIdentifier(ROUTER), requested(v4('192.0.2.9'))], 'dhcpUnexpected'],
      ['that of another server', [serverIdentifier(v4('192.0.2.9')), requested(HOME)], 'dhcpForOtherServer'],
      ['none', [serverIdentifier(ROUTER)], 'dhcpUnexpected'],
    ] as const)('is not heard when it declines %s', (_, options, counter) => {
      const link = new AccessLink();
      link.serve();
      link.hear(dhcpFrame({ type: Type.DECLINE, options }));
      expect(link.outputs).toEqual([]);
      expect(link.machine.stats[counter]).toBe(1);
    });
  });

  describe('whose session is refused', () => {
    const refuse = (link: AccessLink) =>
      link.handle({ kind: 'session', change: { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'x' } });

    it('[RFC 5844 §3.4.1] is sent a DHCPNAK when it was renewing, from the server that it asked', () => {
      const link = new AccessLink();
      link.hear(RENEWING);
      refuse(link);
      const nak = link.oneDhcp();
      expect(nak.type).toBe(Type.NAK);
      expect(optionsOf(nak)['server-identifier']).toBe(ROUTER.toString());
      expect([nak.packet.source, nak.packet.destination]).toEqual([ROUTER, Ipv4Address.broadcast]);
    });

    it.each([
      ['INIT-REBOOT', INIT_REBOOT],
      ['REBINDING', REBINDING],
      ['INIT', DISCOVER],
    ])('[RFC 2131 §4.3.2] is told nothing in %s', (_, frame) => {
      const link = new AccessLink();
      link.hear(frame);
      refuse(link);
      expect(link.dhcp()).toEqual([]);
    });

    it('[RFC 5844 §3.4.1] is sent a DHCPNAK when its renewed session has no home address', () => {
      const link = new AccessLink();
      link.hear(RENEWING);
      link.activate({ homeAddress: undefined } as never);
      expect(link.oneDhcp().type).toBe(Type.NAK);
    });
  });

  describe('that comes again', () => {
    it.each([
      ['DISCOVER', DISCOVER, Type.OFFER],
      ['SELECTING', SELECTING, Type.NAK],
      ['RENEWING', RENEWING, Type.NAK],
    ])(
      '[RFC 5844 §3.4.3] is answered its %s when the session is confirmed, and by what that says',
      (_, frame, type) => {
        const link = new AccessLink();
        link.serve();
        link.advance(1000);
        link.hear(layer2Update());
        link.hear(frame);
        link.advance(2000);
        expect(link.dhcp()).toEqual([]);
        link.activate({ homeAddress: { address: v4('192.0.2.9'), prefixLength: 24, defaultRouter: ROUTER } });
        const reply = link.oneDhcp();
        expect(reply.type).toBe(type);
        expect(reply.message.yiaddr.toString()).toBe(type === Type.NAK ? '0.0.0.0' : '192.0.2.9');
        link.hear(frame);
        expect(link.oneDhcp().type).toBe(type);
      },
    );

    it.each([
      ['ended', { kind: 'session-ended', interface: ACC0, mac: MN, reason: 'withdrawn' }],
      ['refused', { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'x' }],
    ] as const)('is not answered when the session is %s', (_, change) => {
      const link = new AccessLink();
      link.serve();
      link.advance(1000);
      link.hear(layer2Update());
      link.hear(DISCOVER);
      link.handle({ kind: 'session', change });
      link.activate();
      expect(link.dhcp()).toEqual([]);
    });

    it('gives its address back after the confirmation', () => {
      const link = new AccessLink();
      link.serve();
      link.advance(1000);
      link.hear(layer2Update());
      link.outputs = [];
      link.hear(dhcpFrame({ type: Type.RELEASE, ciaddr: HOME, unicast: true }));
      expect(link.reports()).toEqual([]);
      link.activate();
      expect(link.reports()).toEqual([`detached dhcp-release ${MN} ${ACC0}`]);
    });
  });

  it('[RFC 5844 §3.4.3] has its session asked for a home address when that has none, and waits', () => {
    const link = new AccessLink();
    link.serve({ homeAddress: undefined } as never);
    link.hear(DISCOVER);
    link.hear(DISCOVER);
    expect(link.reports()).toEqual([`attached dhcp ${MN} ${ACC0}`]);
    link.activate();
    expect(link.oneDhcp().type).toBe(Type.OFFER);
  });

  it('[RFC 5844 §3.4.3(3)] is never answered in a session without a home address', () => {
    const link = new AccessLink();
    link.hear(DISCOVER);
    link.activate({ homeAddress: undefined } as never);
    link.advance(60_000);
    expect(link.dhcp()).toEqual([]);
    expect(link.machine.stats.dhcpWithoutHomeAddress).toBe(1);
  });
});

describe('where a reply goes', () => {
  it("[RFC 2131 §4.1] is the client's new address, without the BROADCAST bit", () => {
    const link = new AccessLink();
    link.serve();
    link.hear(DISCOVER);
    const { packet, frame } = link.oneDhcp();
    expect([packet.source, packet.destination]).toEqual([ROUTER, HOME]);
    expect([frame.source, frame.destination]).toEqual([MAG, MN]);
  });

  it('[RFC 2131 §4.1] is everybody, with the BROADCAST bit; in layer 2 the client alone', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(dhcpFrame({ type: Type.DISCOVER, broadcast: true }));
    const { packet, frame, message } = link.oneDhcp();
    expect(packet.destination).toEqual(Ipv4Address.broadcast);
    expect(frame.destination).toEqual(MN);
    expect(message.broadcast).toBe(true);
  });

  it("carries the client's identifier", () => {
    const link = new AccessLink();
    link.serve();
    const data = Uint8Array.of(0xff, 1, 2, 3, 4);
    link.hear(dhcpFrame({ type: Type.DISCOVER, options: [{ kind: 'client-identifier', data }] }));
    expect(findDhcpv4Option(link.oneDhcp().message.options, 'client-identifier')?.data).toEqual(data);
  });
});

describe('a message that is not served', () => {
  it.each([
    ['came through a relay', dhcpFrame({ type: Type.DISCOVER, giaddr: v4('10.0.0.1') }), 'dhcpRelayed'],
    [
      'names the hardware address of another',
      dhcpFrame({ type: Type.DISCOVER, chaddr: MN2 }),
      'dhcpForeignHardwareAddress',
    ],
    ['is a reply', dhcpFrame({ type: Type.DISCOVER, op: 2 }), 'dhcpUnexpected'],
    ['is of no known type', dhcpFrame({ type: 77 }), 'dhcpUnexpected'],
  ] as const)('%s', (_, frame, counter) => {
    const link = new AccessLink();
    link.serve();
    link.hear(frame);
    expect(link.outputs).toEqual([]);
    expect(link.machine.stats[counter]).toBe(1);
  });

  it('is of another station than the served one', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(layer2Update(MN2));
    link.outputs = [];
    link.hear(dhcpFrame({ type: Type.DISCOVER, mac: MN2 }));
    expect(link.dhcp()).toEqual([]);
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
