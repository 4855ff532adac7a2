import { expect, test } from 'vitest';
import { checkConfiguration } from '#config/index.ts';

const undefinedDomain = 'ipv6 mobile pmipv6-lma L domain D\naddress ipv6 2001:db8::1\nmultipath\n';

test('a strict check takes references to something undefined for errors, and no other warning', () => {
  expect(checkConfiguration(undefinedDomain, 'f')).toMatchObject({ errors: 0, warnings: 2 });
  const report = checkConfiguration(undefinedDomain, 'f', { strict: true });
  expect(report).toMatchObject({ errors: 1, warnings: 1 });
  expect(report.text).toContain('f:1:33: error: domain D is not defined\n');
});
