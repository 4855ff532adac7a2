export type { Backend } from './backend.ts';
export { monitorText } from './monitor-text.ts';
export type { Reply, SessionOptions } from './session.ts';
export { ShellSession } from './session.ts';
export type { TerminalStreams } from './terminal.ts';
export { runLines, runTerminal } from './terminal.ts';
