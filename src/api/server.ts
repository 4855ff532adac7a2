import fastifyRateLimit from '@fastify/rate-limit';
import fastifySwagger from '@fastify/swagger';
import { Ajv } from 'ajv';
import fastify, { type FastifyInstance } from 'fastify';
import type { HttpConfiguration } from '#config/index.ts';
import { DEFAULT_HTTP_RATE } from '#config/index.ts';
import { dashboardRoutes } from './dashboard.ts';
import type { ApiParts } from './parts.ts';
import { ProblemError, pathOf, sendProblem } from './problem.ts';
import { actionRoutes } from './routes/actions.ts';
import { bindingRoutes } from './routes/bindings.ts';
import { captureRoutes } from './routes/captures.ts';
import { configurationRoutes } from './routes/configuration.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { historyRoutes } from './routes/history.ts';
import { metricRoutes } from './routes/metrics.ts';
import { viewRoutes } from './routes/views.ts';

/** Of a body in octets, where a route does not say otherwise. */
const BODY_MAXIMUM = 65_536;
const RATE_WINDOW_MS = 1000;
/** A client that sends its request more slowly is let go. */
const REQUEST_MS = 30_000;

/** Parameters come as text, and numbers and truths are read out of it; a body has types of its own, and `null` is not "". */
const TEXTS = new Ajv({ coerceTypes: true, useDefaults: false });
const BODIES = new Ajv();

/** The API without a socket: `routing` answers what a server receives. */
export async function createApi(parts: ApiParts, { rateLimit }: HttpConfiguration): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_MAXIMUM,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => sendProblem(request, reply, error),
    routerOptions: { maxParamLength: 500 },
  });
  // A page of somebody else's could send it without asking first.
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? BODIES : TEXTS).compile(schema));
  // What `show` says goes out as it is.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error: Error, request, reply) => {
    const sent = sendProblem(request, reply, error);
    if (reply.statusCode === 500)
      parts.log.error(
        { code: 'http-failed', stack: error.stack },
        `error of the program in an HTTP request: ${error.message}`,
      );
    return sent;
  });
  await app.register(fastifySwagger, { openapi: openApiOf(parts.node.version) });
  await app.register(fastifyRateLimit, {
    max: rateLimit ?? DEFAULT_HTTP_RATE,
    timeWindow: RATE_WINDOW_MS,
    cache: 1000,
    errorResponseBuilder: (_, { max }) =>
      new ProblemError('too-many-requests', `A client may make ${max} requests a second here`),
  });
  addHooks(app, parts);
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const allowed = (['GET', 'POST', 'PUT', 'DELETE'] as const).filter((method) => hasRoute(app, method, request.url));
    if (allowed.length === 0)
      return sendProblem(request, reply, new ProblemError('not-found', 'GET /api/v1/openapi.json lists what there is'));
    void reply.header('allow', allowed.join(', '));
    return sendProblem(
      request,
      reply,
      new ProblemError('method-not-allowed', `${allowed.join(' and ')} is possible here`),
    );
  });
  for (const routes of [
    healthRoutes,
    bindingRoutes,
    historyRoutes,
    viewRoutes,
    configurationRoutes,
    actionRoutes,
    captureRoutes,
    eventRoutes,
  ])
    await app.register((scope) => routes(scope, parts), { prefix: '/api/v1' });
  await app.register((scope) => metricRoutes(scope, parts));
  await app.register(dashboardRoutes);
  await app.ready();
  return app;
}

function addHooks(app: FastifyInstance, parts: ApiParts): void {
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('x-content-type-options', 'nosniff');
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (_request, { statusCode }) => {
    const status = `${Math.floor(statusCode / 100)}xx`;
    parts.requests.set(status, (parts.requests.get(status) ?? 0) + 1);
  });
  app.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const token = await parts.access.require(request, request.routeOptions.config.audience ?? 'read-write');
    if (token === undefined || request.method === 'GET') return;
    const [path, from] = [pathOf(request), request.ip];
    parts.log.info(
      { code: 'http-change', token, from, path },
      `${token} from ${from} asks for ${request.method} ${path}`,
    );
  });
}

function hasRoute(app: FastifyInstance, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string): boolean {
  return app.findRoute({ method, url: url.split('?', 1)[0] ?? '' }) !== null;
}

function openApiOf(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mooring',
      version,
      description:
        'Who is attached, with which address, and what just happened. Errors are problem documents of RFC 9457. Reading from the machine itself needs no token, unless "ip http authentication token" says so; writing always does.',
    },
    components: {
      securitySchemes: {
        token: { type: 'http' as const, scheme: 'bearer', description: 'A token of "ip http token"' },
      },
    },
    security: [{ token: [] }],
  };
}
