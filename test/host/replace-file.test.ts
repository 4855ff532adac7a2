import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from '#host/replace-file.ts';
import { smallDisk } from './small-disk.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-replace-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('a file that is replaced keeps its permissions, and a new one is for its owner alone', () => {
  const [old, fresh] = [join(directory, 'old'), join(directory, 'fresh')];
  writeFileSync(old, 'before', { mode: 0o644 });
  for (const path of [old, fresh]) replaceFile(path, 'after');
  expect([old, fresh].map((path) => [readFileSync(path, 'utf8'), statSync(path).mode & 0o777])).toEqual([
    ['after', 0o644],
    ['after', 0o600],
  ]);
  expect(readdirSync(directory).sort()).toEqual(['fresh', 'old']);
});

describe.skipIf(process.geteuid?.() !== 0)('on a full disk (root)', () => {
  it('a file is as it was, whether none of the new content has room or a part of it', () => {
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    const unmount = smallDisk(disk, '256k');
    try {
      const path = join(disk, 'file');
      writeFileSync(path, 'before');
      for (const octets of [300_000, 10_000_000]) expect(() => replaceFile(path, 'x'.repeat(octets))).toThrow(/ENOSPC/);
      expect(readFileSync(path, 'utf8')).toBe('before');
      expect(readdirSync(disk)).toEqual(['file']);
      replaceFile(path, 'y'.repeat(200_000));
      expect(statSync(path).size).toBe(200_000);
    } finally {
      unmount();
    }
  });
});
