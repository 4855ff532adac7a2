import { describe, expect, it } from 'vitest';
import { RadiusInbox } from '#daemon/aaa/radius-inbox.ts';
import type { FromRadius, RecordSubject } from '#daemon/aaa/radius-messages.ts';

const record = (id: number, about: RecordSubject): FromRadius => ({
  kind: 'accounted',
  id,
  about,
  client: '192.0.2.1',
  attributes: [],
});
const answer = (id: number): FromRadius => ({ kind: 'answer', id, outcome: 'accept', attributes: [] });
const wish = (id: number): FromRadius => ({ kind: 'disconnect', id, attributes: [] });

/** The ids in the order in which they are taken, two at a time. */
function taken(...messages: FromRadius[]): number[] {
  const inbox = new RadiusInbox();
  inbox.add(messages);
  const ids: number[] = [];
  while (inbox.length > 0) ids.push(...inbox.take(2).map(({ id }) => id));
  return ids;
}

describe('messages of RADIUS to the packet worker', () => {
  it('about stations with a local profile, and what clients want, come before what waits for servers', () => {
    const messages = [record(1, 'station'), answer(2), record(3, 'station'), record(4, 'local-station'), wish(5)];
    expect(taken(...messages)).toEqual([4, 5, 1, 2, 3]);
  });

  it('never keep all others waiting', () => {
    const inbox = new RadiusInbox();
    inbox.add([...Array.from({ length: 9 }, (_, i) => record(i, 'local-station')), answer(99)]);
    expect(inbox.take(8).map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 99]);
    expect(inbox.length).toBe(1);
  });

  it('do not pass what an access point says of itself', () => {
    const messages = [record(1, 'station'), record(2, 'access-point'), record(3, 'local-station')];
    expect(taken(...messages, record(4, 'station'))).toEqual([1, 2, 3, 4]);
    const inbox = new RadiusInbox();
    inbox.add(messages);
    inbox.take(3);
    inbox.add([record(5, 'station'), record(6, 'local-station')]);
    expect(inbox.take(2).map(({ id }) => id)).toEqual([6, 5]);
  });
});
