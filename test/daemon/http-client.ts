import { type ChildProcess, spawn } from 'node:child_process';

export interface Asked {
  readonly id: number;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The answer has no end: it is enough when it has this. */
  readonly until: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

interface Options {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text. */
  readonly body?: unknown;
  readonly until?: string;
}

/** An HTTP client in a network namespace. */
export class HttpClient {
  readonly #child: ChildProcess;
  readonly #base: string;
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #last = 0;

  constructor(namespace: string, base: string) {
    this.#base = base;
    const script = new URL('./http-client-process.ts', import.meta.url).pathname;
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, script], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', ({ id, error, ...answer }: Answer & { id: number; error?: string }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(error));
    });
  }

  /** `http://127.0.0.1:8081` */
  get origin(): string {
    return new URL(this.#base).origin;
  }

  /** `path` begins at the base, or is a whole URL. */
  ask(path: string, { method = 'GET', token, headers = {}, body, until }: Options = {}): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const asked: Asked = {
      id: ++this.#last,
      url: path.startsWith('http') ? path : this.#base + path,
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(text !== undefined && {
          'content-type': 'application/json',
          'content-length': `${Buffer.byteLength(text)}`,
        }),
        ...headers,
      },
      body: text,
      until,
    };
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject });
      this.#child.send(asked);
    });
  }

  /** The JSON of an answer that is 200. */
  async json<T>(path: string, options: Options = {}): Promise<T> {
    const { status, text } = await this.ask(path, options);
    if (status !== 200) throw new Error(`${status} for ${path}: ${text}`);
    return JSON.parse(text) as T;
  }

  close(): void {
    this.#child.kill();
  }
}
