import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import {
  type Dhcpv4Message,
  Dhcpv4MessageType,
  type Dhcpv4Option,
  decodeDhcpv4,
  encodeDhcpv4,
  findDhcpv4Option,
} from '#wire/dhcpv4.ts';
import { ACC0, AccessLink, DISCOVER, dhcpFrame, HOME, layer2Update, MN, MN2, ROUTER, v4 } from './link.ts';

const Type = Dhcpv4MessageType;
const RELAY = v4('10.0.0.15');
const SERVER = v4('10.0.0.67');
const interfaces = [{ name: ACC0, relay: { servers: [SERVER], address: RELAY } }];
const requested = (address: Ipv4Address): Dhcpv4Option => ({ kind: 'requested-address', address });
const SELECTING = dhcpFrame({
  type: Type.REQUEST,
  options: [{ kind: 'server-identifier', address: ROUTER }, requested(HOME)],
});
const RENEWING = dhcpFrame({ type: Type.REQUEST, ciaddr: HOME, unicast: true });

describe('a DHCP relay: from client to server', () => {
  it('[RFC 5844 §3.4.2] sends a DHCPDISCOVER on, with the home address as Agent Remote ID, when the session is there', () => {
    const link = new AccessLink({ interfaces });
    link.hear(dhcpFrame({ type: Type.DISCOVER }));
    expect(relayed(link)).toEqual([]);
    link.activate();
    const [only, ...more] = relayed(link);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ local: RELAY, server: SERVER });
    expect(only?.message).toMatchObject({ op: 1, hops: 1, giaddr: RELAY, chaddr: MN, xid: 0x1234abcd });
    expect(only?.message.options.at(-1)).toEqual({
      kind: 'relay-agent-information',
      subOptions: [
        { code: 1, data: new TextEncoder().encode(ACC0) },
        { code: 2, data: HOME.toBytes() },
        { code: 5, data: v4('192.0.2.0').toBytes() },
        { code: 6, data: new TextEncoder().encode(MN.toCiscoString()) },
        { code: 11, data: ROUTER.toBytes() },
      ],
    });
    expect(link.machine.stats.dhcpOffersSent).toBe(0);
  });

  it.each([
    ['SELECTING', SELECTING],
    ['INIT-REBOOT', dhcpFrame({ type: Type.REQUEST, options: [requested(HOME)] })],
    ['RENEWING, by unicast', RENEWING],
  ])('[RFC 5844 §3.4.2] sends on a request for the home address in %s', (_, frame) => {
    const link = served();
    link.hear(frame);
    expect(relayed(link)).toHaveLength(1);
  });

  it.each([
    ['INIT-REBOOT', dhcpFrame({ type: Type.REQUEST, options: [requested(v4('192.0.2.9'))] })],
    ['RENEWING', dhcpFrame({ type: Type.REQUEST, ciaddr: v4('192.0.2.9'), unicast: true })],
  ])('[RFC 5844 §3.4.2(11)] drops a request for another address in %s, and says so', (_, frame) => {
    const link = served();
    link.hear(frame);
    expect(link.outputs).toMatchObject([{ kind: 'log', level: 'error', code: 'dhcp-foreign-address' }]);
    expect(link.machine.stats.dhcpForeignAddress).toBe(1);
  });

  it('[RFC 5844 §3.4.2] sends a release on, and has the home address de-registered', () => {
    const link = served();
    link.hear(dhcpFrame({ type: Type.RELEASE, ciaddr: HOME, unicast: true }));
    expect(link.outputs.map(({ kind }) => kind)).toEqual(['relay', 'detached']);
  });

  it('[RFC 2131 §4.3.3] sends a DHCPDECLINE on, gives the home address back, and relays no DHCPDISCOVER for a while', () => {
    const link = served();
    link.hear(dhcpFrame({ type: Type.DECLINE, options: [{ kind: 'requested-address', address: HOME }] }));
    expect(link.outputs.map((output) => (output.kind === 'detached' ? output.reason : output.kind))).toEqual([
      'relay',
      'log',
      'dhcp-release',
    ]);
    link.activate();
    link.outputs = [];
    link.hear(DISCOVER);
    expect(link.outputs).toEqual([]);
    link.advance(10_000);
    link.outputs = [];
    link.hear(DISCOVER);
    expect(link.outputs.map(({ kind }) => kind)).toEqual(['relay']);
  });

  it('[RFC 3046 §2.1] drops what has such an option already', () => {
    const link = served();
    const forged: Dhcpv4Option = { kind: 'relay-agent-information', subOptions: [{ code: 2, data: HOME.toBytes() }] };
    link.hear(dhcpFrame({ type: Type.DISCOVER, options: [forged] }));
    expect(link.outputs).toEqual([]);
    expect(link.machine.stats.dhcpNotRelayed).toBe(1);
  });

  it('[RFC 3046 §2.1] leaves the option out where the message would not fit the link', () => {
    const link = served();
    link.hear(
      dhcpFrame({ type: Type.DISCOVER, options: [{ kind: 'vendor-class-identifier', data: new Uint8Array(1150) }] }),
    );
    const [only] = relayed(link);
    expect(only && findDhcpv4Option(only.message.options, 'relay-agent-information')).toBeUndefined();
    expect(only?.message.giaddr).toEqual(RELAY);
    expect(link.machine.stats.dhcpOptionsLeftOut).toBe(1);
  });

  it('sends to each server', () => {
    const other = v4('10.0.0.68');
    const link = served([{ name: ACC0, relay: { servers: [SERVER, other], address: RELAY } }]);
    link.hear(dhcpFrame({ type: Type.DISCOVER }));
    expect(relayed(link).map(({ server }) => server)).toEqual([SERVER, other]);
  });
});

