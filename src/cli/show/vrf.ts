import { text } from './layout.ts';

/** A row of `show vrf`; plain JSON. */
export interface VrfRow {
  readonly name: string;
  /** `null` where it is named by `vrfid` and not defined. */
  readonly table: number | null;
  readonly description?: string;
  /** The LMAs that are reached there, as `mag1/lma1`. */
  readonly peers: readonly string[];
}

export function renderVrfs(rows: readonly VrfRow[]): string {
  const column = (name: string, table: string, peers: string) =>
    `  ${name.padEnd(33)} ${table.padEnd(13)} ${peers}`.trimEnd();
  return text([
    column('Name', 'Table', 'Peers'),
    ...rows.flatMap(({ name, table, description, peers }) => [
      column(name, table === null ? '(not defined)' : String(table), peers.join(', ')),
      ...(description === undefined ? [] : [`    Description: ${description}`]),
    ]),
  ]);
}
