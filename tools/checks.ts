import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What is checked without running a test. Each is a script of Node's, so that the system's Node is never met. */
const CHECKS = {
  types: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  'types of the dashboard': ['node_modules/typescript/bin/tsc', '-p', 'web/tsconfig.json'],
  'format and lint': [
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    '--diagnostic-level=warn',
    '--error-on-warnings',
  ],
  tidy: ['tools/tidy/main.ts'],
} as const;

/** Runs them all, whatever fails; returns the names of those that failed. */
export function runChecks(): string[] {
  return Object.entries(CHECKS).flatMap(([name, command]) => (runNode(command) === 0 ? [] : [name]));
}

/** A test that blocks its thread cannot be ended by the test runner; this ends everything. */
const LIMIT_MS = 40 * 60_000;

/** Runs a script with this Node and the terminal's output; returns the exit status. */
export function runNode(command: readonly string[]): number {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const child = spawnSync(process.execPath, command, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
    timeout: process.env.MOORING_NIGHTLY === undefined ? LIMIT_MS : undefined,
  });
  if (child.error) console.error(`${command[0]}: ${child.error.message}`);
  return child.status ?? 1;
}
