import type { Privilege } from './control-connection.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';

/** What anybody may ask who was let in. */
const USER_REQUESTS: ReadonlySet<string> = new Set([
  'ping',
  'identity',
  'session',
  'login',
  'login-key',
  'enable',
  'disable',
  'show',
  'list',
  'state',
  'statistics',
  'health',
  'attach-timeline',
]);

/** Of `show`, what holds keys, or what passes on the network. */
const PRIVILEGED_QUERIES: ReadonlySet<unknown> = new Set([
  'running-config',
  'effective-config',
  'startup-config',
  'logging',
]);

/** Throws `RequestError` when the request needs privileged mode. */
export function requireAuthority({ request, query }: ControlRequest, privilege: Privilege): void {
  if (privilege === 'privileged') return;
  if (USER_REQUESTS.has(request) && !(request === 'show' && PRIVILEGED_QUERIES.has(query))) return;
  throw new RequestError('forbidden', 'this needs privileged mode; "enable" leads there');
}
