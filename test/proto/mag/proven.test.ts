/** Revocations and heartbeats between an LMA and MAGs that share a key, and somebody on the path who has none. */
import { describe, expect, it } from 'vitest';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import type { LmaConfig } from '#proto/lma/index.ts';
import type { MagConfig } from '#proto/mag/index.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AuthenticationSubtype,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  type Heartbeat,
  type MobilityMessage,
} from '#wire/mobility/index.ts';
import { layer2Update, MN2 } from '../access/link.ts';
import { LMA_ADDRESS, MN } from './dialogue.ts';
import { Domain, type Header, MAG1, MAG2 } from './domain.ts';

const key = association('key');
const lma = { name: 'lma1', ipv6: LMA_ADDRESS, authentication: key };
const peers = [
  { name: 'M1', ipv6: MAG1, globalRevocation: true },
  { name: 'mag2', ipv6: MAG2 },
];

function association(text: string) {
  return { subtype: AuthenticationSubtype.MN_HA, spi: 0x100, hmac: new HmacSha1(new TextEncoder().encode(text)) };
}

function keyed(change: { lma?: Partial<LmaConfig>; mag?: Partial<MagConfig> } = {}): Domain {
  return new Domain({
    lma: { authentication: key, peers, ...change.lma },
    mag: { lmas: [lma], ...change.mag },
  });
}

/** Two mobile nodes at the first MAG. */
function served(domain: Domain): Domain {
  for (const mac of [MN, MN2]) domain.hear(domain.mag1, layer2Update(mac));
  domain.advance(2000);
  expect([domain.mag1.mag.bindingCount, domain.lma.bindingCount]).toEqual([2, 2]);
  return domain;
}

/** What was sent of a kind, the latest last. */
function sent(domain: Domain, kind: MobilityMessage['kind'], from: Ipv6Address): Header[] {
  return domain.sent.filter((header) => header.from.equals(from) && messageIn(header).kind === kind);
}

function latest(domain: Domain, kind: MobilityMessage['kind'], from: Ipv6Address): Header {
  const header = sent(domain, kind, from).at(-1);
  if (!header) throw new Error(`no ${kind}`);
  return header;
}

function messageIn({ octets }: Header): MobilityMessage {
  const decoded = decodeMobilityHeader(octets);
  if (!decoded.ok) throw new Error(decoded.error.rule);
  return decoded.value;
}

/** The same, as somebody without the key would send it. */
function forgeries(header: Header): Header[] {
  const message = messageIn(header);
  if (!('options' in message)) throw new Error('no message');
  const bare = { ...message, options: message.options.filter(({ kind }) => kind !== 'authentication') } as Heartbeat;
  return [
    { ...header, octets: encodeMobilityHeader(bare) },
    { ...header, octets: encodeAuthenticated(bare, [association('guess')], MAG1) },
    { ...header, octets: encodeAuthenticated(bare, [key], MAG2) },
  ];
}

/** Not authenticated and replayed ones. */
function refusals({ mag1: { mag }, lma }: Domain): number[] {
  const ofMag = [mag.stats.briNotAuthentic, mag.stats.briReplayed, mag.stats.braNotAuthentic];
  return [...ofMag, lma.stats.briNotAuthentic, lma.stats.briReplayed, lma.stats.braNotAuthentic];
}

const states = (domain: Domain) => domain.lma.snapshot().map(({ state }) => state);

