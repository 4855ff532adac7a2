import type { Finding, SourceFile } from '../source-tree.ts';

const CODE = /^(src|test|tools|bpf|bin)\//;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
const VAGUE = /^(utils?|helpers?|common|misc|types)\.ts$/;

/** Files and folders of code are kebab-case and named for one idea. */
export function fileNames(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path }) => {
    if (!CODE.test(path)) return [];
    const parts = path.split('/');
    const name = parts.at(-1) as string;
    if (VAGUE.test(name)) return [{ path, line: 1, message: `${name} says nothing: name the one idea in it` }];
    const odd = parts.find((part) => !KEBAB_CASE.test(part) && part !== 'Makefile');
    return odd === undefined ? [] : [{ path, line: 1, message: `${odd} is not kebab-case` }];
  });
}
