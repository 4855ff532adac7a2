import { expect, test } from 'vitest';
import { parseConfiguration } from '#config/index.ts';
import { LogLimiter } from '#daemon/log-limiter.ts';
import { exposures, logProtection } from '#daemon/protection.ts';

const configured = (...lines: string[]) =>
  parseConfiguration(['ipv6 mobile pmipv6-domain D', 'mag M', 'ipv6 mobile pmipv6-lma L domain D', ...lines].join('\n'))
    .configuration;

/** `level code` of what is logged at the start. */
function logged(...lines: string[]): string[] {
  const codes: string[] = [];
  const log = new LogLimiter('info', ({ level, code }) => codes.push(`${level} ${code}`));
  logProtection(configured(...lines), log);
  return codes;
}

test('the start of a node with unprotected signalling is logged, loudly where anybody is served', () => {
  expect(logged()).toEqual(['warn signalling-unprotected']);
  expect(logged('dynamic mag learning')).toEqual(['error anybody-served', 'warn signalling-unprotected']);
  expect(logged('mag M', 'signalling ipsec')).toEqual([]);
});

test('who has just switched the learning of MAGs on hears what that means', () => {
  expect(exposures(configured())).toEqual([]);
  expect(exposures(configured('dynamic mag learning'))).toEqual([expect.stringContaining('set "auth-option"')]);
});
