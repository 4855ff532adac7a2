import { closeSync, openSync, readSync } from 'node:fs';
import { CommandError, ExitStatus } from './exit-status.ts';

/** A configuration with thousands of profiles has some hundred thousand octets. */
const OCTETS_MAXIMUM = 4 << 20;

/** The text of a configuration file. Throws `CommandError` when it cannot be read, or is no text. */
export function readText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.length > OCTETS_MAXIMUM) {
    throw new CommandError(
      ExitStatus.FAILED,
      `${file} is too large for a configuration: more than ${OCTETS_MAXIMUM} octets`,
    );
  }
  if (bytes.includes(0)) throw new CommandError(ExitStatus.FAILED, `${file} is not a configuration: it is not text`);
  return bytes.toString('utf8');
}

/** One octet too many tells that there are more. */
function readBytes(file: string): Buffer {
  const buffer = Buffer.alloc(OCTETS_MAXIMUM + 1);
  try {
    const fd = openSync(file, 'r');
    try {
      let length = 0;
      for (let count = -1; count !== 0; length += count)
        count = readSync(fd, buffer, length, buffer.length - length, null);
      return buffer.subarray(0, length);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new CommandError(ExitStatus.FAILED, `cannot read ${file}: ${reasonOf(cause as NodeJS.ErrnoException)}`, {
      cause,
    });
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'no permission';
  return message;
}
