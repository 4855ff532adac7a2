import { describe, expect, it } from 'vitest';
import { instant, utcTime } from '#base/time.ts';
import { restore } from '#daemon/restore.ts';
import type { BindingRecord, LmaEvent } from '#proto/lma/index.ts';
import type { LogOutput } from '#proto/peer.ts';

const now = { instant: instant(0), utc: utcTime(0) };

function anchor(name: string) {
  const events: LmaEvent[] = [];
  return { config: { name }, machine: { handle: (event: LmaEvent) => void events.push(event) }, events };
}

function record(id: string): BindingRecord {
  return { id } as BindingRecord;
}

describe('restore', () => {
  it('gives each LMA its own records, also where a name is the beginning of another or has a slash', () => {
    const [a, ab, slash] = [anchor('a'), anchor('ab'), anchor('a/b')];
    const logged: LogOutput[] = [];
    const records = ['a/1', 'ab/1', 'a/2', 'a/b/1', 'gone/7'].map(record);
    restore([a, ab, slash], records, now, { log: (entry) => void logged.push(entry) });
    const ids = ({ events }: typeof a) =>
      events.map((event) => event.kind === 'restored' && event.records.map(({ id }) => id));
    expect(ids(a)).toEqual([['a/1', 'a/2']]);
    expect(ids(ab)).toEqual([['ab/1']]);
    expect(ids(slash)).toEqual([['a/b/1']]);
    expect(logged).toMatchObject([{ level: 'warn', code: 'records-unclaimed', fields: { lma: 'gone' } }]);
  });
});
