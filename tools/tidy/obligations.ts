/**
 * The clauses that oblige somebody, as obligations.json has them: RFC number to clause (RFC 5213 `§5.3.1(4)`) to how many obligations it has and whose
 * they are: `3 lma`, `1 other: mobile nodes`.
 */
export type ObligationTable = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A row of the table. */
export interface Obligation {
  readonly rfc: string;
  readonly clause: string;
  readonly count: number;
  readonly of: 'lma' | 'mag' | 'both' | 'other';
  /** Who else has it; empty when it is ours. */
  readonly reason: string;
}

const ROW = /^(\d+) (?:(lma|mag|both)|other: (.+))$/;

/** Throws when a row says not whose the obligations are. */
export function obligationsOf(table: ObligationTable): Obligation[] {
  return Object.entries(table).flatMap(([rfc, clauses]) =>
    Object.entries(clauses).map(([clause, row]) => {
      const match = ROW.exec(row);
      if (!match) throw new Error(`obligations.json, RFC ${rfc} ${clause}: "${row}" does not say whose it is`);
      return {
        rfc,
        clause,
        count: Number(match[1]),
        of: (match[2] ?? 'other') as Obligation['of'],
        reason: match[3] ?? '',
      };
    }),
  );
}
