/** Requests that an OpenAPI document allows, and many that it does not. */
import fc from 'fast-check';

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly bodyFields: readonly string[] | undefined;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, PathItem>>>>;
}

interface PathItem {
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties?: object } }>>;
  };
  readonly responses: Operation['responses'];
}

export interface FuzzedRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, item]) => {
      const schema = item.requestBody?.content['application/json']?.schema;
      return {
        method: method.toUpperCase(),
        path,
        parameters: item.parameters ?? [],
        bodyFields: schema && Object.keys(schema.properties ?? {}),
        responses: item.responses,
      };
    }),
  );
}

const junkText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '../../etc/passwd',
    '%',
    '%zz',
    "' OR 1=1 --",
    '__proto__',
    'constructor',
    '1e999',
    '-1',
    'NaN',
    '{}',
    '[]',
  ),
  fc.constantFrom(
    'x'.repeat(300),
    'x'.repeat(3000),
    '9'.repeat(30),
    '2001:db8::',
    'lma:lma1/1',
    'mag:M1/00:24:d7:8e:21:a4',
  ),
);
const junkValue = fc.oneof(junkText, fc.jsonValue({ maxDepth: 3 }), fc.integer(), fc.double());

/** A request for this operation in which anything may be wrong. */
export function fuzzed({ method, path, parameters, bodyFields }: Operation): fc.Arbitrary<FuzzedRequest> {
  const names = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const query = fc.uniqueArray(fc.tuple(fc.oneof(fc.constantFrom('', ...names), junkText), junkText), {
    maxLength: 4,
    selector: ([name]) => name,
  });
  const segments = fc.array(junkText, { minLength: 4, maxLength: 4 });
  return fc.record({ query, segments, body: bodyOf(bodyFields), type: contentType }).map((drawn) => {
    let next = 0;
    const filled = path.replace(/\{\w+\}/g, () => encoded(drawn.segments[next++] ?? '') || '-');
    const search = drawn.query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
    return {
      method,
      path: search === '' ? filled : `${filled}?${search}`,
      headers: { 'content-type': drawn.type },
      body: method === 'GET' ? undefined : drawn.body,
    };
  });
}

const contentType = fc.oneof(
  { weight: 6, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/xml',
      'x',
      'multipart/form-data',
      'application/json; charset=ebcdic',
    ),
  },
);

/** Text of a configuration has a mistake: a right one would end the server that is tested. */
function bodyOf(fields: readonly string[] = []): fc.Arbitrary<string | undefined> {
  const field = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('text', ...fields) },
    { weight: 1, arbitrary: junkText },
  );
  const object = fc
    .array(fc.tuple(field, junkValue), { maxLength: 4 })
    .map((entries) =>
      Object.fromEntries(entries.map(([name, value]) => [name, name === 'text' ? mistaken(value) : value])),
    );
  return fc.oneof(
    object.map((value) => JSON.stringify(value)),
    junkValue.map((value) => JSON.stringify(value)),
    fc.constantFrom(
      undefined,
      '',
      '{',
      '[1,',
      '{"text":',
      'null',
      '\u{1F600}',
      `{"nai":"${'x'.repeat(100_000)}"}`,
      '['.repeat(5000),
    ),
  );
}

function mistaken(value: unknown): unknown {
  return typeof value === 'object' ? value : `frobnicate ${value}`;
}

/** Lone surrogates, which cannot be encoded, are left out. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
