import type { ComponentChildren } from 'preact';

export interface Cells {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
}

interface TableProps {
  readonly label: string;
  readonly heads: readonly ComponentChildren[];
  readonly rows: readonly Cells[];
  /** Columns of numbers, which stand under each other by their last digit. */
  readonly numeric?: readonly number[];
}

/** A small table; where it is wider than the page, it scrolls by itself. */
export function Table({ label, heads, rows, numeric = [] }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it
    <section class="table" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((head, i) => (
              <th key={i} scope="col" class={numeric.includes(i) ? 'number' : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, i) => (
                <td key={i} class={numeric.includes(i) ? 'number' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
