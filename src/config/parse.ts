import type { Diagnostic } from './diagnostic.ts';
import { type Configuration, emptyConfiguration } from './model.ts';

export interface ParsedConfiguration {
  readonly configuration: Configuration;
  /** What is wrong (error) or doubtful (warning) in the text, by line. */
  readonly diagnostics: Diagnostic[];
  /** Errors that keep the configuration from being run, such as an LMA without an address; the text itself is right. */
  readonly obstacles: Diagnostic[];
}

/** Reads a configuration text. Never throws; lines that are wrong have no effect. */
export function parseConfiguration(_text: string, _fileName?: string): ParsedConfiguration {
  return { configuration: emptyConfiguration(), diagnostics: [], obstacles: [] };
}
