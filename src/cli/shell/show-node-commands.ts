import { type Argument, keyword, name, optional, type Syntax } from '#config/index.ts';
import type { ShowQuery } from '../show/index.ts';
import type { ExecCommand } from './exec-command.ts';
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

/** `statistics`: further spellings of `stats`. */
function commonCommands(
  kind: 'lma' | 'mag',
  node: Argument<string>,
  what: string,
  peer: Argument<string>,
  statistics: readonly Syntax[],
): ExecCommand[] {
  const other = kind === 'lma' ? 'mag' : 'lma';
  const [, ...spellings] = spellingsOf(kind, node);
  const listed = ['show', 'ipv6', 'mobile', 'pmipv6', kind, optional(node)] as const;
  const query = (name: string) => `${kind}-${name}` as ShowQuery;
  return [
    show({
      syntax: [...listed, 'globals'],
      also: spellings.map((start): Syntax => [...start, 'globals']),
      help: `Configuration of the ${what}`,
      ask: (of) => inquire(query('globals'), { node: of }),
    }),
    show({
      syntax: [...listed, 'heartbeat', optional(other, peer)],
      also: spellings.map((start): Syntax => [...start, 'heartbeat', optional(other, peer)]),
      help: `Paths to the peers of the ${what}`,
      ask: (of, at) => inquire(query('heartbeat'), { node: of, [other]: at }),
    }),
    show({
      syntax: [...listed, 'stats'],
      also: [...spellings.map((start): Syntax => [...start, 'stats']), ...statistics],
      help: `Counters of the ${what}`,
      ask: (of) => inquire(query('stats'), { node: of }),
    }),
    show({
      syntax: [...listed, 'tunnel', optional(other, peer)],
      also: spellings.map((start): Syntax => [...start, 'tunnel', optional(other, peer)]),
      help: `Tunnels to the peers of the ${what}, with their traffic`,
      ask: (of, at) => inquire(query('tunnel'), { node: of, [other]: at }),
    }),
  ];
}

/** The guides leave out `pmipv6` or `mobile` here and there. The first is the one that is offered. */
function spellingsOf(kind: 'lma' | 'mag', node: Argument<string>): readonly Syntax[] {
  return [
    ['show', 'ipv6', 'mobile', 'pmipv6', kind, optional(node)],
    ['show', 'ipv6', 'mobile', kind, optional(node)],
    ['show', 'ipv6', 'pmipv6', kind, optional(node)],
  ];
}
