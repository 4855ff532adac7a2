/**
 * What RFCs oblige anchors and gateways to, as obligations.tsv has it, a line for each MUST, SHOULD and the like of their texts, in order:
 * its number, clause and word, whose it is (lma, mag, both or other), what it says in our words (of others: why it is not ours), and the `path: title` of the
 * test that asserts it, or `Differs`.
 */
export interface Obligation {
  readonly rfc: string;
  /** As in `RFC 5213 §5.3.1(4)`, without the first two words. */
  readonly clause: string;
  readonly word: string;
  readonly of: 'lma' | 'mag' | 'both' | 'other';
  readonly meaning: string;
  /** The test that asserts it; that a `Differs:` of the sources is about it; nothing of what is not ours. */
  readonly evidence: { readonly path: string; readonly title: string } | 'Differs' | undefined;
}

const EVIDENCE = /^(test\/\S+\.ts): (.+)$/;
const WHOSE: readonly string[] = ['lma', 'mag', 'both', 'other'];

/** Throws when a line lacks something. */
export function readObligations(table: string): Obligation[] {
  return table.trimEnd().split('\n').slice(1).map(readObligation);
}

function readObligation(line: string): Obligation {
  const [rfc = '', clause = '', word = '', of = '', meaning = '', told = ''] = line.split('\t');
  const [, path = '', title = ''] = EVIDENCE.exec(told) ?? [];
  const isWhole = of === 'other' ? told === '' : path !== '' || told === 'Differs';
  if (!WHOSE.includes(of) || meaning === '' || !isWhole) {
    throw new Error(
      `obligations.tsv, RFC ${rfc} ${clause} ${word}: "${line}" does not say whose it is, what, and which test asserts it`,
    );
  }
  const evidence = told === 'Differs' ? told : path === '' ? undefined : { path, title };
  return { rfc, clause, word, of: of as Obligation['of'], meaning, evidence };
}
