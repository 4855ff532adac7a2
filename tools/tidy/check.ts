import { readFileSync } from 'node:fs';
import type { RfcSections } from './generate-rfc-sections.ts';
import { bpfLicence } from './rules/bpf-licence.ts';
import { effects } from './rules/effects.ts';
import { fileNames } from './rules/file-names.ts';
import { fileSizes } from './rules/file-sizes.ts';
import { importCycles } from './rules/import-cycles.ts';
import { layerTable } from './rules/layer-table.ts';
import { rfcCitations } from './rules/rfc-citations.ts';
import { unfinishedWork } from './rules/unfinished-work.ts';
import type { Finding, SourceFile } from './source-tree.ts';

export type Rule = (files: readonly SourceFile[]) => Finding[];

const sections: RfcSections = JSON.parse(readFileSync(new URL('rfc-sections.json', import.meta.url), 'utf8'));

export const RULES: Readonly<Record<string, Rule>> = {
  'layer table': layerTable,
  'import cycles': importCycles,
  effects,
  'file names': fileNames,
  'file sizes': fileSizes,
  'RFC citations': (files) => rfcCitations(files, sections),
  'unfinished work': unfinishedWork,
  'BPF licence': bpfLicence,
};

/** One line per finding, as compilers print them: `src/wire/udp.ts:12: …`. */
export function check(files: readonly SourceFile[]): string[] {
  return Object.entries(RULES).flatMap(([name, rule]) =>
    rule(files).map((finding) => `${finding.path}:${finding.line}: ${finding.message} (${name})`),
  );
}
