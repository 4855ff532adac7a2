import { complete, type Help, type Mode, matchLine, splitWords } from '#config/index.ts';

/** What every configuration mode knows beside its commands. */
export const CONFIGURATION_WORDS: readonly Help[] = [
  { word: 'do', help: 'Run a command of privileged mode' },
  { word: 'end', help: 'Leave all configuration modes' },
  { word: 'exit', help: 'Leave this mode' },
  { word: 'no', help: 'Take a command back, or set its default' },
];

/** What privileged mode knows beside its commands. */
export const PRIVILEGED_WORDS: readonly Help[] = [{ word: 'no', help: 'Tell no more of what is debugged' }];

/** `exit` or `end`, also in short where it is no command of the mode and the beginning of none. */
export function leavingWord(line: string, mode: Mode): 'exit' | 'end' | undefined {
  const words = splitWords(line);
  const [first] = words;
  if (!first || words.length > 1) return undefined;
  const begun = first.text.toLowerCase();
  const [word, other] = (['exit', 'end'] as const).filter((each) => each.startsWith(begun));
  if (word === begun) return word;
  const isCommand = matchLine(words, line, mode).ok || complete(begun, mode).length > 0;
  return isCommand || other !== undefined ? undefined : word;
}
