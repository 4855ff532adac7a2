import { type Argument, name, optional, type Syntax, type Values } from '#config/index.ts';
import { renderShow, type ShowQuery } from '../show/index.ts';
import { type ExecCommand, exec, type Inquiry } from './exec-command.ts';

const nai = name('Network Access Identifier of a mobile node', 253);
const lmaName = name('Name of an LMA');
const magName = name('Name of a MAG');

/** Every `show` command. The samples of the guides spell some of them in several ways. */
export const showCommands: readonly ExecCommand[] = [
  ...nodeCommands('lma', lmaName, 'local mobility anchor'),
  ...nodeCommands('mag', magName, 'mobile access gateway'),
  show({
    syntax: ['show', 'dataplane'],
    help: 'Forwarding of every binding, and dropped packets by reason',
    ask: () => inquire('dataplane'),
  }),
  show({
    syntax: ['show', 'logging'],
    help: 'The latest lines of the log',
    ask: () => inquire('logging'),
  }),
  show({
    syntax: ['show', 'running-config'],
    help: 'The configuration that is in force',
    mode: 'privileged',
    ask: () => inquire('running-config'),
  }),
  show({ syntax: ['show', 'version'], help: 'Versions of what runs', ask: () => inquire('version') }),
];

/** What is asked of one kind of node, for all nodes of that kind or for the one that is named. */
function nodeCommands(kind: 'lma' | 'mag', node: Argument<string>, what: string): ExecCommand[] {
  const start = ['show', 'ipv6', 'mobile', 'pmipv6', kind, optional(node)] as const;
  const binding = `Bindings of the ${what}`;
  return [
    show({
      syntax: [...start, 'binding', optional('nai', nai)],
      also: [[...start, 'bindings', optional('nai', nai)]],
      help: binding,
      ask: (of, mobileNode) => inquire(`${kind}-binding`, { node: of, nai: mobileNode }),
    }),
    show({
      syntax: [...start, 'globals'],
      help: `Configuration of the ${what}`,
      ask: (of) => inquire(`${kind}-globals`, { node: of }),
    }),
    show({
      syntax: [...start, 'heartbeat'],
      help: `Paths to the peers of the ${what}`,
      ask: (of) => inquire(`${kind}-heartbeat`, { node: of }),
    }),
    show({
      syntax: [...start, 'stats'],
      help: `Counters of the ${what}`,
      ask: (of) => inquire(`${kind}-stats`, { node: of }),
    }),
  ];
}

function show<const Parts extends Syntax>(row: {
  syntax: Parts;
  also?: readonly Syntax[];
  help: string;
  mode?: ExecCommand['mode'];
  ask: (...values: Values<Parts>) => Inquiry;
}): ExecCommand {
  const { ask, ...rest } = row;
  return exec({ mode: 'user', ...rest, action: ask });
}

function inquire(query: ShowQuery, parameters: Readonly<Record<string, unknown>> = {}): Inquiry {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return {
    kind: 'inquiry',
    request: { request: 'show', query, ...Object.fromEntries(given) },
    render: (result) => renderShow(query, result),
  };
}
