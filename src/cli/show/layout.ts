const LABEL_WIDTH = 29;

/** The line between two entries. */
export const separator = '-----';

/** `  Label                        : value`. */
export function field(label: string, value: string | number): string {
  return `  ${label.padEnd(LABEL_WIDTH)}: ${value}`;
}

export function enabled(value: boolean): 'enabled' | 'disabled' {
  return value ? 'enabled' : 'disabled';
}

/** The lines as one text that ends with a line end. */
export function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** How many bindings fit a selection; plain JSON. */
export interface BindingCount {
  readonly bindings: number;
}

export function renderBindingCount({ bindings }: BindingCount): string {
  return text(['', total(bindings)]);
}

/** How a list of rows is printed that may be too long to have all of it at once. */
export interface ListText<Row> {
  /** `total`: of all the rows that follow. */
  head(total: number): string;
  /** Those that follow the ones before. */
  rows(rows: readonly Row[]): string;
  foot(): string;
}

/** The whole list as one text. */
export function listText<Row>(list: ListText<Row>, rows: readonly Row[]): string {
  return list.head(rows.length) + list.rows(rows) + list.foot();
}

/** The lists of bindings of both kinds of node: the number, then each entry below a separator. */
export function bindingList<Row>(lines: (row: Row) => readonly string[]): ListText<Row> {
  return {
    head: (count) => text(['', total(count)]),
    rows: (rows) => rows.map((row) => text([separator, ...lines(row)])).join(''),
    foot: () => '',
  };
}

function total(bindings: number): string {
  return `Total number of bindings: ${bindings}`;
}
