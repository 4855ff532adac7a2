import { describe, expect, it, test } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { utcTime } from '#base/time.ts';
import { assembleAaa } from '#daemon/aaa/assemble-aaa.ts';
import { ProfileDesk } from '#daemon/aaa/profile-desk.ts';
import type { ToRadius } from '#daemon/aaa/radius-messages.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import type { ProfileAnswer } from '#proto/mag/events.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { read } from '../../config/read.ts';

const mac = MacAddress.parse('0024.d78e.21a4') as MacAddress;
const mag = { name: 'M1', addresses: { ipv6: Ipv6Address.parse('2001:db8::1') as Ipv6Address } };
const requestedAddress = Ipv4Address.parse('192.0.2.1') as Ipv4Address;

/** A MAG's mobile node whose profile is asked for, with these commands. */
class Asked {
  readonly desk: ProfileDesk;
  /** What the request says, by attribute. */
  readonly said: Readonly<Record<string, string>>;

  constructor(commands = '') {
    const posted: ToRadius[] = [];
    const assembly = assembleAaa(read(commands), 'mag1', () => undefined);
    this.desk = new ProfileDesk(
      assembly,
      (message) => posted.push(message),
      () => 7,
      'run',
    );
    const question = {
      kind: 'profile-request',
      interface: 'Gi0/1',
      mac,
      accessTechnology: 4,
      requestedAddress,
    } as const;
    this.desk.ask(mag, question, utcTime(1_800_000_000_500));
    const [request] = posted;
    const attributes = request?.kind === 'request' ? request.attributes : [];
    this.said = Object.fromEntries(
      attributes.map((each) => [`${DICTIONARY.typeOf(each)?.name}`, `${DICTIONARY.value(each)}`]),
    );
  }

  accepted(...attributes: RadiusAttribute[]): ProfileAnswer['answer'] | undefined {
    return this.desk.answer({ kind: 'answer', id: 7, outcome: 'accept', attributes })?.answer.answer;
  }
}

test('[RFC 5176 §3] a MAG knows a session by the Acct-Session-Id that the server was told, where it is told one', () => {
  const known = (commands: string) => {
    const asked = new Asked(commands);
    expect(asked.desk.sessionOf('M1', mac)).toBeUndefined();
    asked.accepted();
    return [asked.said['Acct-Session-Id'], asked.desk.sessionOf('M1', mac)];
  };
  expect(known('radius-server attribute 44 include-in-access-req')).toEqual(['run-m7', 'run-m7']);
  expect(known('')).toEqual([undefined, undefined]);
});

describe('an Access-Request for a profile', () => {
  const PLAIN = '0024.d78e.21a4';
  const written = (text: string) => ({ 'User-Name': text, 'Calling-Station-Id': `${text}:Gi0/1` });

  it.each<[string, Record<string, string>]>([
    ['attribute 6 on-for-login-auth', { 'Service-Type': '1' }],
    ['attribute 8 include-in-access-req', { 'Framed-IP-Address': '192.0.2.1' }],
    ['attribute 32 include-in-access-req', { 'NAS-Identifier': 'mag1' }],
    ['attribute 32 include-in-accounting-req', {}],
    ['attribute 44 include-in-access-req', { 'Acct-Session-Id': 'run-m7' }],
    ['attribute 55 access-request include', { 'Event-Timestamp': '1800000000' }],
    ['attribute 55 include-in-acct-req', {}],
    ['attribute 31 send nas-port-detail mac-only', { 'Calling-Station-Id': PLAIN }],
    ['attribute 31 mac format default', {}],
    ['attribute 31 mac format default lower-case', {}],
    ['attribute 31 mac format default upper-case', written('0024.D78E.21A4')],
    ['attribute 31 mac format ietf', written('00-24-D7-8E-21-A4')],
    ['attribute 31 mac format ietf lower-case', written('00-24-d7-8e-21-a4')],
    ['attribute 31 mac format ietf upper-case', written('00-24-D7-8E-21-A4')],
    ['attribute 31 mac format unformatted', written('0024d78e21a4')],
    ['attribute 31 mac format unformatted lower-case', written('0024d78e21a4')],
    ['attribute 31 mac format unformatted upper-case', written('0024D78E21A4')],
    ['vsa send authentication', { 'Cisco-AVPair': `client-mac-address=${PLAIN}` }],
    ['vsa send accounting', {}],
  ])('says by "radius-server %s" that, and nothing else', (command, difference) => {
    const without = new Asked().said;
    expect(without).toMatchObject(written(PLAIN));
    expect(new Asked(`radius-server ${command}`).said).toEqual({ ...without, ...difference });
  });
});

describe('an Access-Accept that is a rejection', () => {
  it.each([1, 2, 5, 10, 17])('[RFC 2865 §5.6] is not one with Service-Type %d', (type) => {
    expect(new Asked().accepted(DICTIONARY.attribute('Service-Type', type))?.kind).toBe('found');
  });

  it.each([3, 4, 6, 7, 8, 9, 11, 99])('[RFC 2865 §5.6] is one with Service-Type %d, which is not supported', (type) => {
    expect(new Asked().accepted(DICTIONARY.attribute('Service-Type', type))).toEqual({
      kind: 'none',
      reason: `the AAA server gives it Service-Type ${type}, which mobile nodes cannot have here`,
    });
  });

  it('[RFC 6572 §4.1] is one with feature bits that contradict each other', () => {
    expect(new Asked().accepted(DICTIONARY.attribute('MIP6-Feature-Vector', 0x1_0300_0000_0000n))).toEqual({
      kind: 'none',
      reason: 'the AAA server authorizes no service by MIP6-Feature-Vector 0x1030000000000',
    });
  });
});
