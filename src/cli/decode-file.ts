/** Files and the standard input, read whole. */
import { readFileSync, readSync } from 'node:fs';
import { concatBytes } from '#base/bytes.ts';

const STANDARD_INPUT = 0;
const CHUNK = 65_536;
const PAUSE_MS = 5;

/** `-` is the standard input. Throws the system's error, which `readFailure` explains. */
export function readWhole(file: string): Uint8Array {
  return file === '-' ? readStandardInput() : readFileSync(file);
}

/** Why `readWhole` threw, where the file was to hold `what`. */
export function readFailure(error: NodeJS.ErrnoException, what: string): string {
  if (error.code === 'EISDIR') return `is a directory, not ${what} (offset 0)`;
  if (error.code === 'EACCES') return 'may not be read (offset 0)';
  if (error.code === 'ENOENT') return 'no such file';
  return `cannot be read: ${error.message}`;
}

/** A pipe that does not block has nothing yet when it says EAGAIN; `readFileSync` takes that for an error. */
function readStandardInput(): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    try {
      const length = readSync(STANDARD_INPUT, chunk);
      if (length === 0) return concatBytes(...chunks);
      chunks.push(chunk.subarray(0, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
