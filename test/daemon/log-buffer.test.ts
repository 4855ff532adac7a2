import { expect, test } from 'vitest';
import { LogBuffer, type LogLine } from '#daemon/log-buffer.ts';
import { LogLevels } from '#daemon/log-levels.ts';

const line = (text: string): LogLine => ({
  time: '2026-11-26T11:53:01.123Z',
  level: 'info',
  facility: 'daemon',
  code: 'x',
  text,
  fields: {},
});

test('the latest lines are kept, the oldest first, and all are counted', () => {
  const buffer = new LogBuffer(new LogLevels('info'));
  const { capacity } = buffer.view();
  for (let i = 0; i < capacity + 2; i++) buffer.add(line(`${i}`));
  const { lines, logged } = buffer.view();
  expect(logged).toBe(capacity + 2);
  expect(lines.map(({ text }) => Number(text))).toEqual(Array.from({ length: capacity }, (_, i) => i + 2));
  buffer.clear();
  buffer.add(line('after'));
  expect(buffer.view()).toMatchObject({ logged: capacity + 3, lines: [{ text: 'after' }] });
});

test('a long line is cut, whatever a peer sent', () => {
  const buffer = new LogBuffer(new LogLevels('debug'));
  buffer.add({ ...line('t'.repeat(100_000)), fields: { peer: 'p'.repeat(100_000) } });
  expect(JSON.stringify(buffer.view()).length).toBeLessThan(2000);
});
