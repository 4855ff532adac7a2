/** A browser draws no element that is much higher than this; beyond it, a pixel of the scroll bar is more than a pixel of the list. */
const HEIGHT_MAXIMUM = 8_000_000;
const OVERSCAN = 6;

export interface RowWindow {
  /** First row to draw, and how many. */
  readonly first: number;
  readonly count: number;
  /** Where the first of them is, in pixels from the top of the scrolled element. */
  readonly offset: number;
  /** Of the scrolled element. */
  readonly height: number;
}

/** Which rows of `total` are in view, a few more at both ends. */
export function rowWindow(total: number, rowHeight: number, viewHeight: number, scrollTop: number): RowWindow {
  const whole = total * rowHeight;
  const height = Math.min(whole, HEIGHT_MAXIMUM);
  const travel = Math.max(0, height - viewHeight);
  const top = Math.min(Math.max(0, scrollTop), travel);
  /** Of the list in its true height. */
  const position = whole === height || travel === 0 ? top : (top / travel) * (whole - viewHeight);
  const first = Math.max(0, Math.floor(position / rowHeight) - OVERSCAN);
  const end = Math.min(total, Math.ceil((position + viewHeight) / rowHeight) + OVERSCAN);
  return { first, count: Math.max(0, end - first), offset: top - (position - first * rowHeight), height };
}
