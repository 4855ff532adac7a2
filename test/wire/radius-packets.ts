/** Every kind of RADIUS packet that we send, made by what sends it. */
import { concatBytes } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { instant, utcTime } from '#base/time.ts';
import {
  AUTHORIZATION_PASSWORD,
  authorizationRequest,
  domainRequest,
  loginRequest,
  profileRequest,
  type RequestStyle,
} from '#proto/aaa/access-request.ts';
import { type AccountedBinding, AccountingLedger, delayedAttributes } from '#proto/aaa/accounting.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { TerminateCause } from '#proto/aaa/terminate-cause.ts';
import { encodeDynamicAnswer } from '#proto/radius/dynamic-answer.ts';
import { encodeProxiedAnswer, forwardedAttributes } from '#proto/radius/proxied-packet.ts';
import { encodeStatusServer } from '#proto/radius/radsec.ts';
import { encodeRequest } from '#proto/radius/request-packet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { MESSAGE_AUTHENTICATOR, setMessageAuthenticator, setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import { decodeRadius, encodeRadius, type RadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';
import { encodeUdp } from '#wire/udp.ts';
import { decodedValue } from './vector.ts';

export const SECRET = new TextEncoder().encode('aaacisco');
const PASSWORD = new TextEncoder().encode(AUTHORIZATION_PASSWORD);
const ZEROS = new Uint8Array(16);

export interface SentPacket {
  readonly name: string;
  /** Of RADIUS: that packets go to, or come from. */
  readonly port: number;
  /** What it answers; absent for a request. */
  readonly request?: Uint8Array;
  readonly octets: Uint8Array;
}

const PEER = Ipv4Address.parse('10.8.24.1') as Ipv4Address;
const ipv4 = Ipv4Address.parse('10.8.24.101') as Ipv4Address;
const ipv6 = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
const PREFIX = Ipv6Prefix.parse('2001:db8:f00d:1::/64') as Ipv6Prefix;
const now = { instant: instant(0), utc: utcTime(1_800_000_000_000) };
const everything: RequestStyle = {
  nasAddress: ipv6,
  nasIdentifier: 'mag1',
  serviceType: true,
  framedAddress: true,
  nasIdentifierInAccess: true,
  nasIdentifierInAccounting: true,
  accountingSessionInAccess: true,
  eventTimestampInAccess: true,
  eventTimestampInAccounting: true,
  hardwareAddress: { style: 'ietf' },
  hardwareAddressOnly: false,
  vendorSpecificInAccess: true,
  vendorSpecificInAccounting: true,
};
const little: RequestStyle = {
  nasAddress: ipv4,
  nasIdentifier: 'mag1',
  serviceType: false,
  framedAddress: false,
  nasIdentifierInAccess: false,
  nasIdentifierInAccounting: false,
  accountingSessionInAccess: false,
  eventTimestampInAccess: false,
  eventTimestampInAccounting: false,
  hardwareAddress: { style: 'unformatted' },
  hardwareAddressOnly: true,
  vendorSpecificInAccess: false,
  vendorSpecificInAccounting: false,
};

const subscriber = {
  mac: MacAddress.parse('0024.d78e.21a4') as MacAddress,
  clientNai: 'mn0@example.com',
  interface: 'GigabitEthernet0/1/0.3074',
  accessTechnology: 4,
  requestedAddress: Ipv4Address.parse('192.0.2.1') as Ipv4Address,
  service: 'example.com',
  ipv4Transport: true,
  accountingSession: 'run-m1',
};
const question = {
  nai: 'mn0@example.com',
  accountingSession: 'run-a1',
  linkLayerIdentifier: '0024d78e21a4',
  accessTechnology: 4,
  service: 'example.com',
  asksForPrefix: true,
  namedPrefixes: [],
  asksForHomeAddress: true,
};