describe('a DHCP relay: from server to client', () => {
  it('[RFC 3046 §2.1] hands an offer to the client alone, without the relay option', () => {
    const link = served();
    answer(link, { yiaddr: HOME });
    const offer = link.oneDhcp();
    expect(offer.type).toBe(Type.OFFER);
    expect(offer.message.yiaddr).toEqual(HOME);
    expect(findDhcpv4Option(offer.message.options, 'relay-agent-information')).toBeUndefined();
    expect([offer.packet.source, offer.packet.destination, offer.frame.destination]).toEqual([ROUTER, HOME, MN]);
  });

  it('[RFC 5844 §3.4.2] drops an offer of another address, and says so', () => {
    const link = served();
    answer(link, { yiaddr: v4('192.0.2.9') });
    expect(link.outputs).toMatchObject([{ kind: 'log', level: 'error', code: 'dhcp-foreign-address' }]);
    expect(link.machine.stats.dhcpForeignAddress).toBe(1);
  });

  it('broadcasts a refusal, in layer 2 to the client alone', () => {
    const link = served();
    answer(link, { options: [{ kind: 'message-type', value: Type.NAK }] });
    const nak = link.oneDhcp();
    expect([nak.packet.destination, nak.frame.destination]).toEqual([Ipv4Address.broadcast, MN]);
  });

  it.each([
    ['comes from another server', {}, v4('10.0.0.99')],
    ['is for a node that is not here', { chaddr: MN2 }, SERVER],
    ['is for another relay', { giaddr: v4('10.0.0.16') }, SERVER],
    ['is a request', { op: 1 }, SERVER],
  ] as const)('drops what %s', (_, change, server) => {
    const link = served();
    answer(link, { yiaddr: HOME, ...change }, server);
    expect(link.outputs).toEqual([]);
    expect(link.machine.stats.dhcpUnexpected).toBe(1);
  });

  it('drops what is no DHCP message', () => {
    const link = served();
    link.handle({ kind: 'relayed', local: RELAY, server: SERVER, payload: new Uint8Array(20) });
    expect(link.machine.stats.dhcpMalformed).toBe(1);
  });

  it('drops an answer for a node whose session is gone', () => {
    const link = served();
    link.end('departed');
    answer(link, { yiaddr: HOME });
    expect(link.dhcp()).toEqual([]);
  });
});

describe('server or relay', () => {
  it('[RFC 6572 §4.14] relays to the server that AAA has for the node, and takes answers of no other', () => {
    const own = v4('10.0.7.67');
    const link = new AccessLink({ interfaces: [{ ...(interfaces[0] as (typeof interfaces)[0]), relayFrom: RELAY }] });
    link.serve({ dhcpServer: own });
    link.hear(dhcpFrame({ type: Type.DISCOVER }));
    expect(relayed(link)).toMatchObject([{ local: RELAY, server: own, message: { giaddr: RELAY } }]);
    answer(link, { yiaddr: HOME }, SERVER);
    expect(link.machine.stats.dhcpUnexpected).toBe(1);
    answer(link, { yiaddr: HOME }, own);
    expect(link.dhcp()).toHaveLength(1);
  });

  it('[RFC 6572 §4.14] is a server itself where it has no address to relay from to that of the node, and counts it', () => {
    const link = new AccessLink();
    link.serve({ dhcpServer: v4('10.0.7.67') });
    link.hear(dhcpFrame({ type: Type.DISCOVER }));
    expect(link.oneDhcp().type).toBe(Type.OFFER);
    expect(link.machine.stats.dhcpNoAddressToRelayFrom).toBe(1);
  });

  it('[RFC 5844 §3.2.3.2(10), §3.3.4] is a server where the LMA says so, whatever is configured', () => {
    const link = new AccessLink({ interfaces });
    link.serve({ dhcpSupport: 'server' });
    link.hear(dhcpFrame({ type: Type.DISCOVER }));
    expect(link.oneDhcp().type).toBe(Type.OFFER);
  });

  it('[RFC 5844 §3.3.4] is a server where the LMA wants a relay and no server is known, and counts it', () => {
    const link = new AccessLink();
    link.serve({ dhcpSupport: 'relay' });
    link.hear(dhcpFrame({ type: Type.DISCOVER }));
    expect(link.oneDhcp().type).toBe(Type.OFFER);
    expect(link.machine.stats.dhcpNoServerToRelayTo).toBe(1);
  });
});

function served(links = interfaces): AccessLink {
  const link = new AccessLink({ interfaces: links });
  link.hear(layer2Update());
  link.activate();
  link.outputs = [];
  return link;
}

function relayed(link: AccessLink) {
  const outputs = link.outputs;
  link.outputs = [];
  return outputs.flatMap((output) => {
    if (output.kind !== 'relay') return [];
    const decoded = decodeDhcpv4(output.payload);
    if (!decoded.ok) throw new Error('no DHCP message');
    return [{ ...output, message: decoded.value }];
  });
}

/** As the server that knows option 82 answers. */
function answer(link: AccessLink, change: Partial<Dhcpv4Message>, server = SERVER): void {
  const payload = encodeDhcpv4({
    op: 2,
    htype: 1,
    hops: 0,
    xid: 0x1234abcd,
    secs: 0,
    broadcast: false,
    ciaddr: Ipv4Address.unspecified,
    yiaddr: Ipv4Address.unspecified,
    siaddr: Ipv4Address.unspecified,
    giaddr: RELAY,
    chaddr: MN,
    sname: '',
    file: '',
    options: [
      { kind: 'message-type', value: Type.OFFER },
      { kind: 'relay-agent-information', subOptions: [{ code: 2, data: HOME.toBytes() }] },
    ],
    ...change,
  });
  link.handle({ kind: 'relayed', local: RELAY, server, payload });
}
