import type { AnyCommand, Command, Complaint, Context, Syntax, Values } from './command.ts';

/** The fields of `Owner` that can hold a `Value`. */
type FieldFor<Owner, Value> = { [K in keyof Owner]-?: Value extends Owner[K] ? K : never }[keyof Owner];
/** The fields of `Owner` that are lists. */
type ListField<Owner> = { [K in keyof Owner]-?: Owner[K] extends object[] ? K : never }[keyof Owner];
type Member<List> = List extends (infer Entry)[] ? Entry : never;

interface Common<Parts extends Syntax> {
  readonly syntax: Parts;
  readonly also?: readonly Syntax[];
  readonly help: string;
}

/** Builders of rows for a mode whose commands act on a `Target` inside a `Parent`. */
export class Rows<Target extends object, Parent = unknown> {
  /** Any command. */
  command<const Parts extends Syntax>(
    row: Common<Parts> &
      Omit<Command<Target, Values<Parts>, Parent>, 'syntax' | 'also' | 'help' | 'keys'> & { keys?: AnyCommand['keys'] },
  ): AnyCommand {
    return { also: [], keys: 0, ...row };
  }

  /** A command with one argument that is one field of the target. */
  field<const Parts extends Syntax, const Field extends FieldFor<Target, Values<Parts>[0]>>(
    row: Common<Parts> & {
      field: Field;
      default?: string;
      refuse?: (target: Target, value: Values<Parts>[0]) => Complaint | undefined;
      review?: (target: Target, context: Context<Parent>, value: Values<Parts>[0]) => Complaint | undefined;
    },
  ): AnyCommand {
    const { field, ...rest } = row;
    return {
      also: [],
      keys: 0,
      ...rest,
      set: (target: Target, value: Target[Field]) => {
        target[field] = value;
      },
      unset: (target: Target) => {
        delete target[field];
      },
      stored: (target: Target) => (target[field] === undefined ? [] : [[target[field]]]),
    };
  }

  /** A command without arguments that is a boolean field of the target. */
  flag<const Parts extends Syntax>(row: Common<Parts> & { field: FieldFor<Target, boolean> }): AnyCommand {
    const { field, ...rest } = row;
    const put = (value: boolean) => (target: Target) => {
      (target as Record<PropertyKey, unknown>)[field] = value;
    };
    return {
      also: [],
      keys: 0,
      ...rest,
      set: put(true),
      unset: put(false),
      stored: (target: Target) => (target[field] ? [[]] : []),
    };
  }

  /**
   * A command whose first argument (or first `keys`) names an entry of a list of the target; a second line with the same name replaces
   * the entry, or re-opens it when the command opens a mode.
   */
  entry<const Parts extends Syntax, const List extends ListField<Target>>(
    row: Common<Parts> & {
      list: List;
      keys?: number;
      create: (...values: Values<Parts>) => Member<Target[List]>;
      values: (entry: Member<Target[List]>) => Values<Parts>;
      opens?: string;
      refuse?: (target: Target, ...values: Values<Parts>) => Complaint | undefined;
      review?: (target: Target, context: Context<Parent>, ...values: Values<Parts>) => Complaint | undefined;
    },
  ): AnyCommand {
    const { list, keys = 1, create, values, opens, ...rest } = row;
    const entries = (target: Target) => target[list] as Member<Target[List]>[];
    const find = (target: Target, given: readonly unknown[]) =>
      position(entries(target), (entry) => sameKeys(values(entry), given, keys));
    const command: AnyCommand = {
      also: [],
      keys,
      ...rest,
      set: (target: Target, ...given: Values<Parts>) => {
        const at = find(target, given);
        if (at < 0) entries(target).push(create(...given));
        else if (!opens) entries(target)[at] = create(...given);
      },
      unset: (target: Target, ...given: unknown[]) => {
        const at = find(target, given);
        if (at >= 0) entries(target).splice(at, 1);
      },
      stored: (target: Target) => entries(target).map(values),
    };
    if (!opens) return command;
    const enter = (target: Target, ...given: Values<Parts>) => entries(target)[find(target, given)] as object;
    return { ...command, section: { opens, enter } };
  }
}

/** Where the last search in a list ended. Lists are gone through in order, so that the next one begins there. */
const searched = new WeakMap<object, number>();

function position<Entry>(list: readonly Entry[], fits: (entry: Entry) => boolean): number {
  const start = searched.get(list) ?? 0;
  for (let step = 0; step < list.length; step++) {
    const at = (start + step) % list.length;
    if (!fits(list[at] as Entry)) continue;
    searched.set(list, at);
    return at;
  }
  searched.set(list, list.length);
  return -1;
}

function sameKeys(values: readonly unknown[], given: readonly unknown[], keys: number): boolean {
  for (let i = 0; i < keys; i++) {
    const [a, b] = [values[i], given[i]];
    if (a !== b && (typeof a !== 'object' || String(a) !== String(b))) return false;
  }
  return true;
}

/** A command without arguments that opens a mode on an object which `field` of the target holds once it was entered. */
export function part<Target extends object, Field extends keyof Target>(row: {
  syntax: Syntax;
  help: string;
  field: Field;
  create: () => NonNullable<Target[Field]> & object;
  opens: string;
  review?: (target: Target, context: Context<unknown>) => Complaint | undefined;
}): AnyCommand {
  const { field, create, opens, ...rest } = row;
  return {
    also: [],
    keys: 0,
    ...rest,
    set: (target: Target) => {
      target[field] ??= create();
    },
    unset: (target: Target) => {
      delete target[field];
    },
    stored: (target: Target) => (target[field] === undefined ? [] : [[]]),
    section: { opens, enter: (target: Target) => target[field] as object },
  };
}

/** The same row for targets that hold the row's own target in a field. */
export function within<Target, Owner>(owner: (target: Target) => Owner, row: AnyCommand): AnyCommand {
  const { set, unset, stored, refuse, review, section } = row;
  return {
    ...row,
    set: (target: Target, ...values: unknown[]) => set(owner(target), ...values),
    unset: (target: Target, ...values: unknown[]) => unset(owner(target), ...values),
    stored: (target: Target) => stored(owner(target)),
    ...(refuse && { refuse: (target: Target, ...values: unknown[]) => refuse(owner(target), ...values) }),
    ...(review && {
      review: (target: Target, context: Context<unknown>, ...values: unknown[]) =>
        review(owner(target), context, ...values),
    }),
    ...(section && {
      section: { ...section, enter: (target: Target, ...values: unknown[]) => section.enter(owner(target), ...values) },
    }),
  };
}
