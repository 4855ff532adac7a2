import type { Configuration } from './model.ts';

/** The running configuration; reading it again gives an equal model. */
export function printConfiguration(_configuration: Configuration): string {
  return '';
}
