import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { seconds } from '#base/time.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import { readChangeRequest } from '#proto/aaa/authorization-change.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

const user = DICTIONARY.attribute('User-Name', 'mn0@example.com');
const read = (...attributes: RadiusAttribute[]) => {
  const result = readChangeRequest(attributes);
  return result.ok ? result.value.change : result.error;
};

describe('what a CoA-Request changes', () => {
  it('[RFC 5176 §3.6] is what the attributes of a profile say, in either spelling, and nothing else', () => {
    expect(read(user, ciscoPair('mn-apn', 'other.example'), ciscoPair('mn-service', 'dual'))).toEqual({
      apn: 'other.example',
      service: 'dual',
    });
    expect(read(user, DICTIONARY.attribute('Session-Timeout', 60), ciscoPair('multihomed', 'true'))).toEqual({
      sessionTimeout: seconds(60),
      multihomed: true,
    });
    const address = Ipv4Address.parse('10.8.24.102') as Ipv4Address;
    expect(
      read(user, ciscoPair('home-lma', 'lma2'), DICTIONARY.attribute('PMIP6-Home-LMA-IPv4-Address', address)),
    ).toEqual({
      lma: 'lma2',
      lmaIpv4: address,
    });
  });

  it('[RFC 5176 §3.6] leaves what names the session to name it', () => {
    const change = readChangeRequest([
      DICTIONARY.attribute('Mobile-Node-Identifier', 'mn0@example.com'),
      DICTIONARY.attribute('Framed-IP-Address', Ipv4Address.parse('192.0.2.1') as Ipv4Address),
      DICTIONARY.attribute('Event-Timestamp', 1_800_000_000),
      DICTIONARY.attribute('Service-Selection', 'other.example'),
    ]);
    const session = { nai: 'mn0@example.com', llid: '', hoa: '192.0.2.1', hnps: [] };
    expect(change.ok && change.value.sessions.names(session)).toBe(true);
    expect(change.ok && change.value.sessions.names({ ...session, hoa: '192.0.2.2' })).toBe(false);
    expect(change.ok && change.value.change).toEqual({ apn: 'other.example' });
  });

  it.each<[string, RadiusAttribute[], number]>([
    ['nothing to change', [user], ErrorCause.MISSING_ATTRIBUTE],
    ['no session', [ciscoPair('mn-apn', 'a')], ErrorCause.MISSING_ATTRIBUTE],
    ['another name', [user, ciscoPair('mn-nai', 'mn1@example.com')], ErrorCause.UNSUPPORTED_ATTRIBUTE],
    ['an attribute of others', [user, DICTIONARY.attribute('Idle-Timeout', 5)], ErrorCause.UNSUPPORTED_ATTRIBUTE],
    ['an unknown pair', [user, ciscoPair('sub-qos-policy-in', 'x')], ErrorCause.UNSUPPORTED_ATTRIBUTE],
    ['a service that is none', [user, ciscoPair('mn-service', 'ipv5')], ErrorCause.INVALID_ATTRIBUTE_VALUE],
    [
      'another protocol',
      [user, ciscoPair('cisco-mpc-protocol-interface', 'gtpv2')],
      ErrorCause.INVALID_ATTRIBUTE_VALUE,
    ],
    [
      'features that authorize nothing',
      [user, DICTIONARY.attribute('MIP6-Feature-Vector', 1n)],
      ErrorCause.INVALID_ATTRIBUTE_VALUE,
    ],
    [
      'a malformed name',
      [{ vendor: 0, type: 8, value: Uint8Array.of(1) }, ciscoPair('mn-apn', 'a')],
      ErrorCause.INVALID_REQUEST,
    ],
  ])('[RFC 5176 §3.5] is refused with %s', (_, attributes, cause) => {
    expect(read(...attributes)).toBe(cause);
  });
});