export function sentPackets(): SentPacket[] {
  const packets: SentPacket[] = [];
  const request = (
    name: string,
    exchange: 'access' | 'accounting',
    attributes: readonly RadiusAttribute[],
    hasPassword = exchange === 'access',
  ) => {
    const password = hasPassword ? { password: PASSWORD } : {};
    const { octets } = encodeRequest(
      { kind: 'request', id: 1, exchange, attributes, ...password },
      packets.length,
      SECRET,
      (count) => new Uint8Array(count).map((_, i) => 17 * i + packets.length),
    );
    packets.push({ name, port: exchange === 'access' ? 1812 : 1813, octets });
  };
  for (const [name, style] of Object.entries({ everything, little })) {
    request(`profile, ${name}`, 'access', profileRequest(subscriber, style, now.utc));
    request(`domain, ${name}`, 'access', domainRequest('D1', style, name === 'little' ? undefined : ipv6, now.utc));
    request(`login, ${name}`, 'access', loginRequest('alice', '192.0.2.9', style, ipv4, now.utc));
    const lma = name === 'little' ? ipv4 : ipv6;
    const named = name === 'little' ? {} : { namedPrefixes: [PREFIX], namedHomeAddress: subscriber.requestedAddress };
    request(
      `authorization, ${name}`,
      'access',
      authorizationRequest({ ...question, lma, ...named }, style, now.utc),
      false,
    );
    for (const attributes of accounting(style)) request(`accounting, ${name}`, 'accounting', attributes);
  }
  request('a proxied record', 'accounting', forwardedAttributes(encodeRadius(asked(RadiusCode.ACCOUNTING_REQUEST)), 5));
  packets.push({
    name: 'a question whether the server is there',
    port: 1812,
    octets: encodeStatusServer((count) => new Uint8Array(count).fill(9)).octets,
  });
  const answer = (name: string, port: number, request: RadiusPacket, octets: Uint8Array) =>
    packets.push({ name, port, request: encodeRadius(request), octets });
  for (const code of [RadiusCode.DISCONNECT_REQUEST, RadiusCode.COA_REQUEST]) {
    const request = asked(code);
    answer(`ACK to ${code}`, 3799, request, encodeDynamicAnswer(request, SECRET));
    const refused = encodeDynamicAnswer(request, SECRET, ErrorCause.SESSION_CONTEXT_NOT_FOUND);
    answer(`NAK to ${code}`, 3799, request, refused);
  }
  const said = [DICTIONARY.attribute('Reply-Message', 'hello'), DICTIONARY.attribute('Cisco-AVPair', 'a=b')];
  const record = asked(RadiusCode.ACCOUNTING_REQUEST);
  answer('a proxied answer', 1813, record, encodeProxiedAnswer(record, SECRET, said));
  return packets;
}

function accounting(style: RequestStyle): RadiusAttribute[][] {
  let upOctets = 0;
  const usage = () => ({ upPackets: 12, upOctets, downPackets: 7, downOctets: 3 });
  const ledger = new AccountingLedger({ style }, 'run', usage);
  const binding: AccountedBinding = {
    id: 'lma1/1',
    nai: 'mn0@example.com',
    callingStation: '0024.d78e.21a4',
    homeAddress: Ipv4Address.parse('192.0.2.1') as Ipv4Address,
    prefixes: [PREFIX],
    mag: 'M1',
    lmaAddress: style === everything ? ipv6 : ipv4,
    accessTechnology: 4,
    service: 'example.com',
    forwarding: true,
  };
  ledger.nodeStarts(now);
  ledger.binding(binding, now);
  upOctets = 5 * 2 ** 32 + 9;
  ledger.binding({ ...binding, mag: 'M2' }, now);
  ledger.ended(binding.id, TerminateCause.USER_REQUEST, now);
  ledger.nodeEnds(now);
  return ledger.drain().map((record) => delayedAttributes(record, utcTime(now.utc + 3000)));
}

/** What a client asked for. */
function asked(code: number): RadiusPacket {
  const attributes = [
    { vendor: 0, type: MESSAGE_AUTHENTICATOR, value: ZEROS },
    DICTIONARY.attribute('Acct-Status-Type', 1),
    DICTIONARY.attribute('Acct-Session-Id', 's1'),
    DICTIONARY.attribute('Proxy-State', new Uint8Array([1, 2, 3])),
    DICTIONARY.attribute('Cisco-AVPair', 'ssid=corporate'),
  ];
  const octets = encodeRadius({ code, identifier: 77, authenticator: ZEROS, attributes });
  setMessageAuthenticator(octets, SECRET, ZEROS);
  setRadiusAuthenticator(octets, SECRET);
  return decodedValue(decodeRadius(octets));
}

/** With the answers from the port of the server, and requests to it. */
export function radiusCapture(captured: readonly SentPacket[]): Uint8Array {
  const writer = new PcapWriter(LinkType.RAW);
  const records = captured.map(({ port, request, octets }, i) => {
    const isAnswer = request !== undefined && octets !== request;
    const [sourcePort, destinationPort] = isAnswer ? [port, 40_000] : [40_000, port];
    const addresses = isAnswer ? { source: ipv4, destination: PEER } : { source: PEER, destination: ipv4 };
    const payload = encodeUdp({ sourcePort, destinationPort, ...addresses, payload: octets });
    const bytes = encodeIpv4({ protocol: 17, ttl: 64, ...addresses, payload });
    return writer.record({ at: 1_700_000_000_000 + i, bytes });
  });
  return concatBytes(writer.header(), ...records);
}
