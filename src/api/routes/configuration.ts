import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { parseConfiguration } from '#config/index.ts';
import type { ApiParts } from '../parts.ts';
import { ProblemError } from '../problem.ts';
import {
  applied,
  CONFIGURATION_MAXIMUM,
  type ConfigurationText,
  checkReport,
  configuration,
  configurationText,
} from '../schemas/configuration.ts';
import { route } from './route.ts';
import { show } from './views.ts';

/** A character may be six octets of JSON. */
const BODY_MAXIMUM = 2 * CONFIGURATION_MAXIMUM;

export async function configurationRoutes(app: FastifyInstance, { node }: ApiParts): Promise<void> {
  const common = { tag: 'configuration', audience: 'read-write' } as const;
  const running = async () => (await show<{ readonly text: string }>(node, 'running-config')).text;
  app.get(
    '/configuration',
    route({
      ...common,
      id: 'getConfiguration',
      summary:
        'The running configuration, with the keys that it has: as text where text/plain is accepted, as JSON otherwise',
      answer: configuration,
    }),
    async (request, reply) => {
      const text = await running();
      void reply.header('etag', entityTag(text));
      if (/^text\/plain\b/.test(request.headers.accept ?? ''))
        return reply.type('text/plain; charset=utf-8').serializer(String).send(text);
      return { text, commands: commandsOf(text) };
    },
  );
  app.post<{ Body: ConfigurationText }>(
    '/configuration/check',
    {
      ...route({
        ...common,
        id: 'checkConfiguration',
        summary: 'Says what is wrong with a configuration, and changes nothing',
        body: configurationText,
        answer: checkReport,
      }),
      bodyLimit: BODY_MAXIMUM,
    },
    async ({ body }) => {
      const diagnostics = diagnosticsOf(body.text);
      return { valid: diagnostics.every(({ severity }) => severity !== 'error'), diagnostics };
    },
  );
  app.put<{ Body: ConfigurationText }>(
    '/configuration',
    {
      ...route({
        ...common,
        id: 'applyConfiguration',
        summary:
          'Puts a configuration into force, all of it or nothing; with If-Match only if the running one is still that of the ETag',
        body: configurationText,
        answer: applied,
      }),
      bodyLimit: BODY_MAXIMUM,
    },
    async ({ body, headers }) => {
      const errors = diagnosticsOf(body.text).filter(({ severity }) => severity === 'error');
      if (errors.length > 0) {
        const told = errors.map(({ line, column, message }) => ({ line, column, message }));
        throw new ProblemError('invalid-configuration', `Nothing was changed: ${errors.length} mistakes`, told);
      }
      const expected = headers['if-match'];
      if (expected !== undefined && expected !== '*' && expected !== entityTag(await running()))
        throw new ProblemError('precondition-failed', 'The running configuration is not the one of If-Match any more');
      return node.ask({ request: 'reconfigure', text: body.text });
    },
  );
}

function diagnosticsOf(text: string) {
  const { diagnostics } = parseConfiguration(text);
  return diagnostics.map(({ severity, line, column, message }) => ({ severity, line, column, message }));
}

function entityTag(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

interface Section {
  readonly command: string;
  commands?: Section[];
}

/** The lines, each with those that are indented further below it. */
function commandsOf(text: string): Section[] {
  const top: Section[] = [];
  const open: { readonly indent: number; readonly list: Section[] }[] = [{ indent: 0, list: top }];
  for (const line of text.split('\n')) {
    const command = line.trim();
    if (command === '' || command === '!' || command === 'end') continue;
    const indent = line.length - line.trimStart().length;
    while (open.length > 1 && (open.at(-1)?.indent ?? 0) > indent) open.pop();
    let level = open.at(-1) as (typeof open)[number];
    const opener = level.list.at(-1);
    if (indent > level.indent && opener) {
      opener.commands = [];
      level = { indent, list: opener.commands };
      open.push(level);
    }
    level.list.push({ command });
  }
  return top;
}
