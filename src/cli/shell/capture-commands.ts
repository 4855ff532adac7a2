import { integer, keyword, macAddress, name, optional, restOfLine } from '#config/index.ts';
import { packetOf } from '#daemon/capture/capture-file.ts';
import type { CaptureView } from '#daemon/capture/captures.ts';
import {
  type CapturedPacketRow,
  type CapturedRow,
  LENGTHS,
  MEGABYTES_MAXIMUM,
  RATE_MAXIMUM,
} from '#daemon/capture/requests.ts';
import { readIpHeader } from '#dataplane/ip-packet.ts';
import { dissect } from '../decode-packet.ts';
import { summaryText } from '../decode-summary.ts';
import { instantText } from '../decode-text.ts';
import { treeText } from '../decode-tree.ts';
import { type Action, type ExecCommand, exec, toggle } from './exec-command.ts';

const capture = name('Name of the capture', 64);
const nai = name('Network Access Identifier of a mobile node', 253);
const mac = macAddress('Link-layer address of a mobile node');

/** Every `monitor capture` command, as IOS's embedded packet capture has them; what is captured is signalling, and the data of a mobile node. */
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
      integer(1, MEGABYTES_MAXIMUM, 'Megabytes'),
      optional(keyword('circular', 'The oldest messages make room for new ones')),
    ],
    help: 'Set how much is kept; what was captured is gone',
    action: (of, megabytes, circular) => control(of, 'configure', { megabytes, circular: circular === true }),
  }),
  toggle({
    syntax: ['monitor', 'capture', capture, 'mobile-node', 'nai', nai],
    help: 'Capture the data of the mobile node of this name too, or no data',
    action: (on, of, mobileNode) => control(of, 'take', on ? { nai: mobileNode } : {}),
  }),
  toggle({
    syntax: ['monitor', 'capture', capture, 'mobile-node', 'mac', mac],
    help: 'Capture the data of the mobile node of this link-layer address too, or no data',
    action: (on, of, address) => control(of, 'take', on ? { mac: `${address}` } : {}),
  }),
  toggle({
    syntax: [
      ...(['monitor', 'capture', capture, 'limit'] as const),
      ...(['pps', integer(1, RATE_MAXIMUM, 'Packets of data a second')] as const),
      optional('packet-len', integer(...LENGTHS, 'Octets of each packet')),
    ],
    help: 'Set how much data is captured',
    action: (on, of, rate, length) => control(of, 'limit', on ? { rate, length } : {}),
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
  ...debugCapture(),
  exec({
    syntax: ['show', 'monitor', 'capture'],
    help: 'Captures of signalling and data',
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

/** The same by way of `debug`: signalling into a capture, and the data of a mobile node with it. */
function debugCapture(): ExecCommand[] {
  const words = ['ipv6', 'mobile', 'packets', 'capture', capture] as const;
  const help = 'Signalling, into a capture';
  const withData = "Signalling and a mobile node's data, into a capture";
  const begin = (of: string, mobileNode: object = {}) =>
    control(of, 'start', mobileNode, `Started capture point : ${of}\n`);
  const end = (of: string) => control(of, 'stop', {}, `Stopped capture point : ${of}\n`);
  return [
    toggle({
      syntax: ['debug', ...words],
      help,
      action: (on, of) => (on ? begin(of) : end(of)),
    }),
    toggle({
      syntax: ['debug', ...words, 'nai', nai],
      help: withData,
      action: (on, of, mobileNode) => (on ? begin(of, { nai: mobileNode }) : end(of)),
    }),
    toggle({
      syntax: ['debug', ...words, 'mac', mac],
      help: withData,
      action: (on, of, address) => (on ? begin(of, { mac: `${address}` }) : end(of)),
    }),
    exec({ syntax: ['undebug', ...words], help, action: end }),
  ];
}

/** One line for each message and packet, or all its fields. */
export function capturedText(rows: readonly CapturedRow[], detailed: boolean): string {
  return rows.map((row, index) => (detailed ? detailedText(row, index) : briefText(row, index, rows[0]))).join('');
}

function briefText(row: CapturedRow, index: number, first = row): string {
  const since = ((row.at - first.at) / 1000).toFixed(6);
  const what = row.kind === 'packet' ? packetText(row) : summaryText(dissect(packetOf(row), 'ip'), undefined);
  return `${String(index).padStart(4)} ${since.padStart(12)}  ${what}\n`;
}

function detailedText(row: CapturedRow, index: number): string {
  const time = instantText(Math.floor(row.at / 1000), Math.round((row.at % 1000) * 1e6));
  const heading = `${row.kind === 'packet' ? 'Packet' : 'Message'} ${index}, ${time}, ${row.direction}`;
  const octets = packetOf(row);
  // Of a packet whose end was not kept no decoder could say more.
  if (row.kind === 'packet' && octets.length < row.length) return `${heading}\n    ${packetText(row)}\n\n`;
  return `${treeText(heading, dissect(octets, 'ip'), { sections: false, fileOffset: undefined })}\n`;
}

function packetText(row: CapturedPacketRow): string {
  const header = readIpHeader(packetOf(row));
  const ends = header ? `${header.source} → ${header.destination}  ` : '';
  const what = row.tunnelled ? 'data in a tunnel' : 'data';
  return `${ends}${what}, ${row.length} octets, ${row.direction} on ${row.interface}`;
}

function control(of: string, action: string, parameters: object = {}, text = ''): Action {
  return {
    kind: 'inquiry',
    request: { request: 'capture', name: of, action, ...parameters },
    render: () => text,
  };
}

function statusText(view: CaptureView): string {
  const { name: of, active, circular, megabytes, octets, messages, lost } = view;
  return [
    `Status Information for Capture ${of}`,
    '  Target Type: signalling (Mobility Header)',
    ...dataText(view),
    `   Status : ${active ? 'Active' : 'Inactive'}`,
    '  Buffer Details:',
    `   Buffer Type: ${circular ? 'CIRCULAR' : 'LINEAR (default)'}`,
    `   Buffer Size (in MB): ${megabytes}`,
    `   Octets used: ${octets}`,
    `   Messages: ${messages}, not kept: ${lost}`,
    '',
  ].join('\n');
}

function dataText({ mobileNode, packets, packetsPerSecond, packetLength }: CaptureView): string[] {
  if (!mobileNode) return [];
  const who = 'nai' in mobileNode ? `nai ${mobileNode.nai}` : `mac ${mobileNode.mac}`;
  return [
    `  Mobile node: ${who}, packets: ${packets}`,
    `   Limit: ${packetsPerSecond} packets per second, ${packetLength} octets of each`,
  ];
}
