import type { Network } from './network.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly anchors: ReadonlyMap<string, Box>;
  readonly gateways: ReadonlyMap<string, Box>;
  /** Gateways that find no place. */
  readonly left: number;
}

const MARGIN = 2;
const ANCHOR = { width: 150, height: 52, gap: 24 };
const GATEWAY = { least: 132, most: 300, gap: 14 };
/** Between anchors and gateways: room for the tunnels. */
const FALL = 72;
/** From the top of a gateway to its mobile nodes. */
export const GATEWAY_HEAD = 54;
const GATEWAYS_MAXIMUM = 24;

/** Anchors above, gateways in rows below them; `bodyHeight` is the room that each has for mobile nodes. */
export function layoutOf({ anchors, gateways }: Network, width: number, bodyHeight: number): Layout {
  const shown = gateways.slice(0, GATEWAYS_MAXIMUM);
  const inner = width - 2 * MARGIN;
  const columns = Math.max(
    1,
    Math.min(shown.length, Math.floor((inner + GATEWAY.gap) / (GATEWAY.least + GATEWAY.gap))),
  );
  const cell = Math.min(GATEWAY.most, (inner - (columns - 1) * GATEWAY.gap) / columns);
  const gatewayHeight = GATEWAY_HEAD + bodyHeight;
  const top = MARGIN + ANCHOR.height + FALL;
  const rows = Math.ceil(shown.length / columns);
  const at = (i: number): Box => {
    const inRow = Math.min(columns, shown.length - Math.floor(i / columns) * columns);
    const left = (width - inRow * cell - (inRow - 1) * GATEWAY.gap) / 2;
    return {
      x: left + (i % columns) * (cell + GATEWAY.gap),
      y: top + Math.floor(i / columns) * (gatewayHeight + GATEWAY.gap),
      width: cell,
      height: gatewayHeight,
    };
  };
  const height = rows === 0 ? top : top + rows * (gatewayHeight + GATEWAY.gap) - GATEWAY.gap + MARGIN;
  return {
    width,
    height,
    anchors: new Map(anchors.map((name, i) => [name, anchorBox(i, anchors.length, width)])),
    gateways: new Map(shown.map(({ name }, i) => [name, at(i)])),
    left: gateways.length - shown.length,
  };
}

function anchorBox(i: number, count: number, width: number): Box {
  const each = Math.min(ANCHOR.width, (width - 2 * MARGIN - (count - 1) * ANCHOR.gap) / count);
  const left = (width - count * each - (count - 1) * ANCHOR.gap) / 2;
  return { x: left + i * (each + ANCHOR.gap), y: MARGIN, width: each, height: ANCHOR.height };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of mobile nodes with their names, and of dots. */
export const PILL = { height: 26, gap: 6 };
export const DOT = { radius: 7, gap: 6 };

/** Where the mobile node of number `i` at a gateway is: its centre. */
export function pillAt(box: Box, i: number): Point {
  return { x: box.x + box.width / 2, y: box.y + GATEWAY_HEAD + PILL.height / 2 + i * (PILL.height + PILL.gap) };
}

export function dotsPerRow(width: number): number {
  return Math.max(1, Math.floor((width - 24 + DOT.gap) / (2 * DOT.radius + DOT.gap)));
}

export function dotAt(box: Box, i: number): Point {
  const perRow = dotsPerRow(box.width);
  const step = 2 * DOT.radius + DOT.gap;
  return {
    x: box.x + 12 + DOT.radius + (i % perRow) * step,
    y: box.y + GATEWAY_HEAD + DOT.radius + Math.floor(i / perRow) * step,
  };
}

/** A line from an anchor down to a gateway. */
export function curve(from: Box, to: Box): string {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2, to.y];
  const bend = Math.min(60, (y2 - y1) / 2);
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
}
