import type { RadiusOutcome } from '#proto/radius/index.ts';

/** Why AAA servers gave a mobile node nothing, for people. */
export const REASONS: Readonly<Record<Exclude<RadiusOutcome, 'accept'>, string>> = {
  reject: 'the AAA server has no profile for it',
  'no-answer': 'no AAA server answered in time',
  'no-server': 'no AAA server is configured ("radius-server host")',
  overload: 'too many wait for the AAA servers',
};
