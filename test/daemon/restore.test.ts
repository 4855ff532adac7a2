import { describe, expect, it } from 'vitest';
import { instant, milliseconds, utcTime } from '#base/time.ts';
import { restore, tellUnclaimed } from '#daemon/restore.ts';
import type { BindingRecord, LmaEvent } from '#proto/lma/index.ts';
import type { MagEvent, SessionRecord } from '#proto/mag/index.ts';
import type { LogOutput } from '#proto/peer.ts';

const now = { instant: instant(0), utc: utcTime(0) };

function node(name: string) {
  const events: (LmaEvent | MagEvent)[] = [];
  return {
    config: { name },
    machine: { handle: (event: LmaEvent | MagEvent) => void events.push(event) },
    ids: () => events.map((event) => event.kind === 'restored' && event.records.map(({ id }) => id)),
    gaps: () => events.map((event) => event.kind === 'restored' && event.gap),
  };
}

function records(...ids: string[]) {
  return ids.map((id) => ({ id })) as (BindingRecord & SessionRecord)[];
}

describe('restore', () => {
  it('gives each LMA and MAG its own records, also where a name is the beginning of another or has a slash', () => {
    const [a, ab, slash, mag] = [node('a'), node('ab'), node('a/b'), node('a')];
    const logged: LogOutput[] = [];
    const stored = {
      bindings: records('a/1', 'ab/1', 'a/2', 'a/b/1', 'gone/7'),
      sessions: records('a/00:24:d7:8e:21:a4', 'gone/00:24:d7:8e:21:a4'),
    };
    const gap = { from: utcTime(-100), window: milliseconds(50), until: utcTime(-50) };
    const left = restore({ lmas: [a, ab, slash], mags: [mag] }, stored, gap, now);
    tellUnclaimed(left, now, { log: (_, entry) => void logged.push(entry) });
    expect([a, ab, slash].map(({ ids }) => ids())).toEqual([[['a/1', 'a/2']], [['ab/1']], [['a/b/1']]]);
    expect(mag.ids()).toEqual([['a/00:24:d7:8e:21:a4']]);
    expect([a, mag].map(({ gaps }) => gaps())).toEqual([[gap], [gap]]);
    expect(logged).toMatchObject([
      { level: 'warn', code: 'records-unclaimed', fields: { lma: 'gone' } },
      { level: 'warn', code: 'records-unclaimed', fields: { mag: 'gone' } },
    ]);
  });

  it('leaves what is of others for when they are there', () => {
    const [a, late] = [node('a'), node('late')];
    const left = restore({ lmas: [a], mags: [] }, { bindings: records('a/1', 'late/2'), sessions: [] }, undefined, now);
    expect(restore({ lmas: [a, late], mags: [] }, left, undefined, now)).toEqual({ bindings: [], sessions: [] });
    expect([a.ids(), late.ids()]).toEqual([[['a/1']], [['late/2']]]);
  });
});
