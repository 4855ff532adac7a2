/** Who sent what to whom: one ladder of arrows for each mobile node of a capture. */
import type { CapturedPacket } from '#wire/capture-file.ts';
import { findOption } from '#wire/mobility/index.ts';
import type { RadiusPacket } from '#wire/radius.ts';
import type { Dissection } from './decode-packet.ts';
import { radiusAttributeName, radiusAttributeText } from './decode-radius.ts';
import { lastText } from './decode-summary.ts';
import { textOrHex } from './decode-text.ts';

interface Step {
  /** Seconds since the first packet of the capture. */
  readonly time: string;
  readonly source: string;
  readonly destination: string;
  readonly text: string;
}

const NOBODY = 'no mobile node named';
const NARROWEST_RAIL = 26;
const TIME_WIDTH = 12;

export class Ladder {
  readonly #steps = new Map<string, Step[]>();

  add(packet: CapturedPacket, time: string, dissection: Dissection): void {
    const last = dissection.layers.at(-1);
    const route = dissection.layers.findLast((layer) => layer.protocol === 'ipv6' || layer.protocol === 'ipv4');
    const link = dissection.layers.find((layer) => layer.protocol === 'ethernet');
    const ends = route ?? link;
    if (!ends || !last) return;
    const name = mobileNodeOf(dissection);
    const steps = this.#steps.get(name) ?? [];
    this.#steps.set(name, steps);
    const text = dissection.fault ? `malformed, packet ${packet.number}` : lastText(last);
    steps.push({ time, source: ends.value.source.toString(), destination: ends.value.destination.toString(), text });
  }

  text(): string {
    return [...this.#steps].map(([name, steps]) => ladderText(name, steps)).join('\n');
  }
}

/** As its Mobile Node Identifier option says, or by its link-layer address. */
function mobileNodeOf(dissection: Dissection): string {
  const last = dissection.layers.at(-1);
  if (last?.protocol === 'mobility' && last.value.kind !== 'unknown-mobility-message') {
    const option = findOption(last.value.options, 'mobile-node-identifier');
    return option ? `Mobile node ${textOrHex(option.identifier)}` : NOBODY;
  }
  if (last?.protocol === 'radius') return radiusNodeOf(last.value);
  if (last?.protocol === 'dhcpv4') return `Mobile node ${last.value.chaddr}`;
  if (last?.protocol === 'layer-2-update') return `Mobile node ${last.value.source}`;
  const link = dissection.layers.find((layer) => layer.protocol === 'ethernet');
  if (last?.protocol !== 'icmpv6' || !link) return NOBODY;
  const { source, destination } = link.value;
  if (last.value.kind === 'router-solicitation') return `Mobile node ${source}`;
  return destination.isMulticast ? NOBODY : `Mobile node ${destination}`;
}

/** Whom a request is about; answers name nobody as a rule. */
function radiusNodeOf(packet: RadiusPacket): string {
  const about = ['Mobile-Node-Identifier', 'User-Name'].flatMap((name) =>
    packet.attributes.filter((each) => radiusAttributeName(each) === name),
  );
  return about[0] === undefined ? NOBODY : `Mobile node ${radiusAttributeText(about[0])}`;
}

function ladderText(name: string, steps: readonly Step[]): string {
  const rails = [...new Set(steps.flatMap((step) => [step.source, step.destination]))];
  const width = Math.max(NARROWEST_RAIL, ...rails.map((rail) => rail.length + 1));
  const heading = `${' '.repeat(TIME_WIDTH)}${rails.map((rail) => rail.padEnd(width)).join('')}`.trimEnd();
  const lines = steps.map(
    (step) => `${step.time.padStart(TIME_WIDTH - 2)}  ${arrow(rails, width, step)}  ${step.text}`,
  );
  return `${name}\n${heading}\n${lines.join('\n')}\n`;
}

/** `|------->|         |` */
function arrow(rails: readonly string[], width: number, { source, destination }: Step): string {
  const from = rails.indexOf(source);
  const to = rails.indexOf(destination);
  const cells = [...' '.repeat(width * (rails.length - 1) + 1)];
  const [left, right] = [Math.min(from, to) * width, Math.max(from, to) * width];
  for (let at = left + 1; at < right; at++) cells[at] = '-';
  rails.forEach((_rail, i) => {
    if (cells[i * width] === ' ') cells[i * width] = '|';
  });
  if (from < to) cells[right - 1] = '>';
  else if (to < from) cells[left + 1] = '<';
  return cells.join('');
}
