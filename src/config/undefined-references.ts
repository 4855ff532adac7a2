import type { Configuration } from './model.ts';
import { parseConfiguration } from './parse.ts';
import { printConfiguration } from './print.ts';

/** Something that the configuration names and does not define. */
export interface UndefinedReference {
  /** The line that opens the section where it is named, as it is printed. */
  readonly section: string;
  /** `IPv4 pool v4pool is not defined (ip local pool v4pool …)` */
  readonly message: string;
}

export function undefinedReferences(configuration: Configuration): UndefinedReference[] {
  const text = printConfiguration(configuration);
  const lines = text.split('\n');
  return parseConfiguration(text)
    .diagnostics.filter(({ undefinedReference }) => undefinedReference)
    .map(({ line, message }) => ({
      section: lines.slice(0, line).findLast((each) => /^\w/.test(each)) ?? '',
      message,
    }));
}