describe('revocations between nodes that share a key', () => {
  it('[RFC 5846 §6.1] are proven both ways: of one node, of all of a MAG, by a MAG, at a handover', () => {
    const domain = served(keyed());
    domain.hear(domain.mag2, layer2Update(MN));
    domain.advance(10);
    expect([domain.mag1.mag.bindingCount, domain.mag2.mag.bindingCount]).toEqual([1, 1]);
    domain.clearAnchor({ mag: 'M1' });
    domain.clearAnchor({ mac: MN });
    domain.advance(10);
    expect([domain.mag1.mag.bindingCount, domain.mag2.mag.bindingCount, domain.lma.bindingCount]).toEqual([0, 0, 0]);
    served(domain);
    domain.clear(domain.mag1);
    domain.advance(10);
    expect(states(domain)).toEqual(['deleting', 'deleting']);
    expect(domain.mag1.mag.stats).toMatchObject({ briAccepted: 2, braReceived: 1, pbuDeregistrationSent: 0 });
    expect(domain.lma.stats).toMatchObject({ bindingsRevokedByMag: 2, braByStatus: { 0: 3 } });
    expect(refusals(domain)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('[RFC 5846 §6.2] are not taken by a MAG from somebody without the key, nor answered, and counted', () => {
    const domain = served(keyed());
    domain.fate = () => 'lost';
    domain.clearAnchor();
    domain.fate = () => 1;
    for (const forgery of forgeries(latest(domain, 'binding-revocation-indication', LMA_ADDRESS))) {
      domain.inject(forgery);
    }
    domain.advance(10);
    expect(domain.mag1.mag.stats).toMatchObject({ briReceived: 3, briNotAuthentic: 3 });
    expect(domain.mag1.mag.snapshot().map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);
    expect(sent(domain, 'binding-revocation-acknowledgement', MAG1)).toEqual([]);
  });

  it('[RFC 5846 §6.2] are not taken by an LMA from somebody without the key, nor answered, and counted', () => {
    const domain = served(keyed());
    domain.fate = () => 'lost';
    domain.clear(domain.mag1);
    domain.fate = () => 1;
    for (const forgery of forgeries(latest(domain, 'binding-revocation-indication', MAG1))) domain.inject(forgery);
    domain.advance(10);
    expect(domain.lma.stats).toMatchObject({ briReceived: 3, briNotAuthentic: 3 });
    expect(states(domain)).toEqual(['active', 'active']);
    expect(sent(domain, 'binding-revocation-acknowledgement', LMA_ADDRESS)).toEqual([]);
  });

  it.each([
    ['of a handover', (domain: Domain) => domain.hear(domain.mag2, layer2Update(MN))],
    ['of one node', (domain: Domain) => domain.clearAnchor({ mac: MN })],
    ['of all of a MAG', (domain: Domain) => domain.clearAnchor({ mag: 'M1' })],
  ] as const)('[RFC 5846 §13] that were recorded end no later session at a MAG: %s', (_, revoke) => {
    const domain = served(keyed());
    revoke(domain);
    domain.advance(10);
    const recorded = latest(domain, 'binding-revocation-indication', LMA_ADDRESS);
    domain.advance(20_000);
    served(domain);
    const answered = sent(domain, 'binding-revocation-acknowledgement', MAG1).length;
    domain.inject(recorded);
    domain.advance(10);
    expect(domain.mag1.mag.stats.briReplayed).toBe(1);
    expect(domain.mag1.mag.snapshot().map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);
    expect(sent(domain, 'binding-revocation-acknowledgement', MAG1)).toHaveLength(answered);
    // What the LMA says now is believed as ever.
    domain.clearAnchor();
    domain.advance(10);
    expect(domain.mag1.mag.bindingCount).toBe(0);
  });

  it('[RFC 5846 §13] that were recorded end no later session at an LMA', () => {
    const domain = served(keyed());
    domain.clear(domain.mag1);
    domain.advance(10);
    const recorded = latest(domain, 'binding-revocation-indication', MAG1);
    served(domain);
    domain.inject(recorded);
    domain.advance(10);
    expect(domain.lma.stats).toMatchObject({ briReceived: 2, briReplayed: 1 });
    expect(states(domain)).toEqual(['active', 'active']);
  });

  it('end a session that was registered again and again', () => {
    const domain = served(keyed({ mag: { lifetime: seconds(120), refreshTime: seconds(60) } }));
    domain.advance(1_000_000);
    expect(domain.mag1.mag.stats.pbuRefreshSent).toBeGreaterThan(10);
    domain.clearAnchor();
    domain.advance(10);
    expect([domain.mag1.mag.bindingCount, domain.lma.bindingCount]).toEqual([0, 0]);
  });

  it('are believed of an LMA with a dialect, which has no proof, and are not of such a MAG', () => {
    const domain = served(
      keyed({
        lma: { peers: [{ name: 'M1', ipv6: MAG1, globalRevocation: true, interop: 'tolerant' }] },
        mag: { lmas: [{ ...lma, interop: 'tolerant' }] },
      }),
    );
    domain.fate = () => 'lost';
    domain.clearAnchor({ mac: MN });
    domain.fate = () => 1;
    const [bare, ...forged] = forgeries(latest(domain, 'binding-revocation-indication', LMA_ADDRESS));
    for (const header of forged) domain.inject(header);
    domain.inject({ ...(bare as Header), from: MAG1, to: LMA_ADDRESS });
    domain.advance(10);
    expect(refusals(domain)).toEqual([2, 0, 0, 1, 0, 0]);
    domain.inject(bare as Header);
    domain.advance(10);
    expect(domain.mag1.mag.bindingCount).toBe(1);
    expect(domain.lma.stats.braNotAuthentic).toBe(0);
  });
});

describe('answers to revocations between nodes that share a key', () => {
  it('[RFC 5846 §6.2] are taken by an LMA from nobody else, and it asks on', () => {
    const domain = served(keyed());
    domain.fate = (message) => (message.kind === 'binding-revocation-acknowledgement' ? 'lost' : 1);
    domain.clearAnchor({ mac: MN });
    domain.advance(10);
    for (const forgery of forgeries(latest(domain, 'binding-revocation-acknowledgement', MAG1))) {
      domain.inject(forgery);
    }
    domain.advance(10);
    expect(domain.lma.stats).toMatchObject({ braNotAuthentic: 3, braByStatus: {} });
    expect(states(domain)).toContain('revoking');
    domain.fate = () => 1;
    domain.advance(2000);
    expect(domain.lma.stats).toMatchObject({ briRetransmitted: 1, braByStatus: { 128: 1 } });
    expect(domain.lma.bindingCount).toBe(1);
  });

  it('[RFC 5846 §6.2] are taken by a MAG from nobody else', () => {
    const domain = served(keyed());
    domain.fate = (message) => (message.kind === 'binding-revocation-acknowledgement' ? 'lost' : 1);
    domain.clear(domain.mag1);
    domain.advance(10);
    for (const forgery of forgeries(latest(domain, 'binding-revocation-acknowledgement', LMA_ADDRESS))) {
      domain.inject(forgery);
    }
    domain.advance(10);
    expect(domain.mag1.mag.stats).toMatchObject({ braNotAuthentic: 3 });
    expect(domain.mag1.mag.bindingCount).toBe(2);
  });

  it('[RFC 5846 §6.2.2(1)] that were recorded answer no later one with the same number', () => {
    const domain = served(keyed());
    domain.clearAnchor({ mac: MN });
    domain.advance(10);
    const recorded = latest(domain, 'binding-revocation-acknowledgement', MAG1);
    domain.clear(domain.mag1);
    domain.restartAnchor();
    served(domain);
    domain.fate = (message) => (message.kind === 'binding-revocation-indication' ? 'lost' : 1);
    domain.clearAnchor({ mac: MN });
    const asked = messageIn(latest(domain, 'binding-revocation-indication', LMA_ADDRESS));
    expect('sequence' in asked && asked.sequence).toBe((messageIn(recorded) as Heartbeat).sequence);
    domain.inject(recorded);
    domain.advance(10);
    expect(domain.lma.stats).toMatchObject({ braReceived: 1, braUnmatched: 1 });
    expect(states(domain)).toContain('revoking');
  });
});

describe('heartbeats between nodes that share a key', () => {
  const heartbeat = { interval: seconds(60), retries: 3 };

  function watched(): Domain {
    const domain = served(keyed({ lma: { heartbeat }, mag: { heartbeat } }));
    domain.advance(61_000);
    expect(domain.lma.heartbeats()).toMatchObject([{ state: 'up', restartCounter: 1 }]);
    expect(domain.mag1.mag.heartbeats()).toMatchObject([{ state: 'up', restartCounter: 1 }]);
    expect(domain.lma.heartbeatStats.notAuthentic + domain.mag1.mag.heartbeatStats.notAuthentic).toBe(0);
    return domain;
  }

  /** The answer to the latest request, which never arrives, by somebody who hears it and says that the peer restarted. */
  function forgedAnswers(domain: Domain, by: Ipv6Address, to: Ipv6Address): Header[] {
    domain.fate = (message, from) => (message.kind === 'heartbeat' && from.equals(by) ? 'lost' : 1);
    domain.advance(60_000);
    const asked = sent(domain, 'heartbeat', to).map((header) => messageIn(header) as Heartbeat);
    const { sequence } = asked.filter(({ response }) => !response).at(-1) as Heartbeat;
    const options = [{ kind: 'restart-counter', counter: 9 }] as const;
    const answer = { kind: 'heartbeat', response: true, unsolicited: false, sequence, options } as const;
    return forgeries({ from: by, to, octets: encodeMobilityHeader(answer) });
  }

  it('[RFC 5847 §6] tell an LMA of no restart of a MAG unless proven, but that it lives', () => {
    const domain = watched();
    for (const forgery of forgedAnswers(domain, MAG1, LMA_ADDRESS)) domain.inject(forgery);
    domain.advance(2000);
    expect(states(domain)).toEqual(['active', 'active']);
    expect(domain.lma.heartbeatStats).toMatchObject({ notAuthentic: 3, restartsDetected: 0 });
    expect(domain.lma.heartbeats()).toMatchObject([{ missing: 0, restartCounter: 1 }]);
  });

  it('[RFC 5847 §6] tell a MAG of no restart of its LMA unless proven', () => {
    const domain = watched();
    const refreshes = domain.mag1.mag.stats.pbuSent;
    for (const forgery of forgedAnswers(domain, LMA_ADDRESS, MAG1)) domain.inject(forgery);
    domain.advance(2000);
    expect(domain.mag1.mag.heartbeatStats).toMatchObject({ notAuthentic: 3, restartsDetected: 0 });
    expect(domain.mag1.mag.stats.pbuSent).toBe(refreshes);
  });

  it('[RFC 5847 §3.2] that nobody asked for and nobody proves call for nothing', () => {
    const domain = watched();
    const asked = domain.lma.heartbeatStats.requestsSent;
    const options = [{ kind: 'restart-counter', counter: 9 }] as const;
    const word = { kind: 'heartbeat', response: true, unsolicited: true, sequence: 0, options } as const;
    for (const forgery of forgeries({ from: MAG1, to: LMA_ADDRESS, octets: encodeMobilityHeader(word) })) {
      domain.inject(forgery);
    }
    domain.advance(2000);
    expect(domain.lma.heartbeatStats).toMatchObject({ notAuthentic: 3, requestsSent: asked, restartsDetected: 0 });
    expect(states(domain)).toEqual(['active', 'active']);
  });

  it('[RFC 5847 §3] are answered to whoever asks, without proof to whoever has none', () => {
    const domain = watched();
    const asked = { kind: 'heartbeat', response: false, unsolicited: false, sequence: 77, options: [] } as const;
    domain.inject({ from: MAG1, to: LMA_ADDRESS, octets: encodeMobilityHeader(asked) });
    domain.advance(10);
    const answers = sent(domain, 'heartbeat', LMA_ADDRESS).map((header) => messageIn(header) as Heartbeat);
    const ours = answers.find(({ response, sequence }) => response && sequence === 77);
    expect(ours?.options.map(({ kind }) => kind)).toEqual(['restart-counter']);
    const others = answers.filter(({ sequence }) => sequence !== 77);
    expect(others.every(({ options }) => options.at(-1)?.kind === 'authentication')).toBe(true);
  });

  it('[RFC 5847 §3.2] tell of a restart that there was', () => {
    const domain = watched();
    domain.restartAnchor();
    domain.advance(70_000);
    expect(domain.mag1.mag.heartbeatStats.restartsDetected).toBe(1);
    expect(domain.lma.bindingCount).toBe(2);
  });
});
