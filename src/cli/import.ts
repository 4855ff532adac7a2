import { importStaros } from '#config/index.ts';
import { readText } from './read-text.ts';

/** `mooring import staros FILE`: the configuration to the standard output, what could not be carried over to the standard error. */
export function importConfiguration(file: string, { domain }: { readonly domain: string }): void {
  const { text, left } = importStaros(readText(file), domain);
  for (const { line, text: source, reason } of left) {
    console.error(`${file}:${line}: not carried over: ${source.replace(/\p{Cc}/gu, '\u{fffd}')} (${reason})`);
  }
  console.error(
    `${file}: ${left.length === 0 ? 'every line' : `all but ${left.length} lines`} carried over; every MAG is served ("dynamic mag learning") until MAGs are listed`,
  );
  process.stdout.write(text);
}
