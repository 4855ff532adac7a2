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

/** The lists of bindings of both kinds of node: the number, then each entry below a separator. */
export function bindingList(entries: readonly (readonly string[])[]): string {
  const [blank, total] = ['', `Total number of bindings: ${entries.length}`];
  return text([blank, total, ...entries.flatMap((lines) => [separator, ...lines])]);
}
