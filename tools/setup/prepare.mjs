// npm runs this after it has installed the packages, and before it packs: `npm run build`.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard } from './dashboard.mjs';
import { pinnedNode } from './pinned-node.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { node, failure } = pinnedNode(root);
const complaint = failure ?? buildDashboard(root, node);
// Everything but the dashboard works without it, so the installation goes on.
if (complaint !== undefined) process.stderr.write(`dashboard: ${complaint}\n`);
