import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '#base/bytes.ts';
import { replaceFile } from '#host/replace-file.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

/** In the state directory: the last answer for each domain, so that a restart needs no AAA server. For its owner alone, as it holds keys. */
const FILE = 'aaa-domains';

type Answers = ReadonlyMap<string, readonly RadiusAttribute[]>;

/** What `keepDomains` has kept; nothing where the file is missing or not ours. */
export function keptDomains(directory: string | undefined): Answers {
  if (directory === undefined) return new Map();
  try {
    const text = JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as Record<string, string[]>;
    return new Map(Object.entries(text).map(([domain, lines]) => [domain, lines.map(readAttribute)]));
  } catch {
    return new Map();
  }
}

/** Throws what `node:fs` throws. */
export function keepDomains(directory: string, answers: Answers): void {
  const lines = [...answers].map(([domain, attributes]) => [domain, attributes.map(writeAttribute)] as const);
  replaceFile(join(directory, FILE), `${JSON.stringify(Object.fromEntries(lines), null, 1)}\n`);
}

function writeAttribute({ vendor, type, value }: RadiusAttribute): string {
  return `${vendor} ${type} ${toHex(value)}`;
}

function readAttribute(line: string): RadiusAttribute {
  const [vendor, type, value = ''] = line.split(' ');
  return { vendor: Number(vendor), type: Number(type), value: fromHex(value) ?? new Uint8Array() };
}
