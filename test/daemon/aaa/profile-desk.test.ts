import { expect, test } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { utcTime } from '#base/time.ts';
import { assembleAaa } from '#daemon/aaa/assemble-aaa.ts';
import { ProfileDesk } from '#daemon/aaa/profile-desk.ts';
import type { ToRadius } from '#daemon/aaa/radius-messages.ts';
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { read } from '../../config/read.ts';

const mac = MacAddress.parse('0024.d78e.21a4') as MacAddress;
const mag = { name: 'M1', addresses: { ipv6: Ipv6Address.parse('2001:db8::1') as Ipv6Address } };

/** What the request says, and the session that is known once it was accepted. */
function accepted(configuration: string): [asked: unknown, known: string | undefined] {
  const posted: ToRadius[] = [];
  const assembly = assembleAaa(read(configuration), 'mag1', () => undefined);
  const desk = new ProfileDesk(
    assembly,
    (message) => posted.push(message),
    () => 7,
    'run',
  );
  desk.ask(mag, { kind: 'profile-request', interface: 'acc', mac, accessTechnology: 4 }, utcTime(0));
  const [request] = posted;
  const attributes = request?.kind === 'request' ? request.attributes : [];
  expect(desk.sessionOf('M1', mac)).toBeUndefined();
  desk.answer({ kind: 'answer', id: 7, outcome: 'accept', attributes: [] });
  return [DICTIONARY.find({ attributes }, 'Acct-Session-Id'), desk.sessionOf('M1', mac)];
}

test('[RFC 5176 §3] a MAG knows a session by the Acct-Session-Id that the server was told, where it is told one', () => {
  const [asked, known] = accepted('radius-server attribute 44 include-in-access-req');
  expect(asked).toBeTruthy();
  expect(known).toBe(asked);
  expect(accepted('')).toEqual([undefined, undefined]);
});
