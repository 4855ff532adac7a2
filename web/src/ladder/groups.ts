import type { Step } from '../api/types.ts';

/** Steps that belong together: an attachment, a handover, a refresh. */
export interface Group {
  readonly key: string;
  /** Of the first step, milliseconds since 1970. */
  readonly at: number;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** After so long nothing is an answer any more. */
const PAUSE_MS = 1500;

/** The steps, oldest first, as groups with the latest first. */
export function groupsOf(steps: readonly Step[]): Group[] {
  const groups: Step[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const step of steps) {
    const at = Date.parse(step.at);
    if (at - last > PAUSE_MS) groups.push([]);
    groups.at(-1)?.push(step);
    last = at;
  }
  return groups.reverse().map((some) => {
    const [first] = some as [Step, ...Step[]];
    const [code, title] = titleOf(some);
    return { key: first.at, at: Date.parse(first.at), title, steps: some.filter((step) => !isOfCode(step, code)) };
  });
}

/** What happened, by the event that says most. */
const TITLES: readonly (readonly [code: string, title: string])[] = [
  ['binding-handed-over', 'Moved to another gateway'],
  ['binding-created', 'Registered'],
  ['session-active', 'Attached'],
  ['pbu-rejected', 'Refused'],
  ['session-refused', 'Refused'],
  ['binding-revocation', 'Revoked by the anchor'],
  ['session-ended', 'Gone'],
  ['binding-deleted', 'Gone'],
];

/** With the event that says the same and need not be shown again. */
function titleOf(steps: readonly Step[]): readonly [code: string, title: string] {
  const told = TITLES.find(([code]) => steps.some((step) => isOfCode(step, code)));
  if (told) return told;
  if (steps.some((step) => step.kind === 'message' && step.name === 'PBU')) return ['', 'Binding extended'];
  if (steps.some((step) => step.kind === 'message' && step.protocol === 'dhcpv4')) return ['', 'Address by DHCP'];
  return ['', 'Messages'];
}

function isOfCode(step: Step, code: string): boolean {
  return step.kind === 'event' && step.code === code;
}
