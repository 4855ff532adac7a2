import { describe, expect, it } from 'vitest';
import { privilegedTable } from '#cli/shell/exec-commands.ts';
import { readExecLine } from '#cli/shell/exec-line.ts';
import { requireAuthority } from '#daemon/authority.ts';
import { lineOf, sampleLines } from '../config/sample-lines.ts';

/** Every command that asks the daemon for something, with its least mode. */
const inquiries = privilegedTable.commands.flatMap((command) => {
  const line = lineOf(sampleLines(command)[0] ?? []);
  const read = readExecLine(line, privilegedTable, 0);
  return read.ok && read.action.kind === 'inquiry' ? [{ line, mode: command.mode, request: read.action.request }] : [];
});

describe('the daemon', () => {
  it.each(inquiries)('lets those in $mode mode ask for "$line", and nobody below', ({ mode, request }) => {
    expect(() => requireAuthority(request, 'privileged')).not.toThrow();
    if (mode === 'user') expect(() => requireAuthority(request, 'user')).not.toThrow();
    else expect(() => requireAuthority(request, 'user')).toThrow('needs privileged mode');
  });

  it.each(['monitor', 'configure-line', 'reconfigure', 'attach', 'detach', 'captured', 'made-up'])(
    'takes the request "%s" in privileged mode alone',
    (request) => {
      expect(() => requireAuthority({ request }, 'user')).toThrow('needs privileged mode');
    },
  );
});
