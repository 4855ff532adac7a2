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
    for (let i = 0; i < 1000; i++) limiter.log('lma', entry('flood'), 5);
    limiter.log('lma', entry('other'), 5);
    expect(logged.filter(({ code }) => code === 'flood')).toHaveLength(50);
    expect(logged.filter(({ code }) => code === 'other')).toHaveLength(1);
    expect(limiter.suppressed).toBe(950);

    logged.length = 0;
    limiter.tick(9_000);
    expect(logged).toEqual([]);
    limiter.tick(10_006);
    limiter.tick(10_007);
    expect(logged).toMatchObject([{ code: 'log-suppressed', fields: { of: 'flood', count: 950 } }]);
    limiter.log('lma', entry('flood'), 10_008);
    expect(logged).toHaveLength(2);
  });

  it('leaves out what is below the level', () => {
    const logged: LogOutput[] = [];
    const limiter = new LogLimiter('warn', (one) => logged.push(one));
    for (const level of ['debug', 'info', 'warn', 'error'] as const) limiter.log('lma', entry('x', level), 0);
    expect(logged.map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  it('goes by the level of each part of the daemon, by that of all, and by what it was started with', () => {
    const logged: string[] = [];
    const limiter = new LogLimiter('info', ({ facility, level }) => logged.push(`${facility} ${level}`));
    const all = () => {
      logged.length = 0;
      for (const facility of ['lma', 'mag', 'store'] as const)
        for (const level of ['debug', 'info', 'warn', 'error'] as const)
          limiter.log(facility, entry(`${facility} ${level}`, level), 0);
      return logged.join(', ');
    };
    limiter.levels.configure([
      { facility: 'lma', severity: 'debugging' },
      { facility: 'all', severity: 'errors' },
      { facility: 'store', severity: 'warnings' },
    ]);
    expect(all()).toBe('lma debug, lma info, lma warn, lma error, mag error, store warn, store error');
    expect(limiter.levels.all).toBe('error');
    expect(limiter.levels.view()).toEqual([
      { facility: 'lma', level: 'debug' },
      { facility: 'store', level: 'warn' },
    ]);
    limiter.levels.configure([]);
    expect(all()).toBe(
      'lma info, lma warn, lma error, mag info, mag warn, mag error, store info, store warn, store error',
    );
    expect(limiter.levels.view()).toEqual([]);
  });
});
