import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventFeed } from '#api/event-feed.ts';
import { instant, utcTime } from '#base/time.ts';
import type { NodeEvent } from '#daemon/observe/node-events.ts';
import { NodeEvents } from '#daemon/observe/node-events.ts';
import { FakeNode } from './fake-node.ts';

const told = (text: string) => ({ at: '', kind: 'k', level: 'info' as const, node: null, text, fields: {} });
const happened = (text: string): NodeEvent => ({ at: 0, kind: 'k', level: 'info', node: 'L', text, fields: {} });

function feedOf(batches: { events: NodeEvent[]; dropped: number }[]) {
  const node = new FakeNode();
  node.answers['switch-events'] = () => null;
  node.answers['take-events'] = () => batches.shift() ?? { events: [], dropped: 0 };
  return { node, feed: new EventFeed(node) };
}

describe('the feed of events', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('numbers what the node and the main thread tell, and gives a client what it missed', async () => {
    const { feed } = feedOf([{ events: [happened('two')], dropped: 3 }]);
    await feed.start();
    feed.add([told('one')]);
    await feed.refresh();
    expect(feed.since(0)?.map(({ id, event }) => [id, event.text])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, '3 events were not told: more happened than can be'],
    ]);
    expect(feed.since(2)).toHaveLength(1);
    expect(feed.since(3)).toEqual([]);
    expect(feed.since(4)).toBeUndefined();
    feed.stop();
  });

  it('does not know what has made room', async () => {
    const { feed } = feedOf([]);
    await feed.start();
    for (let i = 0; i < 25_000; i++) feed.add([told('x')]);
    expect(feed.since(1)).toBeUndefined();
    expect(feed.since(24_000)).toHaveLength(1000);
    feed.stop();
  });

  it('asks often while somebody follows, and now and then while nobody does', async () => {
    vi.useFakeTimers();
    const { node, feed } = feedOf([]);
    await feed.start();
    const asks = () => node.asked.filter(({ request }) => request === 'take-events').length;
    await vi.advanceTimersByTimeAsync(3000);
    const alone = asks();
    const end = feed.follow(() => {});
    await vi.advanceTimersByTimeAsync(3000);
    expect([alone, asks() - alone]).toEqual([3, expect.closeTo(30, -1)]);
    end();
    feed.stop();
    const after = asks();
    await vi.advanceTimersByTimeAsync(3000);
    expect(asks()).toBe(after);
  });
});

describe('the events of a node', () => {
  const now = (ms: number) => ({ instant: instant(ms), utc: utcTime(ms) });
  const entry = { level: 'info', code: 'c', text: 't', fields: {} } as const;

  it('are not kept while nobody wants them', () => {
    const events = new NodeEvents();
    expect(events.add(now(0), null, entry)).toBeUndefined();
    expect(events.take()).toEqual({ events: [], dropped: 0 });
  });

  it('are dropped and counted where there are too many, and come again', () => {
    const events = new NodeEvents();
    events.on = true;
    for (let i = 0; i < 20_000; i++) events.add(now(0), 'L', entry);
    const first = events.take();
    expect(first.events.length + first.dropped).toBe(20_000);
    expect(first.events.length).toBeLessThan(10_000);
    expect(events.add(now(0), 'L', entry)).toBeUndefined();
    expect(events.add(now(1000), 'L', entry)).toMatchObject({ at: 1000, kind: 'c', node: 'L' });
  });
});
