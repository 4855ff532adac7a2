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

/** The lists of bindings of both kinds of node: the number, then each entry below a separator. */
export function bindingList(entries: readonly (readonly string[])[]): string {
  return text(['', total(entries.length), ...entries.flatMap((lines) => [separator, ...lines])]);
}

function total(bindings: number): string {
  return `Total number of bindings: ${bindings}`;
}
