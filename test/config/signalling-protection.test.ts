import { describe, expect, test } from 'vitest';
import { lmaGlobals, magGlobals, renderLmaGlobals, renderMagGlobals } from '#cli/show/index.ts';
import { protectionWarnings, signallingProtection } from '#config/index.ts';
import { read } from './read.ts';

const domain = (...lines: string[]) =>
  ['ipv6 mobile pmipv6-domain D', ...lines, 'lma L', 'mag M1', 'mag M2', ''].join('\n');
const lma = (...lines: string[]) => ['ipv6 mobile pmipv6-lma L domain D', ...lines, ''].join('\n');
const mag = (...lines: string[]) => ['ipv6 mobile pmipv6-mag M1 domain D', ...lines, ''].join('\n');
const AUTHENTICATION = 'auth-option spi 100 key ascii secret';

/** `M1 none, M2 ipsec`, and `anybody` where anybody is served. */
function protection(text: string): string[] {
  return signallingProtection(read(text)).map(({ peers, servesAnybody }) =>
    [...peers.map((peer) => `${peer.name} ${peer.protection}`), ...(servesAnybody ? ['anybody'] : [])].join(', '),
  );
}

describe('[RFC 5213 §4] the protection of the signalling', () => {
  test.each([
    [domain() + lma(), 'M1 none, M2 none'],
    [domain(AUTHENTICATION) + lma(), 'M1 authentication, M2 authentication'],
    [domain('signalling ipsec') + lma(), 'M1 ipsec, M2 ipsec'],
    [domain() + lma('mag M1', AUTHENTICATION, 'mag M2', 'signalling ipsec'), 'M1 authentication, M2 ipsec'],
    [domain() + lma('mag M2', 'signalling ipsec'), 'M2 ipsec, M1 none'],
    [domain() + lma('dynamic mag learning'), 'M1 none, M2 none, anybody'],
    [domain('signalling ipsec') + lma('dynamic mag learning'), 'M1 ipsec, M2 ipsec'],
    [domain(AUTHENTICATION) + lma('dynamic mag learning'), 'M1 authentication, M2 authentication'],
    [domain() + mag(), 'L none'],
    [domain('signalling ipsec') + mag(), 'L ipsec'],
    [domain() + mag('lma other'), 'other none'],
    [domain() + mag('lma L', AUTHENTICATION), 'L authentication'],
  ])('%s', (text, expected) => {
    expect(protection(text)).toEqual([expected]);
  });

  test('is warned of, loudly where anybody is served, with what to do', () => {
    const warnings = signallingProtection(read(domain() + lma('dynamic mag learning'))).flatMap(protectionWarnings);
    expect(warnings).toMatchObject([
      { severity: 'error', text: expect.stringContaining('LMA L'), advice: expect.stringContaining('no dynamic mag') },
      {
        severity: 'warning',
        text: expect.stringContaining('M1, M2'),
        advice: expect.stringContaining('signalling ipsec'),
      },
    ]);
    const many = Array.from({ length: 9 }, (_, i) => `mag X${i}`);
    const [found] = signallingProtection(read(domain() + lma(...many))).flatMap(protectionWarnings);
    expect(found?.text).toContain('X0, X1, X2, X3, X4 and 6 more');
    expect(signallingProtection(read(domain(AUTHENTICATION) + lma())).flatMap(protectionWarnings)).toEqual([]);
  });

  test('is in show globals of both', () => {
    const configuration = read(domain() + lma('dynamic mag learning') + mag());
    const shown = renderLmaGlobals(lmaGlobals(configuration));
    expect(shown.match(/^% WARNING: .*learning.*$/gm)).toHaveLength(1);
    expect(shown.match(/^% Warning: LMA L: nothing protects .*$/gm)).toHaveLength(1);
    expect(renderMagGlobals(magGlobals(configuration)).match(/^% Warning: MAG M1: .*$/gm)).toHaveLength(1);
    const quiet = read(domain('signalling ipsec') + mag());
    expect(renderMagGlobals(magGlobals(quiet))).not.toContain('%');
  });
});
