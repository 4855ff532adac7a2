import { type Configuration, protectionWarnings, signallingProtection } from '#config/index.ts';
import { readClock } from '#host/clock.ts';
import type { LogLimiter } from './log-limiter.ts';

/** Says at the start how the signalling is not protected. */
export function logProtection(configuration: Configuration, log: LogLimiter): void {
  for (const { severity, text, advice } of signallingProtection(configuration).flatMap(protectionWarnings)) {
    const entry =
      severity === 'error'
        ? ({ level: 'error', code: 'anybody-served' } as const)
        : ({ level: 'warn', code: 'signalling-unprotected' } as const);
    log.log('signalling', { kind: 'log', ...entry, text: `${text}; ${advice}`, fields: {} }, readClock().instant);
  }
}

/** Of that, what an operator should hear at once who has just configured it. */
export function exposures(configuration: Configuration): string[] {
  const all = signallingProtection(configuration).flatMap(protectionWarnings);
  return all.filter(({ severity }) => severity === 'error').map(({ text, advice }) => `${text}; ${advice}`);
}
