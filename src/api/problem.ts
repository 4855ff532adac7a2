import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ControlErrorCode, RequestError } from '#daemon/control-protocol.ts';
import type { Problem } from './schemas/problem.ts';

export const PROBLEM_TYPE = 'application/problem+json';
const LONGEST_INSTANCE = 200;

/** Thrown by whoever answers a request, to answer with a problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly kind: ProblemKind;
  readonly errors: Problem['errors'];

  constructor(kind: ProblemKind, detail: string, errors?: Problem['errors']) {
    super(detail);
    this.kind = kind;
    this.errors = errors;
  }
}

export type ProblemKind = keyof typeof KINDS;

const KINDS = {
  'bad-request': [400, 'The request is wrong'],
  unauthorized: [401, 'A token is needed'],
  forbidden: [403, 'The token does not allow this'],
  'not-found': [404, 'There is no such thing'],
  'method-not-allowed': [405, 'The method is not one of this resource'],
  'not-acceptable': [406, 'It cannot be had in that form'],
  refused: [409, 'It cannot be done now'],
  'precondition-failed': [412, 'It has changed meanwhile'],
  'too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'The body is of no type that is read'],
  'invalid-configuration': [422, 'The configuration has mistakes'],
  'too-many-requests': [429, 'Too many requests'],
  internal: [500, 'An error of the program'],
  unavailable: [503, 'The node does not answer'],
} as const satisfies Record<string, readonly [number, string]>;

const OF_REQUEST: Readonly<Record<ControlErrorCode, ProblemKind>> = {
  'bad-request': 'bad-request',
  'unknown-request': 'not-found',
  'not-found': 'not-found',
  'no-answer': 'unavailable',
  refused: 'refused',
  'password-required': 'forbidden',
  forbidden: 'forbidden',
  internal: 'internal',
};

const OF_STATUS: Readonly<Record<number, ProblemKind>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
};

/** What a client is told of an error; of ours only that there was one, the log has the rest. */
export function problemOf(error: unknown): {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly errors?: Problem['errors'];
} {
  if (error instanceof ProblemError)
    return { kind: error.kind, detail: error.message, ...(error.errors && { errors: error.errors }) };
  if (error instanceof RequestError) {
    const kind = OF_REQUEST[error.code];
    return { kind, detail: kind === 'internal' ? "The daemon's log has it" : error.message };
  }
  const { statusCode = 500, message } = error as Partial<FastifyError>;
  if (statusCode >= 500) return { kind: 'internal', detail: "The daemon's log has it" };
  return { kind: OF_STATUS[statusCode] ?? 'bad-request', detail: message ?? '' };
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const { kind, detail, errors } = problemOf(error);
  const document = problemDocument(kind, detail, pathOf(request), errors);
  if (kind === 'unauthorized') void reply.header('www-authenticate', 'Bearer realm="mooring"');
  return reply.code(document.status).type(PROBLEM_TYPE).send(document);
}

export function problemDocument(
  kind: ProblemKind,
  detail: string,
  instance: string,
  errors?: Problem['errors'],
): Problem {
  const [status, title] = KINDS[kind];
  return { type: `urn:mooring:problem:${kind}`, title, status, detail, instance, ...(errors && { errors }) };
}

/** Without the query, which may hold names of mobile nodes. */
export function pathOf({ url }: FastifyRequest): string {
  return (url.split('?', 1)[0] ?? '').slice(0, LONGEST_INSTANCE);
}
