import { type Argument, keyword, name, optional, type Syntax } from '#config/index.ts';
import type { ExecCommand, Inquiry } from './exec-command.ts';
import { inquire, show } from './show-command.ts';

const nai = name('Network Access Identifier of a mobile node', 253);
const magPeer = name('Name or address of a MAG');
const lmaPeer = name('Name or address of an LMA');
const customer = name('Name of a customer of the LMA');
const count = keyword('count', 'Only how many there are');

/** What is asked of the LMAs and MAGs of the node: of all of a kind, or of the one that is named. */
export const nodeShowCommands: readonly ExecCommand[] = [...lmaCommands(), ...magCommands()];

function lmaCommands(): ExecCommand[] {
  const lma = name('Name of an LMA');
  const spellings = spellingsOf('lma', lma);
  const filters = [
    optional('nai', nai),
    optional('mag', magPeer),
    optional('customer', customer),
    optional(count),
  ] as const;
  const bindings = (start: Syntax, ...words: readonly string[]): Syntax => [...start, ...words, ...filters];
  return [
    show({
      syntax: ['show', 'ipv6', 'mobile', 'pmipv6', 'lma', optional(lma), 'binding', ...filters],
      also: [
        ...spellings.slice(1).map((start) => bindings(start, 'binding')),
        ...spellings.map((start) => bindings(start, 'bindings')),
        ...spellings.map((start) => bindings(start, 'bindings', 'info')),
        ['show', 'lma-service', 'session', optional(lma), ...filters],
        ['show', 'lma-service', 'sessions', optional(lma), ...filters],
      ],
      help: 'Bindings of the local mobility anchor',
      ask: (node, mobileNode, mag, of, number) =>
        inquire(number ? 'lma-binding-count' : 'lma-binding', { node, nai: mobileNode, mag, customer: of }),
    }),
    ...commonCommands('lma', lma, 'local mobility anchor', magPeer, [['show', 'lma', 'statistics', optional(lma)]]),
  ];
}

function magCommands(): ExecCommand[] {
  const mag = name('Name of a MAG');
  const spellings = spellingsOf('mag', mag);
  const filters = [optional('nai', nai), optional('lma', lmaPeer), optional(count)] as const;
  const bindings = (start: Syntax, ...words: readonly string[]): Syntax => [...start, ...words, ...filters];
  return [
    show({
      syntax: ['show', 'ipv6', 'mobile', 'pmipv6', 'mag', optional(mag), 'binding', ...filters],
      also: [
        ...spellings.slice(1).map((start) => bindings(start, 'binding')),
        ...spellings.map((start) => bindings(start, 'bindings')),
        ...spellings.map((start) => bindings(start, 'bindings', 'info')),
      ],
      help: 'Bindings of the mobile access gateway',
      ask: (node, mobileNode, lma, number) =>
        inquire(number ? 'mag-binding-count' : 'mag-binding', { node, nai: mobileNode, lma }),
    }),
    ...commonCommands('mag', mag, 'mobile access gateway', lmaPeer, []),
  ];
}

/** `statistics`: further spellings of `stats`. What is said of peers can be narrowed to those that serve a mobile node or customer. */
function commonCommands(
  kind: 'lma' | 'mag',
  node: Argument<string>,
  what: string,
  peer: Argument<string>,
  statistics: readonly Syntax[],
): ExecCommand[] {
  const other = kind === 'lma' ? 'mag' : 'lma';
  const spellings = spellingsOf(kind, node);
  const ofCustomer: Syntax = kind === 'lma' ? [optional('customer', customer)] : [];
  const filters: Syntax = [optional('nai', nai), optional(other, peer), ...ofCustomer, optional(count)];
  const command = (
    word: string,
    help: string,
    ask: (filter: PeerFilter, onlyCount: boolean) => Inquiry,
    also: readonly Syntax[] = [],
  ) =>
    show({
      syntax: ['show', 'ipv6', 'mobile', 'pmipv6', kind, optional(node), word, ...filters],
      also: [
        ...spellings.slice(1).map((start): Syntax => [...start, word, ...filters]),
        ...also.map((start): Syntax => [...start, ...filters]),
      ],
      help,
      ask: (...values: readonly unknown[]) => {
        const [of, mobileNode, at, ...more] = values as readonly (string | undefined)[];
        const filter = { node: of, nai: mobileNode, [other]: at, ...(kind === 'lma' && { customer: more[0] }) };
        return ask(filter, values[filters.length] !== undefined);
      },
    });
  return [
    command('globals', `Configuration of the ${what}`, (filter, onlyCount) =>
      counted(inquire(`${kind}-globals`, filter), onlyCount && 'peers'),
    ),
    command('heartbeat', `Paths to the peers of the ${what}`, (filter, onlyCount) =>
      counted(inquire(`${kind}-heartbeat`, filter), onlyCount && 'paths'),
    ),
    command(
      'stats',
      `Counters of the ${what}, or of what it exchanged with peers`,
      (filter, onlyCount) => {
        const { node: _, ...narrowed } = filter;
        const ofPeers = onlyCount || Object.values(narrowed).some((value) => value !== undefined);
        return counted(inquire(ofPeers ? `${kind}-peer-stats` : `${kind}-stats`, filter), onlyCount && 'peers');
      },
      statistics,
    ),
    command('tunnel', `Tunnels to the peers of the ${what}, with their traffic`, (filter, onlyCount) =>
      counted(inquire(`${kind}-tunnel`, filter), onlyCount && 'tunnels'),
    ),
  ];
}

type PeerFilter = Readonly<Record<string, string | undefined>>;

/** With `what`, only how many of them the nodes have. */
function counted(inquiry: Inquiry, what: 'peers' | 'paths' | 'tunnels' | false): Inquiry {
  if (!what) return inquiry;
  const render = (result: unknown) => {
    const nodes = result as readonly Readonly<Record<typeof what, readonly unknown[]>>[];
    return `\nTotal number of ${what}: ${nodes.reduce((sum, node) => sum + node[what].length, 0)}\n`;
  };
  return { ...inquiry, render };
}

/** The guides leave out `pmipv6` or `mobile` here and there. The first is the one that is offered. */
function spellingsOf(kind: 'lma' | 'mag', node: Argument<string>): readonly Syntax[] {
  return [
    ['show', 'ipv6', 'mobile', 'pmipv6', kind, optional(node)],
    ['show', 'ipv6', 'mobile', kind, optional(node)],
    ['show', 'ipv6', 'pmipv6', kind, optional(node)],
  ];
}
