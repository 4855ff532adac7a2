import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfiguration, printConfiguration } from '#config/index.ts';
import { read } from './read.ts';

const directory = new URL('../../examples/', import.meta.url);
const example = (file: string) => readFileSync(new URL(file, directory), 'utf8');
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.cfg'));

test.each(files)('%s can be run, and survives printing', (file) => {
  const { configuration, diagnostics } = parseConfiguration(example(file));
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(read(printConfiguration(configuration))).toEqual(configuration);
});

test('the nodes of each set agree about the domain, the LMA’s address and each other’s', () => {
  for (const set of ['', '-ipv4-only']) {
    const anchor = read(example(`lma${set}.cfg`));
    const [lma] = anchor.lmas;
    for (const n of [1, 2]) {
      const { domains, mags, interfaces } = read(example(`mag${n}${set}.cfg`));
      expect(domains[0]?.name).toBe(lma?.domain);
      expect(domains[0]?.lmas).toEqual([{ name: lma?.name, ipv6Address: lma?.ipv6Address }]);
      expect(anchor.domains[0]?.mags[n - 1]).toEqual({ name: mags[0]?.name, ipv6Address: mags[0]?.ipv6Address });
      expect(domains[0]?.profiles[0]?.service ?? 'ipv4').toBe(set === '' ? 'dual' : 'ipv4');
      expect(interfaces.map(({ linuxInterface }) => linuxInterface).sort()).toEqual(['acc', 'core']);
    }
  }
});
