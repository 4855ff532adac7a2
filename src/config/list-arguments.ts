import type { Method } from './aaa.ts';
import type { Argument } from './argument.ts';
import type { LinkTypes } from './multipath.ts';

const METHOD_LIMIT = 4;
const LABEL_LIMIT = 8;

/** `group NAME`, `local` and `none`, in the order in which they are tried. */
export function methodList(help: string): Argument<Method[]> {
  return {
    label: 'METHOD',
    help,
    choices: ['group', 'local', 'none'],
    read(words) {
      const methods: Method[] = [];
      for (let at = 0; at < words.length; at++) {
        const word = words[at]?.text.toLowerCase() ?? '';
        const group = words[at + 1]?.text;
        if (methods.length === METHOD_LIMIT) return { ok: false, problem: 'is one method too many', at };
        if (word === 'none' || word === 'local') methods.push({ kind: word });
        else if (word !== 'group') return { ok: false, problem: 'is none of these', at };
        else if (group === undefined) return incomplete('WORD', 'Name of a server group');
        else methods.push({ kind: 'group', group: words[++at]?.text ?? group });
      }
      return { ok: true, value: methods, used: words.length };
    },
    format: (methods) =>
      methods.map((method) => (method.kind === 'group' ? `group ${method.group}` : method.kind)).join(' '),
  };
}

/** Labels of links, and `null` last where packets are to be dropped when there is none of them. */
export function linkTypes(help: string): Argument<LinkTypes> {
  return {
    label: 'WORD',
    help,
    choices: ['null'],
    free: 'WORD',
    read(words) {
      const labels = words.map(({ text }) => text);
      const orDrop = labels.at(-1)?.toLowerCase() === 'null';
      if (orDrop) labels.pop();
      const early = labels.findIndex((label) => label.toLowerCase() === 'null');
      if (early >= 0) return { ok: false, problem: 'can only stand last', at: early };
      if (labels.length > LABEL_LIMIT) return { ok: false, problem: 'is one link too many', at: LABEL_LIMIT };
      return { ok: true, value: { labels, orDrop }, used: words.length };
    },
    format: ({ labels, orDrop }) => [...labels, ...(orDrop ? ['null'] : [])].join(' '),
  };
}

/** Up to `limit` values of one kind, one or more. */
export function several<Value>(one: Argument<Value>, limit: number): Argument<Value[]> {
  return {
    label: one.label,
    help: one.help,
    read(words, line) {
      const values: Value[] = [];
      for (let at = 0; at < words.length; ) {
        if (values.length === limit) return { ok: false, problem: 'is one too many', at };
        const reading = one.read(words.slice(at), line);
        if (!reading.ok) return { ...reading, at: at + (reading.at ?? 0) };
        values.push(reading.value);
        at += reading.used;
      }
      return { ok: true, value: values, used: words.length };
    },
    format: (values) => values.map((value) => one.format(value)).join(' '),
  };
}

function incomplete(word: string, help: string) {
  return { ok: false, problem: 'is not all', incomplete: true, expected: [{ word, help }] } as const;
}
