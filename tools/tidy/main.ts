import { fileURLToPath } from 'node:url';
import { check } from './check.ts';
import { readSourceTree } from './source-tree.ts';

/** `node tools/tidy/main.ts`: prints what the rules object to; exit status 1 when there is anything. */
const findings = check(readSourceTree(fileURLToPath(new URL('../..', import.meta.url))));
for (const finding of findings) console.log(finding);
process.exitCode = findings.length > 0 ? 1 : 0;
