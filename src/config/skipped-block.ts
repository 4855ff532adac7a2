import type { AnyCommand } from './command.ts';
import { matchLine } from './match.ts';
import { type Mode, modeNamed } from './modes.ts';
import type { Word } from './words.ts';

/**
 * The lines below a section's opening line that was wrong: they have no effect, and that they do not belong elsewhere is no error of
 * theirs.
 */
export class SkippedBlock {
  /** Lines that were taken. */
  lines = 0;
  private readonly indent: number;
  /** Whether all lines so far stood further to the right than the opening line. */
  private indented = true;
  /** The modes that the lines may be of, from that of the opening line inwards; where several are possible, all of them. */
  private readonly levels: (readonly Mode[])[];

  /** `meant`: the commands that the opening line may have been meant to be; with none, only lines further to the right belong to it. */
  constructor(opening: string, meant: readonly AnyCommand[]) {
    this.indent = indentOf(opening);
    const opened = new Set(meant.flatMap(({ section }) => (section ? [section.opens] : [])));
    this.levels = opened.size === 0 ? [] : [[...opened].map(modeNamed)];
  }

  /** Whether nothing is known of the block but that its lines stand further to the right. */
  get byIndent(): boolean {
    return this.levels.length === 0;
  }

  /** Whether the line is a command of the block. */
  take(words: readonly Word[], line: string): boolean {
    if (this.byIndent) return this.takeIndented(line);
    for (let depth = this.levels.length - 1; depth >= 0; depth--) {
      for (const mode of this.levels[depth] as readonly Mode[]) {
        const match = matchLine(words, line, mode);
        if (!match.ok) continue;
        const below = match.negated ? undefined : match.command.section?.opens;
        this.levels.splice(depth, Infinity, [mode], ...(below ? [[modeNamed(below)]] : []));
        this.count(line);
        return true;
      }
    }
    return false;
  }

  /** Whether the line, which no mode knows, stands further to the right than the opening line. */
  takeIndented(line: string): boolean {
    const inside = indentOf(line) > this.indent;
    if (inside) this.count(line);
    return inside;
  }

  /** Whether the indentation shows that a line, which no mode knows, stands below the block. */
  endsBefore(line: string): boolean {
    return this.lines > 0 && this.indented && indentOf(line) <= this.indent;
  }

  /** Takes an `exit`; whether the block goes on. */
  exit(): boolean {
    this.lines++;
    this.levels.pop();
    return this.levels.length > 0;
  }

  private count(line: string): void {
    this.lines++;
    this.indented &&= indentOf(line) > this.indent;
  }
}

function indentOf(line: string): number {
  return Math.max(0, line.search(/\S/));
}
