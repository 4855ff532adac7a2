import type { Argument } from '#config/argument.ts';
import { type Row, type Syntax, variants } from '#config/command.ts';
import { type Mode, modes } from '#config/modes.ts';
import { splitWords } from '#config/words.ts';

/** What an operator might write for an argument, by its label; the first that can be read is taken. */
const SAMPLES: Record<string, readonly string[]> = {
  WORD: ['NAME', 'local'],
  PATH: ['/run/hostapd/wlan0'],
  LINE: ['some text', 'AAAAC3NzaC1lZDI1NTE5AAAAIAAB'],
  KEY: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'],
  INTERFACE: ['GigabitEthernet0/1/0.3074'],
  PORTS: ['eq 80'],
  METHOD: ['group NAME none'],
  '<hex>': ['64'],
  '<hex octets>': ['18c00002'],
  '<0-255>': ['tcp'],
  'A.B.C.D': ['192.0.2.1', '255.255.255.0'],
  'A.B.C.D or X:X:X:X::X': ['192.0.2.1'],
  'X:X:X:X::X': ['fe80::1'],
  'X:X:X:X::X/<0-128>': ['2001:db8::/32'],
  'H.H.H': ['0200.5e00.5301'],
};

/** The words of a line, with what each of its keywords and arguments is. */
export type SampleLine = readonly { readonly text: string; readonly keyword: boolean }[];

/** Lines that set a row: the shortest form, the longest, and every other spelling. */
export function sampleLines(command: Pick<Row, 'syntax' | 'also'>): SampleLine[] {
  const spellings = [command.syntax, ...command.also].flatMap((syntax: Syntax) => {
    const all = variants(syntax);
    return all.filter((_, index) => index === 0 || index === all.length - 1);
  });
  return spellings.map((variant) =>
    variant.parts.map((part) =>
      typeof part === 'string' ? { text: part, keyword: true } : { text: sampleOf(part), keyword: false },
    ),
  );
}

export function lineOf(sample: SampleLine): string {
  return sample.map(({ text }) => text).join(' ');
}

/** The lines that lead from global mode to a mode. */
export function openingLines(mode: Mode): string[] {
  for (const outer of modes) {
    const opener = outer.commands.find((command) => command.section?.opens === mode.name);
    if (opener) return [...openingLines(outer), lineOf(sampleLines(opener)[0] ?? [])];
  }
  return [];
}

function sampleOf(argument: Argument<unknown>): string {
  const range = /^<\d+-(\d+)>$/.exec(argument.label)?.[1];
  const candidates = [...(SAMPLES[argument.label] ?? []), ...(range ? [range] : []), ...(argument.choices ?? [])];
  const fitting = candidates.find((text) => {
    const words = splitWords(text);
    const reading = argument.read(words, text);
    return reading.ok && reading.used === words.length;
  });
  if (fitting === undefined) throw new Error(`no sample for ${argument.label} (${argument.help})`);
  return fitting;
}
