import { describe, expect, it } from 'vitest';
import { type ClientRequestScope, carryOut } from '#daemon/aaa/client-requests.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { MagMachine } from '#proto/mag/index.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { ACC0, acknowledgement, MagDialogue, MN, magConfig, v4 } from '../mag/dialogue.ts';

type Gateway = { readonly config: MagConfig; readonly machine: MagMachine };

const named = (name: string, value: Parameters<typeof DICTIONARY.attribute>[1]) => DICTIONARY.attribute(name, value);
const NAI = '0024.d78e.21a4';
const USER = named('User-Name', NAI);
const MALFORMED: RadiusAttribute = { vendor: 0, type: 8, value: Uint8Array.of(192, 0, 2) };
const SESSION_TIMEOUT = named('Session-Timeout', 600);

/** A MAG with one session, whose service the configuration states. */
function scope(done: string[] = []): ClientRequestScope<never, Gateway> {
  const dialogue = new MagDialogue({
    aaa: { overrides: new Map([[NAI, { apn: 'stated' }]]), service: 'dual', unlistedLma: {} },
  });
  dialogue.attach();
  const profile = { service: 'dual', prefixes: [], classes: [] } as const;
  dialogue.handle({ kind: 'profile', mac: MN, answer: { kind: 'found', profile } });
  dialogue.receive(acknowledgement(dialogue.update()));
  return {
    hostname: 'mag1',
    lmas: [],
    mags: [{ config: magConfig(), machine: dialogue.mag }],
    accountingSession: () => '',
    gatewaySession: () => undefined,
    end: () => done.push('ended'),
    change: () => done.push('changed'),
    changeAnchored: () => done.push('changed at the LMA'),
  };
}

describe('[RFC 5176 §3.5] a request of a client', () => {
  it.each<[string, RadiusAttribute[], number | undefined]>([
    ['of a session', [USER], undefined],
    ['of nothing', [], ErrorCause.MISSING_ATTRIBUTE],
    ['that names a node alone', [named('NAS-Identifier', 'mag1')], ErrorCause.MISSING_ATTRIBUTE],
    ['of another node', [USER, named('NAS-Identifier', 'mag2')], ErrorCause.NAS_IDENTIFICATION_MISMATCH],
    ['of another address', [USER, named('NAS-IP-Address', v4('192.0.2.99'))], ErrorCause.NAS_IDENTIFICATION_MISMATCH],
    ['of a session that is not there', [named('User-Name', 'x@y')], ErrorCause.SESSION_CONTEXT_NOT_FOUND],
    ['at another interface', [USER, named('NAS-Port-Id', 'other')], ErrorCause.SESSION_CONTEXT_NOT_FOUND],
    ['with a service', [USER, named('Service-Type', 2)], ErrorCause.UNSUPPORTED_ATTRIBUTE],
    ['with what would be changed', [USER, SESSION_TIMEOUT], ErrorCause.UNSUPPORTED_ATTRIBUTE],
    ['with an unknown attribute', [USER, ciscoPair('x', 'y')], ErrorCause.UNSUPPORTED_ATTRIBUTE],
    ['with a malformed address', [USER, MALFORMED], ErrorCause.INVALID_REQUEST],
  ])('to end one: %s', (_, attributes, cause) => {
    const done: string[] = [];
    expect(carryOut({ kind: 'disconnect', id: 1, attributes }, scope(done))).toBe(cause);
    expect(done).toEqual(cause === undefined ? ['ended'] : []);
  });

  it.each<[string, RadiusAttribute[], number | undefined]>([
    ['of its time', [USER, SESSION_TIMEOUT], undefined],
    ['of its interface', [USER, named('NAS-Port-Id', ACC0), SESSION_TIMEOUT], undefined],
    ['of nothing', [USER], ErrorCause.MISSING_ATTRIBUTE],
    ['of no session', [SESSION_TIMEOUT], ErrorCause.MISSING_ATTRIBUTE],
    [
      'of another node',
      [USER, SESSION_TIMEOUT, named('NAS-Identifier', 'mag2')],
      ErrorCause.NAS_IDENTIFICATION_MISMATCH,
    ],
    ['that is not there', [named('User-Name', 'x@y'), SESSION_TIMEOUT], ErrorCause.SESSION_CONTEXT_NOT_FOUND],
    ['of its idle time', [USER, named('Idle-Timeout', 5)], ErrorCause.UNSUPPORTED_ATTRIBUTE],
    [
      'of its interim interval, which is of the LMA',
      [USER, named('Acct-Interim-Interval', 60)],
      ErrorCause.UNSUPPORTED_ATTRIBUTE,
    ],
    ['to what is no service', [USER, ciscoPair('mn-service', 'ipv5')], ErrorCause.INVALID_ATTRIBUTE_VALUE],
    ['to an LMA that is not known', [USER, ciscoPair('home-lma', 'nobody')], ErrorCause.INVALID_ATTRIBUTE_VALUE],
    ['of what the configuration states', [USER, ciscoPair('mn-apn', 'other')], ErrorCause.ADMINISTRATIVELY_PROHIBITED],
    ['with a malformed address', [USER, SESSION_TIMEOUT, MALFORMED], ErrorCause.INVALID_REQUEST],
  ])('to change one: %s', (_, attributes, cause) => {
    const done: string[] = [];
    expect(carryOut({ kind: 'change', id: 1, attributes }, scope(done))).toBe(cause);
    expect(done).toEqual(cause === undefined ? ['changed'] : []);
  });
});
