import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';

/** Where `npm run build` puts the page. */
const BUILT = fileURLToPath(new URL('../../web/dist/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page may load what comes from here, in files of their own, and nothing else; nobody may frame it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

interface BuiltFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
  /** Has a fingerprint in its name, so that it never changes. */
  readonly constant: boolean;
}

/** The dashboard: open to anybody, as it shows nothing without the API. `directory` has the built page. */
export async function dashboardRoutes(app: FastifyInstance, { directory = BUILT } = {}): Promise<void> {
  const files = readBuilt(directory);
  const hidden = { config: { audience: 'anybody' }, schema: { hide: true } } as const;
  if (files.size === 0) {
    app.get('/', hidden, () => {
      throw new ProblemError(
        'not-found',
        'The dashboard is not built: "npm run build" does it; the API is at /api/v1/',
      );
    });
    return;
  }
  for (const [path, file] of files)
    app.get(path === '/index.html' ? '/' : path, hidden, (request, reply) => send(request, reply, file));
}

function send({ headers }: FastifyRequest, reply: FastifyReply, file: BuiltFile): FastifyReply {
  const { type, plain, gzip, etag, constant } = file;
  void reply
    .headers(HEADERS)
    .header('cache-control', constant ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('vary', 'accept-encoding')
    .header('etag', etag);
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  void reply.type(type);
  if (!/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return reply.send(plain);
  return reply.header('content-encoding', 'gzip').send(gzip);
}

/** By path; empty when nothing is built. */
function readBuilt(directory: string): Map<string, BuiltFile> {
  if (!existsSync(join(directory, 'index.html'))) return new Map();
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return new Map(
    names.flatMap((name) => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const plain = readFileSync(join(directory, name));
      const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
      return [
        [`/${name}`, { type, plain, gzip: gzipSync(plain), etag, constant: name.startsWith('assets/') }] as const,
      ];
    }),
  );
}
