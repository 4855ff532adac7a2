import type { Row, Syntax, Values } from '#config/index.ts';
import type { ControlRequest } from '#daemon/control-protocol.ts';
import type { ListText } from '../show/index.ts';

/** A command of EXEC mode. */
export interface ExecCommand extends Row {
  /** The least mode in which it may be given. */
  readonly mode: 'user' | 'privileged';
  /** Whether `no` before it means something. */
  readonly negatable: boolean;
  readonly action: (values: readonly unknown[], negated: boolean) => Action;
}

/** What a command of EXEC mode does. */
export type Action =
  | Inquiry
  | { readonly kind: 'enable' | 'disable' | 'leave' | 'configure' | 'history' }
  /** `terminal length`; 0 means that output is never paged. */
  | { readonly kind: 'length'; readonly lines: number }
  | { readonly kind: 'width'; readonly columns: number }
  /** Writes a capture to a file of the shell's machine; shows it. */
  | { readonly kind: 'export'; readonly capture: string; readonly file: string }
  | { readonly kind: 'captured'; readonly capture: string; readonly detailed: boolean }
  /** `terminal monitor`; with something that is asked of the daemon first. */
  | { readonly kind: 'monitor'; readonly on: boolean; readonly inquiry?: Inquiry };

/** A question to the daemon, or a wish. */
export interface Inquiry {
  readonly kind: 'inquiry';
  readonly request: ControlRequest;
  /** The answer as IOS prints it; ends with a line end unless it is empty. */
  readonly render: (result: unknown) => string;
  /** Its effect is seen only with `terminal monitor`, or in the log. */
  readonly watched?: true;
  /** The answer is a list, which is asked for in portions. */
  readonly list?: ListInquiry;
}

export interface ListInquiry {
  /** The text of the list, from its beginning. */
  readonly text: () => ListText<never>;
  /** What tells how many rows there are, where the list begins with that. */
  readonly count?: ControlRequest;
}

interface ExecRow<Parts extends Syntax> {
  readonly syntax: Parts;
  readonly also?: readonly Syntax[];
  readonly help: string;
  readonly mode?: ExecCommand['mode'];
}

/** A command whose `no` form means nothing. */
export function exec<const Parts extends Syntax>(
  row: ExecRow<Parts> & { action: (...values: Values<Parts>) => Action },
): ExecCommand {
  const { action, ...rest } = row;
  return {
    also: [],
    mode: 'privileged',
    keys: 0,
    negatable: false,
    ...rest,
    action: (values) => action(...(values as Values<Parts>)),
  };
}

/** A command that switches something on, and off in its `no` form. */
export function toggle<const Parts extends Syntax>(
  row: ExecRow<Parts> & { action: (on: boolean, ...values: Values<Parts>) => Action },
): ExecCommand {
  const { action, ...rest } = row;
  return {
    also: [],
    mode: 'privileged',
    keys: 0,
    negatable: true,
    ...rest,
    action: (values, negated) => action(!negated, ...(values as Values<Parts>)),
  };
}
