import { Transform, type TransformCallback } from 'node:stream';

const QUESTION_MARK = 0x3f;
const CONTROL_V = 0x16;
const CONTROL_Z = 0x1a;

/** What keys do that no line editor knows. */
export interface KeyActions {
  /** `?`, not preceded by control and V. */
  help(): void;
  /** Control and Z. */
  end(): void;
}

/** Takes the keys out of a terminal's input that act at once, and all of them while a page waits for one. */
export class KeyFilter extends Transform {
  readonly #actions: KeyActions;
  readonly #waiting: ((key: string) => void)[] = [];
  #literal = false;

  constructor(actions: KeyActions) {
    super();
    this.#actions = actions;
  }

  /** The next key, which the line editor does not see. */
  nextKey(): Promise<string> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    const pass = (to: number) => {
      if (to > from) this.push(chunk.subarray(from, to));
      from = to + 1;
    };
    for (const [at, octet] of chunk.entries()) {
      const waiting = this.#waiting.shift();
      if (waiting) {
        pass(at);
        waiting(String.fromCharCode(octet));
      } else if (this.#literal) this.#literal = false;
      else if (octet === CONTROL_V) {
        pass(at);
        this.#literal = true;
      } else if (octet === QUESTION_MARK || octet === CONTROL_Z) {
        pass(at);
        // The line editor takes what was passed on in its own time.
        setImmediate(() => (octet === CONTROL_Z ? this.#actions.end() : this.#actions.help()));
      }
    }
    pass(chunk.length);
    done();
  }
}
