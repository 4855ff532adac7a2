import { Transform, type TransformCallback } from 'node:stream';

const QUESTION_MARK = 0x3f;
const CONTROL_V = 0x16;
const CONTROL_Z = 0x1a;
const CONTROL_C = 0x03;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const DELETE = 0x7f;
const BACKSPACE = 0x08;
/** Octets of a password. */
const LONGEST_HIDDEN = 512;

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
  #hidden: { text: string; readonly resolve: (line: string) => void } | undefined;

  constructor(actions: KeyActions) {
    super();
    this.#actions = actions;
  }

  /** The next key, which the line editor does not see. */
  nextKey(): Promise<string> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next line, which neither the line editor nor the terminal shows. Empty when it is given up by control and C. */
  hiddenLine(): Promise<string> {
    return new Promise((resolve) => {
      this.#hidden = { text: '', resolve };
    });
  }

  #hide(octet: number): void {
    const hidden = this.#hidden as { text: string; resolve: (line: string) => void };
    const isOver = octet === CARRIAGE_RETURN || octet === LINE_FEED || octet === CONTROL_C;
    if (isOver) {
      this.#hidden = undefined;
      hidden.resolve(octet === CONTROL_C ? '' : Buffer.from(hidden.text, 'latin1').toString('utf8'));
    } else if (octet === DELETE || octet === BACKSPACE) hidden.text = hidden.text.slice(0, -1);
    else if (hidden.text.length < LONGEST_HIDDEN) hidden.text += String.fromCharCode(octet);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    const pass = (to: number) => {
      if (to > from) this.push(chunk.subarray(from, to));
      from = to + 1;
    };
    for (const [at, octet] of chunk.entries()) {
      const waiting = this.#hidden ? undefined : this.#waiting.shift();
      if (this.#hidden) {
        pass(at);
        this.#hide(octet);
      } else if (waiting) {
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
