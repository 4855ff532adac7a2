/**
 * `npm test`: types, format, lint and tidy, then every test. Arguments go to vitest: `npm test -- test/wire`.
 * Vitest's summary comes last, unless a check failed before it.
 */
import { runChecks, runNode } from './checks.ts';

const failed = runChecks();
const status = runNode(['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]);
if (failed.length > 0) console.log(`npm test: failed besides the tests: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? status : 1;
