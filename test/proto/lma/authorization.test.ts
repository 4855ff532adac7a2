import { describe, expect, it } from 'vitest';
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { seconds } from '#base/time.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { AuthorizationEvent, AuthorizeOutput, LmaConfig, LmaOutput } from '#proto/lma/events.ts';
import { PENDING_AUTHORIZATIONS_MAXIMUM } from '#proto/lma/pending-authorizations.ts';
import { BindingStatus, findOption, findOptions } from '#wire/mobility/index.ts';
import {
  answerIn,
  baseConfig,
  Dialogue,
  ipv4,
  ipv6Prefix,
  kept,
  kindsOf,
  LMA,
  MAG1,
  MAG2,
  type Update,
} from './dialogue.ts';

const asked = (outputs: readonly LmaOutput[]) =>
  outputs.find((output): output is AuthorizeOutput => output.kind === 'authorize');
const said = (profile: Partial<AaaProfile> = {}): AuthorizationEvent['answer'] => ({
  kind: 'granted',
  profile: { prefixes: [], classes: [], ...profile },
});

class Authorized extends Dialogue {
  constructor(config: Partial<LmaConfig> = {}) {
    super({ authorization: true, ...config });
  }

  /** The question that an update leads to. */
  question(update: Update = {}): AuthorizeOutput {
    const output = asked(this.update(update));
    if (!output) throw new Error('nothing was asked');
    return output;
  }

  answer(question: AuthorizeOutput, answer: AuthorizationEvent['answer'] = said()): readonly LmaOutput[] {
    return this.tell({ kind: 'authorization', key: question.key, answer });
  }

  /** Asks and is answered; what came of it. */
  begin(
    profile: Partial<AaaProfile> = {},
    update: Update = {},
  ): { status?: number | undefined; home?: string; prefixes: string[] } {
    const answer = answerIn(this.answer(this.question(update), said(profile)));
    const home = findOption(answer?.options ?? [], 'ipv4-home-address-reply')?.address;
    const prefixes = findOptions(answer?.options ?? [], 'home-network-prefix').map(({ prefix }) => prefix.toString());
    return { status: answer?.status, ...(home && { home: home.toString() }), prefixes };
  }
}

