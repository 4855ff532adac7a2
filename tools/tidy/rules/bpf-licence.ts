import type { Finding, SourceFile } from '../source-tree.ts';

const SPDX = /SPDX-License-Identifier: \(?(GPL-2\.0 OR Apache-2\.0|Apache-2\.0 OR GPL-2\.0)\)?/;

/** The kernel takes the helpers we call from GPL-compatible programs only, so the BPF sources are dual-licensed and say so first. */
export function bpfLicence(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    if (!/^bpf\/.*\.[ch]$/.test(path) || SPDX.test(text.split('\n')[0] as string)) return [];
    return [{ path, line: 1, message: 'the first line must be // SPDX-License-Identifier: GPL-2.0 OR Apache-2.0' }];
  });
}
