import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const TOOLS = fileURLToPath(new URL('../../tools', import.meta.url));
const INSTALLED = { packages: { 'node_modules/pino': { version: '10.4.0' } } };

/** A checkout with one package and an npm that writes down how it was called, then "installs". */
let checkout: string;
let npm: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'mooring-setup-'));
  npm = join(checkout, 'npm-cli.js');
  mkdirSync(join(checkout, 'tools'));
  for (const part of ['setup', 'setup.mjs'])
    cpSync(join(TOOLS, part), join(checkout, 'tools', part), { recursive: true });
  writeFileSync(join(checkout, 'package.json'), JSON.stringify({ optionalDependencies: pinned('99.1.0') }));
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify(INSTALLED));
  writeFileSync(join(checkout, 'script.mjs'), 'console.log(...process.argv.slice(2)); process.exitCode = 7;');
  writeNpm(`
    mkdirSync('node_modules', { recursive: true });
    writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify(INSTALLED))});`);
});

afterEach(() => rmSync(checkout, { recursive: true }));

describe('setup', () => {
  it('installs the packages, says so, and runs the script with its arguments and its exit status', () => {
    const first = setup('check', '--', 'script.mjs', '--roams', '3');
    expect(first).toEqual({
      status: 7,
      stdout: '--roams 3\n',
      stderr: 'setup: installing the Node packages of package-lock.json (npm ci)\n',
    });
    expect(npmCalls()).toEqual([
      expect.objectContaining({ words: ['ci', '--no-audit', '--no-fund', '--loglevel=error'] }),
    ]);
  });

  it('does nothing the second time, until the lock file changes', () => {
    setup('check', '--', 'script.mjs');
    expect(setup('check', '--', 'script.mjs').stderr).toBe('');
    expect(npmCalls()).toHaveLength(1);
    writeFileSync(
      join(checkout, 'package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/pino': { version: '11.0.0' } } }),
    );
    expect(setup('check', '--', 'script.mjs').stderr).toContain('npm did not install node_modules/pino');
    expect(npmCalls()).toHaveLength(2);
  });

  it('leaves packages alone that somebody else has installed', () => {
    mkdirSync(join(checkout, 'node_modules'));
    writeFileSync(join(checkout, 'node_modules', '.package-lock.json'), JSON.stringify(INSTALLED));
    expect(setup('check', '--', 'script.mjs')).toMatchObject({ status: 7, stderr: '' });
    expect(npmCalls()).toEqual([]);
  });

  it('lets npm install for the pinned Node, which an older one runs', () => {
    setup('check', '--', 'script.mjs');
    expect(npmCalls()).toEqual([expect.objectContaining({ version: 'v99.1.0' })]);
  });

  it('lets npm install for its own Node where that is new enough', () => {
    writeFileSync(join(checkout, 'package.json'), JSON.stringify({ optionalDependencies: pinned('18.0.0') }));
    setup('check', '--', 'script.mjs');
    expect(npmCalls()).toEqual([expect.objectContaining({ version: process.version })]);
  });

  it("ends with npm's own words when that fails", () => {
    writeNpm("console.error('npm ERR! no network'); process.exitCode = 1;");
    expect(setup('check', '--', 'script.mjs')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/setup: npm ci failed:\nnpm ERR! no network\n/),
    });
    expect(existsSync(join(checkout, 'node_modules'))).toBe(false);
  });

  it.each([[], ['lab'], ['nonsense', '--', 'script.mjs'], ['check', 'script.mjs']])(
    'says how it is called: %j',
    (...words) => {
      expect(setup(...words)).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: ') });
    },
  );
});

function setup(...words: string[]) {
  const environment = { ...process.env, npm_execpath: npm, NODE_OPTIONS: '' };
  const done = spawnSync(process.execPath, [join(checkout, 'tools', 'setup.mjs'), ...words], {
    encoding: 'utf8',
    env: environment,
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function pinned(version: string): Record<string, string> {
  return { [`node-linux-${process.arch}`]: version };
}

function writeNpm(installs: string): void {
  writeFileSync(
    npm,
    `const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
    appendFileSync('npm-calls', JSON.stringify({ words: process.argv.slice(2), version: process.version }) + '\\n');
    ${installs}`,
  );
}

function npmCalls(): unknown[] {
  const file = join(checkout, 'npm-calls');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
