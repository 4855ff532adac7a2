import { describe, expect, it } from 'vitest';
import { LogLimiter } from '#daemon/log-limiter.ts';
import type { LogOutput } from '#proto/peer.ts';

function entry(code: string, level: LogOutput['level'] = 'warn'): LogOutput {
  return { kind: 'log', level, code, text: code, fields: {} };
}

describe('LogLimiter', () => {
  it('lets a burst of one code pass, counts the rest and tells it once, and leaves other codes alone', () => {
    const logged: LogOutput[] = [];
    const limiter = new LogLimiter('info', (one) => logged.push(one));
    for (let i = 0; i < 1000; i++) limiter.log(entry('flood'), 5);
    limiter.log(entry('other'), 5);
    expect(logged.filter(({ code }) => code === 'flood')).toHaveLength(50);
    expect(logged.filter(({ code }) => code === 'other')).toHaveLength(1);
    expect(limiter.suppressed).toBe(950);

    logged.length = 0;
    limiter.tick(9_000);
    expect(logged).toEqual([]);
    limiter.tick(10_006);
    limiter.tick(10_007);
    expect(logged).toMatchObject([{ code: 'log-suppressed', fields: { of: 'flood', count: 950 } }]);
    limiter.log(entry('flood'), 10_008);
    expect(logged).toHaveLength(2);
  });

  it('leaves out what is below the level', () => {
    const logged: LogOutput[] = [];
    const limiter = new LogLimiter('warn', (one) => logged.push(one));
    for (const level of ['debug', 'info', 'warn', 'error'] as const) limiter.log(entry('x', level), 0);
    expect(logged.map(({ level }) => level)).toEqual(['warn', 'error']);
  });
});
