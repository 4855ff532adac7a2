/** `npm run check`: types, format, lint and tidy, without the tests. */
import { runChecks } from './checks.ts';

const failed = runChecks();
console.log(failed.length === 0 ? 'check: all passed' : `check: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
