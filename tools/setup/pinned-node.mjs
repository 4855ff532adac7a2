// The Node that the sources run under.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const neededMajor = 24;

/** `{ node }`, this one if it is new enough, else the one that npm brought; or `{ failure }`. */
export function pinnedNode(root) {
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return { node: process.execPath };
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(node)) return { node };
  const reason = `no such npm package for ${process.platform} ${process.arch}, or installed with --omit=optional`;
  return {
    failure: `Node ${neededMajor} or newer is needed: this is ${process.version}, and ${node} is missing (${reason})`,
  };
}
