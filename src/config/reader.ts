import { keywords, render } from './command.ts';
import { type Diagnostic, diagnose } from './diagnostic.ts';
import { explain, type Failure } from './explain.ts';
import { type Match, matchLine } from './match.ts';
import { emptyConfiguration } from './model.ts';
import { type Mode, modeNamed } from './modes.ts';
import { type Origin, Origins } from './origins.ts';
import { isComment, isSeparator, splitWords, type Word } from './words.ts';

/** Takes configuration lines one by one, keeps track of the mode, and builds the model. */
export class Reader {
  readonly configuration = emptyConfiguration();
  readonly origins = new Origins();
  readonly errors: Diagnostic[] = [];
  /** The modes that are open, from global mode inwards. */
  private open: OpenMode[] = [{ mode: modeNamed('global'), target: this.configuration }];
  /** Whether the last line held only `!`, so that global mode is asked first. */
  private separated = false;

  /** `number` counts from 1. A line that is wrong adds to `errors` and has no effect. */
  readLine(line: string, number: number): void {
    if (isSeparator(line)) this.separated = true;
    if (isComment(line)) return;
    const words = splitWords(line);
    const only = words.length === 1 ? words[0]?.text.toLowerCase() : undefined;
    if (only === 'end') this.open.length = 1;
    else if (only === 'exit') this.open.length = Math.max(1, this.open.length - 1);
    else this.readCommand(words, line, number);
    this.separated = false;
  }

  private readCommand(words: readonly Word[], line: string, number: number): void {
    const failures: Failure[] = [];
    for (const depth of this.depthsToTry()) {
      const { mode } = this.open[depth] as OpenMode;
      const result = matchLine(words, line, mode);
      if (result.ok) {
        this.open.length = depth + 1;
        this.execute(result, { number, line, spans: result.spans });
        return;
      }
      failures.push({ mode, mismatch: result });
      if (result.kind === 'ambiguous') break;
    }
    this.errors.push(explain(words, failures, number));
  }

  /** As in IOS, a line that the current mode does not know is tried in the modes around it. */
  private depthsToTry(): number[] {
    const outward = this.open.map((_, depth) => depth).reverse();
    return this.separated ? [0, ...outward.slice(0, -1)] : outward;
  }

  private execute({ command, negated, values }: Match, origin: Origin): void {
    const { target } = this.open.at(-1) as OpenMode;
    if (negated) {
      command.unset(target, ...values);
      this.origins.note(target, `no ${keywords(command)}`, origin);
      return;
    }
    const refused = command.refuse?.(target, ...values);
    if (refused) {
      this.errors.push(diagnose('error', refused, origin));
      return;
    }
    command.set(target, ...values);
    this.origins.note(target, render(command, values), origin);
    const { section } = command;
    if (section) this.open.push({ mode: modeNamed(section.opens), target: section.enter(target, ...values) });
  }
}

/** A mode that was entered, and what its commands act on. */
interface OpenMode {
  readonly mode: Mode;
  readonly target: object;
}
