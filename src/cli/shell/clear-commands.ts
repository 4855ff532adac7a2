import { type Argument, macAddress, name, optional, type Syntax, type Values } from '#config/index.ts';
import { CommandError, ExitStatus } from '../exit-status.ts';
import { type ExecCommand, exec, type Inquiry } from './exec-command.ts';

const nai = name('Network Access Identifier of a mobile node', 253);
const mac = macAddress('Link-layer address of a mobile node');
const mag = name('Name or address of a MAG');

/** Every `clear` command. */
export const clearCommands: readonly ExecCommand[] = [
  ...nodeCommands('lma', name('Name of an LMA'), 'Revoke bindings of the local mobility anchor'),
  ...nodeCommands('mag', name('Name of a MAG'), 'De-register bindings of the mobile access gateway'),
  clear({
    syntax: ['clear', 'bindings', optional(nai)],
    help: 'End bindings: the LMA revokes them, the MAG de-registers them',
    ask: (mobileNode) => clearBindings({ nai: mobileNode }),
  }),
  clear({
    syntax: ['clear', 'logging'],
    help: 'Empty the buffer of "show logging"',
    ask: () => inquire('clear-logging', {}, () => ''),
  }),
];

function nodeCommands(role: 'lma' | 'mag', named: Argument<string>, help: string): ExecCommand[] {
  const start = ['clear', 'ipv6', 'mobile', 'pmipv6', role, optional(named)] as const;
  const withMag = clear({
    syntax: [...start, 'binding', 'mag', mag],
    help: `${help} with one MAG`,
    ask: (node, peer) => clearBindings({ role, node, mag: peer }),
  });
  return [
    clear({
      syntax: [...start, 'binding', 'all'],
      also: [[...start, 'binding']],
      help: `${help}, all of them`,
      ask: (node) => clearBindings({ role, node }),
    }),
    clear({
      syntax: [...start, 'binding', 'nai', nai],
      help: `${help} of one mobile node`,
      ask: (node, mobileNode) => clearBindings({ role, node, nai: mobileNode }),
    }),
    clear({
      syntax: [...start, 'binding', 'mac', mac],
      help: `${help} of one link-layer address`,
      ask: (node, address) => clearBindings({ role, node, mac: address.toCiscoString() }),
    }),
    ...(role === 'lma' ? [withMag] : []),
    clear({
      syntax: [...start, 'stats'],
      help: 'Have "show … stats" count from now on',
      ask: (node) => clearStats({ role, node }),
    }),
  ];
}

type Parameters = Readonly<Record<string, string | undefined>>;

function clearBindings(parameters: Parameters): Inquiry {
  const { nai: mobileNode, mac: address, mag: peer } = parameters;
  const named = mobileNode ?? address ?? peer;
  return inquire('clear-bindings', parameters, (result) => {
    const { bindings } = result as { bindings: number };
    if (named !== undefined && bindings === 0) throw new CommandError(ExitStatus.FAILED, `no binding of ${named}`);
    return `${bindings} ${bindings === 1 ? 'binding' : 'bindings'} told to end\n`;
  });
}

function clearStats(parameters: Parameters): Inquiry {
  return inquire('clear-stats', parameters, (result) => {
    const { cleared } = result as { cleared: readonly string[] };
    return `counters of ${cleared.join(', ') || 'nothing'} cleared\n`;
  });
}

function inquire(request: string, parameters: Parameters, render: Inquiry['render']): Inquiry {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return { kind: 'inquiry', request: { request, ...Object.fromEntries(given) }, render };
}

function clear<const Parts extends Syntax>(row: {
  syntax: Parts;
  also?: readonly Syntax[];
  help: string;
  ask: (...values: Values<Parts>) => Inquiry;
}): ExecCommand {
  const { ask, ...rest } = row;
  return exec({ ...rest, action: ask });
}
