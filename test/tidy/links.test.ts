import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '#config/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['.', 'docs', 'examples', 'packaging', 'web', 'test', 'tools', 'bpf', 'src'].flatMap((folder) =>
  markdownBelow(join(root, folder), folder !== '.'),
);

function markdownBelow(folder: string, deep: boolean): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return deep && entry.name !== 'node_modules' ? markdownBelow(path, true) : [];
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** As GitHub names the headings of a page. */
function anchorsOf(path: string): Set<string> {
  const headings = withoutCode(readFileSync(path, 'utf8')).matchAll(/^#+\s+(.+)$/gm);
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** What of the links of a page leads nowhere. */
function brokenLinks(path: string): string[] {
  const links = withoutCode(readFileSync(path, 'utf8')).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g);
  return [...links]
    .map(([, link = '', source = '']) => link || source)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : resolve(dirname(path), decodeURIComponent(file));
      if (!existsSync(target)) return true;
      return (
        anchor !== undefined && statSync(target).isFile() && target.endsWith('.md') && !anchorsOf(target).has(anchor)
      );
    });
}

describe.each(pages.map((path) => [relative(root, path), path] as const))('%s', (_, path) => {
  it('has only links that lead somewhere', () => {
    expect(brokenLinks(path)).toEqual([]);
  });

  it('shows configurations without an error', () => {
    for (const [, text = ''] of readFileSync(path, 'utf8').matchAll(/^```(?:cfg|ios)\n([\s\S]*?)^```/gm)) {
      const errors = parseConfiguration(text).diagnostics.filter(({ severity }) => severity === 'error');
      expect(errors, text).toEqual([]);
    }
  });
});
