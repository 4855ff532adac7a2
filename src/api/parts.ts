import type { Logger } from 'pino';
import type { Access, Audience } from './access.ts';
import type { BindingIndex } from './binding-index.ts';
import type { EventFeed } from './event-feed.ts';
import type { EventStreams } from './event-stream.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { NodeAccess } from './node-access.ts';

export interface ApiParts {
  readonly node: NodeAccess;
  readonly access: Access;
  readonly index: BindingIndex;
  readonly feed: EventFeed;
  readonly streams: EventStreams;
  readonly metrics: Metrics;
  /** By the class of the answer: `2xx`. */
  readonly requests: Map<string, number>;
  readonly log: Logger;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask; a route that does not say so is for nobody without a token of role `read-write`. */
    audience?: Audience;
  }
}
