import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { type NamedSession, SessionRequest } from '#proto/aaa/session-request.ts';
import type { RadiusValue } from '#wire/radius/dictionary.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';

const HOA = Ipv4Address.parse('10.0.0.7') as Ipv4Address;
const LMA = Ipv6Address.parse('2001:db8::1') as Ipv6Address;
const session: NamedSession = {
  nai: 'mn0@example.com',
  llid: '0024.d78e.21a4',
  hoa: '10.0.0.7',
  hnps: ['2001:db8:1::/64'],
  accountingSession: 'run-lma/1',
  station: 'M1',
};
type Said = Readonly<Record<string, RadiusValue>>;
const read = (said: Said) =>
  SessionRequest.read(Object.entries(said).map(([name, value]) => DICTIONARY.attribute(name, value)));
const names = (said: Said, of = session) => {
  const request = read(said);
  return request.ok && request.value.names(of);
};

describe('a Disconnect-Request', () => {
  it.each<[string, RadiusValue, RadiusValue]>([
    ['User-Name', 'mn0@example.com', 'mn1@example.com'],
    ['User-Name', '00-24-D7-8E-21-A4', '00-24-D7-8E-21-A4@example.com'],
    ['Mobile-Node-Identifier', 'mn0@example.com', '00-24-D7-8E-21-A4'],
    ['Calling-Station-Id', '0024d78e21a4', '0024d78e21a5'],
    ['Calling-Station-Id', '00:24:d7:8e:21:a4 Gi0/1', 'mn0@example.com'],
    ['Called-Station-Id', 'M1', 'M2'],
    ['NAS-Port-Id', 'Gi0/1', 'Gi0/2'],
    ['Acct-Session-Id', 'run-lma/1', 'run-lma/2'],
    ['Framed-IP-Address', HOA, Ipv4Address.parse('10.0.0.8') as Ipv4Address],
    [
      'Framed-IPv6-Prefix',
      Ipv6Prefix.parse('2001:db8:1::/64') as Ipv6Prefix,
      Ipv6Prefix.parse('2001:db8:1::/63') as Ipv6Prefix,
    ],
  ])('[RFC 5176 §3] names a session by %s %s, not %s', (name, right, wrong) => {
    const of = name === 'NAS-Port-Id' ? { ...session, port: 'Gi0/1' } : session;
    expect([names({ [name]: right }, of), names({ [name]: wrong }, of)]).toEqual([true, false]);
  });

  it('[RFC 5176 §3] names a session only when all that it says is of it', () => {
    expect(names({ 'User-Name': session.nai, 'Framed-IP-Address': HOA })).toBe(true);
    expect(names({ 'User-Name': session.nai, 'Calling-Station-Id': '0024d78e21a5' })).toBe(false);
    expect(names({ 'User-Name': session.nai, 'Framed-IP-Address': HOA }, { ...session, hoa: null })).toBe(false);
    expect(names({ 'Calling-Station-Id': 'none' }, { ...session, llid: '' })).toBe(false);
  });

  it('narrows down where to look for its sessions', () => {
    const selection = (said: Said) => {
      const request = read(said);
      const { nai, mac } = request.ok ? request.value.selection : {};
      return [nai, mac?.toCiscoString()];
    };
    expect(selection({ 'User-Name': session.nai, 'Calling-Station-Id': '00-24-D7-8E-21-A4' })).toEqual([
      session.nai,
      session.llid,
    ]);
    expect(selection({ 'User-Name': '00-24-D7-8E-21-A4', 'Calling-Station-Id': 'none' })).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('[RFC 5176 §3] means a node by its addresses and its name', () => {
    const nas = { identifier: 'lma1', addresses: [LMA, undefined] };
    const means = (said: Said) => {
      const request = read({ 'User-Name': session.nai, ...said });
      return request.ok && request.value.means(nas);
    };
    expect(means({})).toBe(true);
    expect(means({ 'NAS-IPv6-Address': LMA, 'NAS-Identifier': 'lma1' })).toBe(true);
    expect(means({ 'NAS-IPv6-Address': LMA, 'NAS-Identifier': 'lma2' })).toBe(false);
    expect(means({ 'NAS-IP-Address': HOA })).toBe(false);
  });

  it('[RFC 5176 §3.5] says what is missing, unsupported or malformed', () => {
    expect(read({ 'NAS-Identifier': 'lma1' })).toEqual({ ok: false, error: ErrorCause.MISSING_ATTRIBUTE });
    expect(read({ 'User-Name': session.nai, 'Service-Type': 2 })).toEqual({
      ok: false,
      error: ErrorCause.UNSUPPORTED_ATTRIBUTE,
    });
    expect(SessionRequest.read([{ vendor: 9, type: 77, value: new Uint8Array(1) }])).toEqual({
      ok: false,
      error: ErrorCause.UNSUPPORTED_ATTRIBUTE,
    });
    expect(SessionRequest.read([{ vendor: 0, type: 8, value: new Uint8Array(3) }])).toEqual({
      ok: false,
      error: ErrorCause.INVALID_REQUEST,
    });
  });
});
