const RAIL_WIDTH = 18;
const TIME_WIDTH = 10;
const TEXT_WIDTH = 80;
const HEADING_WIDTH = 100;
/** Silence that is longer is marked by an empty line. */
const SILENCE_MS = 900;

interface Entry {
  readonly atMs: number;
  readonly arrow?: { readonly from: string; readonly to: string; readonly isLost: boolean };
  readonly first: string;
  /** Stand below, as many on a line as fit. */
  readonly rest: readonly string[];
}

interface Scene {
  readonly heading: string;
  readonly entries: Entry[];
}

/** Arrows between rails with what is said at the right, as people draw protocols. */
export class Ladder {
  readonly #names: readonly string[];
  readonly #elapsedMs: () => number;
  readonly #scenes: Scene[] = [];

  /** `names`: of the rails, from left to right; those whom nobody speaks with are left out. */
  constructor(names: readonly string[], elapsedMs: () => number) {
    this.#names = names;
    this.#elapsedMs = elapsedMs;
  }

  scene(heading: string): void {
    this.#scenes.push({ heading, entries: [] });
  }

  arrow(from: string, to: string, isLost: boolean, [first = '', ...rest]: readonly string[]): void {
    this.#add({ atMs: this.#elapsedMs(), arrow: { from, to, isLost }, first, rest });
  }

  remark(text: string): void {
    const [first = '', ...rest] = wrapped(text.split(' '), ' ', TEXT_WIDTH);
    this.#add({ atMs: this.#elapsedMs(), first: `* ${first}`, rest });
  }

  text(): string {
    const spoken = this.#scenes.flatMap(({ entries }) => entries.flatMap(({ arrow }) => (arrow ? [arrow] : [])));
    const rails = this.#names.filter((name) => spoken.some(({ from, to }) => from === name || to === name));
    return this.#scenes.map((scene) => sceneText(rails, scene)).join('\n');
  }

  #add(entry: Entry): void {
    this.#scenes.at(-1)?.entries.push(entry);
  }
}

function sceneText(rails: readonly string[], { heading, entries }: Scene): string {
  const names = `${' '.repeat(TIME_WIDTH)}${rails.map((rail) => rail.padEnd(RAIL_WIDTH)).join('')}`;
  const lines = [...wrapped(heading.split(' '), ' ', HEADING_WIDTH), '', names];
  let last: number | undefined;
  for (const entry of entries) {
    if (last !== undefined && entry.atMs - last > SILENCE_MS) lines.push(line('', emptyCells(rails), ''));
    last = entry.atMs;
    lines.push(...entryLines(rails, entry));
  }
  return lines.map((each) => `${each.trimEnd()}\n`).join('');
}

function entryLines(rails: readonly string[], { atMs, arrow, first, rest }: Entry): string[] {
  const below = arrow ? wrapped(rest, ', ', TEXT_WIDTH) : rest;
  const cells = arrow ? arrowCells(rails, arrow) : emptyCells(rails);
  return [
    line((atMs / 1000).toFixed(4), cells, arrow?.isLost ? `${first} (lost)` : first),
    ...below.map((each) => line('', emptyCells(rails), `  ${each}`)),
  ];
}

function line(time: string, cells: string, text: string): string {
  return `${time.padStart(TIME_WIDTH - 2)}  ${cells}  ${text}`;
}

function emptyCells(rails: readonly string[]): string {
  return rails.map(() => '|').join(' '.repeat(RAIL_WIDTH - 1));
}

/** `|---------------->|`, or `|-------x         |` of what is lost. */
function arrowCells(rails: readonly string[], { from, to, isLost }: NonNullable<Entry['arrow']>): string {
  const cells = [...emptyCells(rails)];
  const [source, target] = [rails.indexOf(from) * RAIL_WIDTH, rails.indexOf(to) * RAIL_WIDTH];
  const step = source < target ? 1 : -1;
  const end = isLost ? (source + target) / 2 : target - step;
  for (let at = source + step; at !== end; at += step) cells[at] = '-';
  cells[end] = isLost ? 'x' : step > 0 ? '>' : '<';
  return cells.join('');
}

/** As many of them on a line as fit, none of them broken. */
function wrapped(parts: readonly string[], between: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + between.length + part.length <= width) {
      lines[lines.length - 1] = last + between + part;
    } else lines.push(part);
  }
  return lines;
}
