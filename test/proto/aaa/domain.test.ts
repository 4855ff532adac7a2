import { describe, expect, it } from 'vitest';
import { instant, seconds, utcTime } from '#base/time.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import { readDomain } from '#proto/aaa/domain.ts';
import { DomainLoader } from '#proto/aaa/domain-loader.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

const pairs = (...lines: string[]) =>
  lines.map((line) => ciscoPair(...(line.split(/=(.*)/s).slice(0, 2) as [string, string])));
const ALL = pairs(
  'cisco-mpc-protocol-interface=pmipv6',
  'pmip6-domain-identifier=D1',
  'lma-identifier=lma1',
  'home-lma-ipv6-address=2001:db8:cafe:1024::101',
  'home-lma-ipv4-address=10.8.24.101',
  'mag-identifier=M1',
  'mag-v4-address=10.8.25.15',
  'mag-v6-address=2001:db8:cafe:1025::15',
  'mag-identifier=M2',
  'mag-v6-address=2001:db8:cafe:1026::15',
  'pmip6-timestamp-window=200',
  'pmip6-replay-protection=timestamp',
  'pmip6-spi-key=key1',
  'pmip6-spi-value=67',
);
const errorOf = (...lines: string[]) => {
  const read = readDomain(pairs(...lines), 'D1');
  return read.ok ? 'ok' : read.error;
};

describe('the settings of a domain', () => {
  it('are in the ten attributes of the guides', () => {
    const read = readDomain(ALL, 'D1');
    expect(read.ok && read.value).toMatchObject({
      timestampCheck: true,
      timestampWindow: seconds(200),
      authentication: { spi: 0x67, format: 'ascii', key: 'key1' },
    });
    const texts = (nodes: readonly { name: string; ipv4?: unknown; ipv6?: unknown }[]) =>
      nodes.map(({ name, ipv4, ipv6 }) => `${name} ${ipv4} ${ipv6}`);
    expect(read.ok && texts(read.value.lmas)).toEqual(['lma1 10.8.24.101 2001:db8:cafe:1024::101']);
    expect(read.ok && texts(read.value.mags)).toEqual([
      'M1 10.8.25.15 2001:db8:cafe:1025::15',
      'M2 undefined 2001:db8:cafe:1026::15',
    ]);
  });

  it.each([
    ['cisco-mpc-protocol-interface=gtpv2', 'cisco-mpc-protocol-interface is gtpv2, not pmipv6'],
    ['pmip6-domain-identifier=D2', 'pmip6-domain-identifier is D2, not D1'],
    ['pmip6-spi-value=67', 'pmip6-spi-key and pmip6-spi-value belong together'],
    ['pmip6-spi-value=0', 'pmip6-spi-value cannot be read'],
    ['pmip6-spi-key=hex nothex', 'pmip6-spi-key cannot be read'],
    ['pmip6-timestamp-window=256', 'pmip6-timestamp-window cannot be read'],
    ['pmip6-replay-protection=perhaps', 'pmip6-replay-protection cannot be read'],
    ['mag-v4-address=10.8.25.15', 'the address 10.8.25.15 is of no lma-identifier or mag-identifier before it'],
    ['mag-identifier=', 'mag-identifier cannot be read'],
    ['mn-nai=somebody@example.com', 'the answer has no attribute of a domain'],
  ])('are refused with %s', (line, error) => {
    expect(errorOf(line)).toBe(error);
  });

  it('never have a key in the text of a refusal', () => {
    expect(errorOf('pmip6-spi-key=my secret key', 'pmip6-spi-value=67')).not.toContain('secret');
  });
});

describe('loading a domain', () => {
  const at = (second: number) => ({ instant: instant(second * 1000), utc: utcTime(1_800_000_000_000 + second * 1000) });
  /** What a loader asks and says until then; nobody answers. */
  const kinds = (loader: DomainLoader) => loader.drain().map((each) => (each.kind === 'log' ? each.code : each.kind));

  it('asks again with back-off while there is no answer, and says so', () => {
    const loader = new DomainLoader();
    loader.configure(['D1'], true);
    const asked: number[] = [];
    for (let second = 0; second < 1500; second++) {
      loader.expire(at(second));
      for (const output of loader.drain()) {
        if (output.kind !== 'ask-domain') continue;
        asked.push(second);
        loader.answer('D1', 'no-answer', [], at(second));
      }
    }
    expect(asked).toEqual([0, 2, 6, 14, 30, 62, 126, 254, 510, 810, 1110, 1410]);
    expect(loader.snapshot(at(1500))).toEqual([
      { domain: 'D1', state: 'waiting', problem: 'no AAA server answered in time', attempts: 12, nextSeconds: 210 },
    ]);
    expect(loader.settings.size).toBe(0);
  });

  it('says the same problem once in the log', () => {
    const loader = new DomainLoader();
    loader.configure(['D1'], true);
    const told: string[] = [];
    for (let second = 0; second < 20; second++) {
      loader.expire(at(second));
      loader.answer('D1', 'reject', [], at(second));
      told.push(...kinds(loader));
    }
    expect(told.filter((code) => code === 'domain-not-loaded')).toHaveLength(1);
  });

  it('asks again when it was told how long the answer holds, and tells a difference only', () => {
    const loader = new DomainLoader();
    loader.configure(['D1'], true);
    const answer = (attributes: RadiusAttribute[], second: number) => {
      loader.answer('D1', 'accept', [...attributes, DICTIONARY.attribute('Session-Timeout', 60)], at(second));
      return kinds(loader);
    };
    expect(kinds(loader)).toEqual(['ask-domain']);
    expect(answer(ALL, 0)).toEqual(['domain-loaded', 'domain-changed']);
    loader.expire(at(59));
    expect(kinds(loader)).toEqual([]);
    loader.expire(at(60));
    expect(kinds(loader)).toEqual(['ask-domain']);
    expect(answer(ALL, 60)).toEqual([]);
    loader.expire(at(120));
    loader.drain();
    expect(answer(pairs('pmip6-timestamp-window=9'), 120)).toEqual(['domain-loaded', 'domain-changed']);
    expect(loader.settings.get('D1')?.lmas).toEqual([]);
  });

  it('keeps what it has when the servers answer no longer, or with what cannot be', () => {
    const loader = new DomainLoader();
    loader.restored('D1', ALL);
    loader.configure(['D1'], true);
    expect(loader.snapshot(at(0))).toMatchObject([{ state: 'kept', attempts: 1 }]);
    loader.answer('D1', 'accept', pairs('pmip6-spi-value=67'), at(0));
    expect(loader.snapshot(at(1))).toMatchObject([
      { state: 'kept', problem: 'pmip6-spi-key and pmip6-spi-value belong together', nextSeconds: 1 },
    ]);
    expect(loader.settings.get('D1')?.authentication?.spi).toBe(0x67);
  });

  it('asks at once when there are other servers, and forgets a domain that is no longer to be loaded', () => {
    const loader = new DomainLoader();
    loader.configure(['D1'], true);
    loader.drain();
    loader.answer('D1', 'no-server', [], at(0));
    loader.drain();
    loader.configure(['D1'], false);
    expect(kinds(loader)).toEqual([]);
    loader.configure(['D1'], true);
    expect(kinds(loader)).toEqual(['ask-domain']);
    loader.configure([], false);
    loader.answer('D1', 'accept', ALL, at(1));
    expect(kinds(loader)).toEqual([]);
    expect(loader.nextTimeout()).toBeUndefined();
  });
});