describe('an LMA that asks an AAA server before it begins a session', () => {
  it('[RFC 6572 §6.1] asks once for a first registration, answers the latest message, and asks nobody about the rest of the session', () => {
    const lma = new Authorized();
    const question = lma.question({ sequence: 1 });
    expect(question).toMatchObject({
      nai: 'mn1@example.com',
      linkLayerIdentifier: '0024d78e21a4',
      accessTechnology: 4,
      lma: LMA,
      asksForPrefix: true,
      namedPrefixes: [],
      asksForHomeAddress: true,
    });
    expect(lma.lma.bindingCount).toBe(0);
    lma.pass(1000);
    expect(kindsOf(lma.update({ sequence: 2 }))).toEqual([]);
    const outputs = lma.answer(question);
    expect(kindsOf(outputs)).toEqual(['store', 'forward', 'binding-acknowledgement']);
    expect(answerIn(outputs)).toMatchObject({ status: BindingStatus.ACCEPTED, sequence: 2 });
    lma.pass(1000);
    expect(lma.acknowledged({ handoff: 5 }).status).toBe(BindingStatus.ACCEPTED);
    lma.pass(1000);
    expect(lma.acknowledged({ handoff: 3, from: MAG2 }).status).toBe(BindingStatus.ACCEPTED);
    expect(lma.lma.stats).toMatchObject({ authorizationsAsked: 1, authorizationsGranted: 1 });
  });

  it('refreshes the sessions of others while a server does not answer', () => {
    const lma = new Authorized();
    lma.begin();
    lma.question({ nai: 'slow@example.com', linkLayer: '020000000001' });
    lma.pass(1000);
    expect(lma.acknowledged({ handoff: 5 }).status).toBe(BindingStatus.ACCEPTED);
  });

  it.each<[string, AuthorizationEvent['answer'], number, string]>([
    [
      'the server rejects it',
      { kind: 'rejected', reason: 'no' },
      BindingStatus.PROXY_REG_NOT_ENABLED,
      'authorizationsRejected',
    ],
    [
      'no server answers',
      { kind: 'unanswered', reason: 'none' },
      BindingStatus.INSUFFICIENT_RESOURCES,
      'authorizationsUnanswered',
    ],
    [
      'the answer cannot be read',
      { kind: 'unservable', reason: '?' },
      BindingStatus.ADMINISTRATIVELY_PROHIBITED,
      'authorizationsUnservable',
    ],
    [
      'an address is of no pool and has no gateway',
      said({ homeAddress: new Ipv4Prefix(ipv4('198.51.100.7'), 24) }),
      BindingStatus.ADMINISTRATIVELY_PROHIBITED,
      'authorizationsUnservable',
    ],
    [
      'the address is that of a network',
      said({ homeAddress: new Ipv4Prefix(ipv4('192.0.2.0'), 24) }),
      BindingStatus.ADMINISTRATIVELY_PROHIBITED,
      'authorizationsUnservable',
    ],
    [
      'the gateway of an address is not of its network',
      said({ homeAddress: new Ipv4Prefix(ipv4('198.51.100.7'), 24), gateway: ipv4('203.0.113.1') }),
      BindingStatus.ADMINISTRATIVELY_PROHIBITED,
      'authorizationsUnservable',
    ],
    [
      'a prefix is longer than hosts can use',
      said({ prefixes: [ipv6Prefix('2001:db8:9::/80')] }),
      BindingStatus.ADMINISTRATIVELY_PROHIBITED,
      'authorizationsUnservable',
    ],
    [
      'IPv6 is not authorized',
      said({ service: 'ipv4' }),
      BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE,
      'authorizationsGranted',
    ],
    [
      'IPv4 is not authorized',
      said({ service: 'ipv6' }),
      BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE,
      'authorizationsGranted',
    ],
  ])('[RFC 6572 §6.1] refuses a session when %s', (_, answer, status, counter) => {
    const lma = new Authorized();
    const outputs = lma.answer(lma.question(), answer);
    expect(answerIn(outputs)?.status).toBe(status);
    expect(lma.lma.bindingCount).toBe(0);
    expect(lma.lma.stats).toMatchObject({ [counter]: 1 });
    expect(asked(lma.update())).toBeDefined();
  });

  it('[RFC 5149 §4.2] refuses a service that the server does not authorize', () => {
    const lma = new Authorized();
    const more = [{ kind: 'service-selection', identifier: 'internet' }] as const;
    expect(lma.question({ more }).service).toBe('internet');
    const question = asked(new Authorized().update({ more })) as AuthorizeOutput;
    expect(answerIn(lma.answer(question, said({ apn: 'corporate' })))?.status).toBe(
      BindingStatus.SERVICE_AUTHORIZATION_FAILED,
    );
  });

  it('serves a node that only the server knows', () => {
    const { defaultProfile: _, ...config } = baseConfig;
    const lma = new Authorized();
    lma.tell({ kind: 'configure', config: { ...config, authorization: true } });
    expect(lma.begin().status).toBe(BindingStatus.ACCEPTED);
    lma.pass(1000);
    expect(lma.acknowledged({ handoff: 5 }).status).toBe(BindingStatus.ACCEPTED);
  });

  it('gives the addresses that the server says, to that node and to no other, after a restart too', () => {
    const homeAddress = new Ipv4Prefix(ipv4('192.0.2.1'), 32);
    const prefixes = [ipv6Prefix('2001:db8:f00d::/64')];
    const lma = new Authorized();
    expect(lma.begin({ homeAddress, prefixes })).toEqual({
      status: BindingStatus.ACCEPTED,
      home: '192.0.2.1',
      prefixes: ['2001:db8:f00d::/64'],
    });
    const other = { nai: 'mn2@example.com', linkLayer: '0024d78e21a5' };
    expect(lma.begin({ homeAddress }, other).status).toBe(BindingStatus.INSUFFICIENT_RESOURCES);
    const pooled = lma.begin({}, other);
    expect(pooled).toMatchObject({ home: '192.0.2.2', prefixes: ['2001:db8:f00d:1::/64'] });
    const records = kept(
      lma.outputs.flatMap((output) =>
        output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : [],
      ),
    );
    const latest = [...new Map(records.map((record) => [record.id, record])).values()];
    const again = new Authorized();
    again.tell({ kind: 'restored', records: latest });
    const third = { nai: 'mn3@example.com', linkLayer: '0024d78e21a6' };
    expect(again.begin({ homeAddress }, third).status).toBe(BindingStatus.INSUFFICIENT_RESOURCES);
    expect(again.begin({}, third)).toMatchObject({ home: '192.0.2.3', prefixes: ['2001:db8:f00d:2::/64'] });
  });

  it('gives addresses of no pool with the gateway that the server says', () => {
    const lma = new Authorized();
    const homeAddress = new Ipv4Prefix(ipv4('198.51.100.7'), 24);
    expect(lma.begin({ homeAddress, gateway: ipv4('198.51.100.1') })).toMatchObject({
      status: BindingStatus.ACCEPTED,
      home: '198.51.100.7',
    });
    expect(lma.lma.snapshot()[0]).toMatchObject({ hoa: '198.51.100.7' });
  });

  it('[RFC 6572 §6.1] has what was authorized hold for the whole session, after a restart too', () => {
    const lma = new Authorized();
    lma.begin({ service: 'ipv4' }, { prefixes: [] });
    lma.pass(1000);
    expect(lma.acknowledged({ handoff: 5 }).status).toBe(BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE);
    const records = lma.outputs.flatMap((output) =>
      output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : [],
    );
    const again = new Authorized();
    again.pass(2000);
    again.tell({ kind: 'restored', records: kept(records.slice(0, 1)) });
    expect(again.acknowledged({ handoff: 5 }).status).toBe(BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE);
  });

  it('[RFC 2865 §5.27] grants no more than what is left of the session, and refuses to extend it beyond', () => {
    const lma = new Authorized();
    const outputs = lma.answer(lma.question(), said({ sessionTimeout: seconds(100) }));
    expect(answerIn(outputs)?.lifetime).toBe(seconds(100));
    lma.pass(61_000);
    expect(lma.acknowledged({ handoff: 5 }).lifetime).toBe(seconds(36));
    lma.pass(35_500);
    expect(lma.acknowledged({ handoff: 5 }).lifetime).toBe(seconds(4));
    lma.pass(3700);
    expect(lma.acknowledged({ handoff: 5 }).status).toBe(BindingStatus.ADMINISTRATIVELY_PROHIBITED);
    lma.pass(4000);
    expect(lma.lma.bindingCount).toBe(0);
  });

  it('asks no more for a node that was de-registered meanwhile, and serves nobody on the late answer', () => {
    const lma = new Authorized();
    const question = lma.question();
    lma.pass(10);
    expect(kindsOf(lma.update({ lifetimeSeconds: 0, from: MAG2 }))).toEqual([]);
    expect(kindsOf(lma.update({ lifetimeSeconds: 0, from: MAG1 }))).toEqual(['authorize-cancel']);
    expect(kindsOf(lma.answer(question))).toEqual([]);
    expect(lma.lma.stats.authorizationsUnexpected).toBe(1);
  });

  it('answers the MAG that the node is at by now', () => {
    const lma = new Authorized();
    const question = lma.question();
    lma.pass(10);
    lma.update({ from: MAG2 });
    const sent = lma.answer(question).find((output) => output.kind === 'send');
    expect(sent?.kind === 'send' && sent.to.remote).toEqual(MAG2);
    expect(lma.lma.stats.authorizationsAsked).toBe(1);
  });

  it('has 4,096 wait at most, and refuses more', () => {
    const lma = new Authorized();
    for (let i = 0; i < PENDING_AUTHORIZATIONS_MAXIMUM; i++) lma.update({ nai: `mn${i}@example.com` });
    expect(lma.acknowledged({ nai: 'further@example.com' }).status).toBe(BindingStatus.INSUFFICIENT_RESOURCES);
    expect(lma.lma.stats).toMatchObject({ authorizationsAsked: 4096, authorizationsOverMaximum: 1 });
  });
});
