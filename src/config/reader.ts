import { type AnyCommand, render } from './command.ts';
import { type Diagnostic, diagnose } from './diagnostic.ts';
import { encryptSecrets } from './encrypt-secrets.ts';
import { explain, type Failure } from './explain.ts';
import { type Match, matchLine } from './match.ts';
import { emptyConfiguration } from './model.ts';
import { type Mode, modeNamed } from './modes.ts';
import { type Origin, Origins } from './origins.ts';
import { SkippedBlock } from './skipped-block.ts';
import { isComment, isSeparator, splitWords, type Word } from './words.ts';

/** Takes configuration lines one by one, keeps track of the mode, and builds the model. */
export class Reader {
  readonly configuration = emptyConfiguration();
  readonly origins = new Origins();
  readonly errors: Diagnostic[] = [];
  /** The modes that are open, from global mode inwards. */
  private open: OpenMode[] = [{ mode: modeNamed('global'), target: this.configuration, opening: '' }];
  /** The modes that a line of global mode closed; a line that nothing else knows is tried there, as a guide types it. */
  private left: OpenMode[] = [];
  /** Whether the last line held only `!`, so that global mode is asked first. */
  private separated = false;
  /** The block below the last opening line, if that was wrong; and which of `errors` says so. */
  private skipped: { block: SkippedBlock; error: number } | undefined;

  /** The mode that is open. */
  get mode(): Mode {
    return (this.open.at(-1) as OpenMode).mode;
  }

  /** The lines that lead from global mode to the mode that is open. */
  get path(): string[] {
    return this.open.slice(1).map(({ opening }) => opening);
  }

  /** `number` counts from 1. A line that is wrong adds to `errors` and has no effect. */
  readLine(line: string, number: number): void {
    if (isSeparator(line)) this.separated = true;
    if (isComment(line)) return;
    const words = splitWords(line);
    const only = words.length === 1 ? words[0]?.text.toLowerCase() : undefined;
    if (only === 'end') this.end();
    else if (only === 'exit') this.exit();
    else if (!this.skips(words, line)) this.readCommand(words, line, number);
    this.separated = false;
  }

  /** Leaves all modes. */
  end(): void {
    this.closeSkipped();
    this.open.length = 1;
    this.left = [];
  }

  private exit(): void {
    if (!this.skipped) this.open.length = Math.max(1, this.open.length - 1);
    else if (!this.skipped.block.exit()) this.closeSkipped();
  }

  private readCommand(words: readonly Word[], line: string, number: number): void {
    const failures: Failure[] = [];
    for (const modes of this.modesToTry()) {
      const { mode } = modes.at(-1) as OpenMode;
      const result = matchLine(words, line, mode);
      if (result.ok) {
        this.closeSkipped();
        this.enter(modes, result.command);
        this.execute(result, { number, line, spans: result.spans });
        return;
      }
      failures.push({ mode, mismatch: result });
      if (result.kind === 'ambiguous') break;
    }
    if (this.skipped?.block.takeIndented(line)) return;
    const { diagnostic, meant } = explain(words, failures, number);
    const negated = words[0]?.text.toLowerCase() === 'no';
    this.report(diagnostic, line, negated ? undefined : meant);
  }

  /** As in IOS, a line that the current mode does not know is tried in the modes around it. */
  private modesToTry(): OpenMode[][] {
    const outward = this.open.map((_, depth) => this.open.slice(0, depth + 1)).reverse();
    const left = this.left.map((_, depth) => this.left.slice(0, depth + 1)).reverse();
    const global = outward.slice(-1);
    return [...(this.separated ? [...global, ...outward.slice(0, -1)] : outward), ...left.slice(0, -1)];
  }

  private enter(modes: OpenMode[], command: AnyCommand): void {
    if (modes.length > 1 || command.section) this.left = [];
    else if (this.separated) this.left = [];
    else if (this.open.length > 1) this.left = this.open;
    this.open = modes;
  }

  private execute({ command, negated, values }: Match<AnyCommand>, origin: Origin): void {
    const { target } = this.open.at(-1) as OpenMode;
    if (negated) {
      command.unset(target, ...values);
      return;
    }
    const refused = command.refuse?.(target, ...values);
    if (refused) {
      this.report(diagnose('error', refused, origin), origin.line, command.section ? [command] : undefined);
      return;
    }
    command.set(target, ...values);
    if (this.configuration.passwordEncryption) encryptSecrets(this.configuration);
    this.origins.note(target, command, values, origin);
    const { section } = command;
    if (!section) return;
    this.open.push({
      mode: modeNamed(section.opens),
      target: section.enter(target, ...values),
      opening: render(command, values),
    });
  }

  /** `meant`: the commands that the line may have been meant to be, where it may open a section. */
  private report(error: Diagnostic, line: string, meant: readonly AnyCommand[] | undefined): void {
    this.errors.push(error);
    const outside = !this.skipped || this.skipped.block.endsBefore(line);
    const opens = meant?.length === 0 ? outside : meant?.some(({ section }) => section);
    if (!meant || !opens) return;
    this.closeSkipped();
    this.skipped = { block: new SkippedBlock(line, meant), error: this.errors.length - 1 };
  }

  private skips(words: readonly Word[], line: string): boolean {
    if (!this.skipped) return false;
    if (this.separated && matchLine(words, line, modeNamed('global')).ok) return false;
    if (this.skipped.block.take(words, line)) return true;
    if (this.skipped.block.byIndent) this.closeSkipped();
    return false;
  }

  private closeSkipped(): void {
    const { block, error: index = -1 } = this.skipped ?? {};
    const error = this.errors[index];
    this.skipped = undefined;
    if (!block || block.lines === 0 || !error) return;
    const what = block.lines === 1 ? '1 line below it was' : `${block.lines} lines below it were`;
    this.errors[index] = { ...error, message: `${error.message} (${what} skipped)` };
  }
}

/** A mode that was entered, and what its commands act on. */
interface OpenMode {
  readonly mode: Mode;
  readonly target: object;
  /** The line that opened it; empty for global mode. */
  readonly opening: string;
}
