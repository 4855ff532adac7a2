import { integer, optional, type Table } from '#config/index.ts';
import { captureCommands } from './capture-commands.ts';
import { clearCommands } from './clear-commands.ts';
import { debugCommands } from './debug-commands.ts';
import { type ExecCommand, exec } from './exec-command.ts';
import { showCommands } from './show-commands.ts';

const LONGEST_PAGE = 512;
const WIDEST = 512;

const control: readonly ExecCommand[] = [
  exec({
    syntax: ['enable'],
    help: 'Go to privileged mode',
    mode: 'user',
    action: () => ({ kind: 'enable' }),
  }),
  exec({ syntax: ['disable'], help: 'Go back to user mode', mode: 'user', action: () => ({ kind: 'disable' }) }),
  exec({
    syntax: ['exit'],
    also: [['logout'], ['quit']],
    help: 'Leave the shell',
    mode: 'user',
    action: () => ({ kind: 'leave' }),
  }),
  exec({
    syntax: ['configure', optional('terminal')],
    help: 'Change the configuration',
    action: () => ({ kind: 'configure' }),
  }),
  exec({
    syntax: ['terminal', 'length', integer(0, LONGEST_PAGE, 'Lines of a page; 0 for no paging')],
    help: 'Set how many lines are shown at a time',
    mode: 'user',
    action: (lines) => ({ kind: 'length', lines }),
  }),
  exec({
    syntax: ['terminal', 'width', integer(20, WIDEST, 'Columns')],
    help: 'Set how many columns the terminal has',
    mode: 'user',
    action: (columns) => ({ kind: 'width', columns }),
  }),
  exec({
    syntax: ['show', 'history'],
    help: 'The latest commands of this session',
    mode: 'user',
    action: () => ({ kind: 'history' }),
  }),
  exec({
    syntax: ['crypto', 'key', 'generate', 'rsa', optional('modulus', integer(2048, 4096, 'Bits'))],
    help: 'Make a new host key for SSH',
    action: (bits) => ({
      kind: 'inquiry',
      request: { request: 'generate-key', ...(bits !== undefined && { bits }) },
      render: (result) =>
        `% Generated RSA keys of ${(result as { bits: number }).bits} bits; clients will ask whether to trust it\n`,
    }),
  }),
  exec({
    syntax: ['crypto', 'key', 'zeroize', 'rsa'],
    help: 'Remove the host key of SSH; a new one is made when it is needed',
    action: () => ({ kind: 'inquiry', request: { request: 'zeroize-key' }, render: () => '' }),
  }),
  exec({
    syntax: ['write', optional('memory')],
    also: [['copy', 'running-config', 'startup-config']],
    help: 'Keep the running configuration for the next start',
    action: () => ({
      kind: 'inquiry',
      request: { request: 'write-memory' },
      render: (result) => `Building configuration...\n[OK] ${(result as { file: string }).file}\n`,
    }),
  }),
];

/** The commands of EXEC mode; those of `mode` privileged are not known in user mode. */
export const privilegedTable: Table<ExecCommand> = {
  commands: [...control, ...showCommands, ...clearCommands, ...debugCommands, ...captureCommands],
};
export const userTable: Table<ExecCommand> = {
  commands: privilegedTable.commands.filter(({ mode }) => mode === 'user'),
};
