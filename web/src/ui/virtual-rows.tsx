import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowWindow } from '../bindings/window.ts';

export interface Column {
  readonly key: string;
  readonly head: ComponentChildren;
  readonly sorted?: 'ascending' | 'descending' | 'none' | undefined;
}

/** Of the heads of the columns, which stay in view. */
const HEAD_HEIGHT = 40;

interface VirtualRowsProps {
  readonly label: string;
  readonly total: number;
  readonly rowHeight: number;
  readonly columns: readonly Column[];
  /** The cells of a row; `undefined` while they are loaded. */
  readonly cells: (index: number) => readonly ComponentChildren[] | undefined;
  readonly onView?: (first: number, count: number) => void;
  /** Of the table, which decides the widths of columns. */
  readonly class: string;
}

/** A table of any number of rows, of which only those in view exist. */
export function VirtualRows(props: VirtualRowsProps) {
  const { label, total, rowHeight, columns, cells, onView } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => observe(box.current as HTMLDivElement, setView), []);
  const { first, count, offset, height } = rowWindow(total, rowHeight, view.height, view.top);
  useEffect(() => onView?.(first, count), [onView, first, count]);
  const indexes = Array.from({ length: count }, (_, i) => first + i);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it
    <div class={`rows ${props.class}`} ref={box} tabIndex={0} role="table" aria-label={label} aria-rowcount={total + 1}>
      <div role="rowgroup" class="heads">
        <div role="row" class="row head" aria-rowindex={1}>
          {columns.map(({ key, head, sorted }) => (
            <div key={key} role="columnheader" class={`c-${key}`} aria-sort={sorted}>
              {head}
            </div>
          ))}
        </div>
      </div>
      <div class="spacer" role="rowgroup" style={{ height: `${height}px` }}>
        <div class="shift" role="presentation" style={{ transform: `translateY(${offset}px)` }}>
          {indexes.map((index) => (
            <Row key={index} index={index} height={rowHeight} columns={columns} cells={cells(index)} />
          ))}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly index: number;
  readonly height: number;
  readonly columns: readonly Column[];
  readonly cells: readonly ComponentChildren[] | undefined;
}

function Row({ index, height, columns, cells }: RowProps) {
  return (
    <div
      role="row"
      class={cells ? 'row' : 'row waiting'}
      aria-rowindex={index + 2}
      aria-busy={cells ? undefined : true}
      style={{ height: `${height}px` }}
    >
      {columns.map(({ key }, i) => (
        <div key={key} role="cell" class={`c-${key}`}>
          {cells ? cells[i] : <span class="ghost" />}
        </div>
      ))}
    </div>
  );
}

/** Tells where the element is scrolled to and how high it is, at most once a frame. */
function observe(box: HTMLDivElement, tell: (view: { top: number; height: number }) => void): () => void {
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      tell({ top: box.scrollTop, height: box.clientHeight - HEAD_HEIGHT });
    });
  };
  const sizes = new ResizeObserver(soon);
  sizes.observe(box);
  box.addEventListener('scroll', soon, { passive: true });
  tell({ top: box.scrollTop, height: box.clientHeight - HEAD_HEIGHT });
  return () => {
    cancelAnimationFrame(frame);
    sizes.disconnect();
    box.removeEventListener('scroll', soon);
  };
}
