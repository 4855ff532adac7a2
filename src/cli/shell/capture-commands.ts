import { integer, keyword, name, optional, restOfLine } from '#config/index.ts';
import type { CaptureView } from '#daemon/capture/captures.ts';
import type { CapturedRow } from '#daemon/capture/requests.ts';
import { dissect } from '../decode-packet.ts';
import { summaryText } from '../decode-summary.ts';
import { instantText } from '../decode-text.ts';
import { treeText } from '../decode-tree.ts';
import { packetOf } from './capture-file.ts';
import { type Action, type ExecCommand, exec, toggle } from './exec-command.ts';

const capture = name('Name of the capture', 64);

/** Every `monitor capture` command, as IOS's embedded packet capture has them; what is captured is signalling. */
export const captureCommands: readonly ExecCommand[] = [
  toggle({
    syntax: ['monitor', 'capture', capture],
    help: 'Prepare a capture of signalling, or remove it',
    action: (on, of) => (on ? control(of, 'configure', { megabytes: 10, circular: true }) : control(of, 'remove')),
  }),
  exec({
    syntax: [
      'monitor',
      'capture',
      capture,
      'buffer',
      'size',
      integer(1, 100, 'Megabytes'),
      optional(keyword('circular', 'The oldest messages make room for new ones')),
    ],
    help: 'Set how much is kept; what was captured is gone',
    action: (of, megabytes, circular) => control(of, 'configure', { megabytes, circular: circular === true }),
  }),
  exec({
    syntax: ['monitor', 'capture', capture, 'start'],
    help: 'Capture from now on',
    action: (of) => control(of, 'start', {}, `Started capture point : ${of}\n`),
  }),
  exec({
    syntax: ['monitor', 'capture', capture, 'stop'],
    help: 'Capture no more',
    action: (of) => control(of, 'stop', {}, `Stopped capture point : ${of}\n`),
  }),
  exec({
    syntax: ['monitor', 'capture', capture, 'clear'],
    help: 'Forget what was captured',
    action: (of) => control(of, 'clear'),
  }),
  exec({
    syntax: ['monitor', 'capture', capture, 'export', restOfLine('File to write, on the machine of this shell')],
    help: 'Write what was captured as pcapng, for Wireshark',
    action: (of, file) => ({ kind: 'export', capture: of, file }),
  }),
  exec({
    syntax: ['show', 'monitor', 'capture'],
    help: 'Captures of signalling',
    action: () => ({
      kind: 'inquiry',
      request: { request: 'captures' },
      render: (result) => (result as readonly CaptureView[]).map(statusText).join('\n'),
    }),
  }),
  exec({
    syntax: ['show', 'monitor', 'capture', capture, 'buffer', optional(keyword('detailed', 'Decoded field by field'))],
    help: 'What was captured',
    action: (of, detailed) => ({ kind: 'captured', capture: of, detailed: detailed === true }),
  }),
];

/** One line for each message, or all its fields. */
export function capturedText(rows: readonly CapturedRow[], detailed: boolean): string {
  return rows.map((row, index) => (detailed ? detailedText(row, index) : briefText(row, index, rows[0]))).join('');
}

function briefText(row: CapturedRow, index: number, first = row): string {
  const since = ((row.at - first.at) / 1000).toFixed(6);
  return `${String(index).padStart(4)} ${since.padStart(12)}  ${summaryText(dissect(packetOf(row), 'ip'), undefined)}\n`;
}

function detailedText(row: CapturedRow, index: number): string {
  const time = instantText(Math.floor(row.at / 1000), Math.round((row.at % 1000) * 1e6));
  const heading = `Message ${index}, ${time}, ${row.direction}`;
  return `${treeText(heading, dissect(packetOf(row), 'ip'), { sections: false, fileOffset: undefined })}\n`;
}

function control(of: string, action: string, parameters: object = {}, text = ''): Action {
  return {
    kind: 'inquiry',
    request: { request: 'capture', name: of, action, ...parameters },
    render: () => text,
  };
}

function statusText({ name: of, active, circular, megabytes, octets, messages, lost }: CaptureView): string {
  return [
    `Status Information for Capture ${of}`,
    '  Target Type: signalling (Mobility Header)',
    `   Status : ${active ? 'Active' : 'Inactive'}`,
    '  Buffer Details:',
    `   Buffer Type: ${circular ? 'CIRCULAR' : 'LINEAR (default)'}`,
    `   Buffer Size (in MB): ${megabytes}`,
    `   Octets used: ${octets}`,
    `   Messages: ${messages}, not kept: ${lost}`,
    '',
  ].join('\n');
}
