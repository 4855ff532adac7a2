import { choice, integer } from '../arguments.ts';
import { interfaceName } from '../interface-name.ts';
import type { Role3gmaConfiguration } from '../model.ts';
import { Rows } from '../rows.ts';

const rows = new Rows<Role3gmaConfiguration>();

const accessTypes = choice(
  [
    'virtual',
    'ppp',
    'ethernet',
    'wlan',
    'wimax',
    '3gppgeran',
    '3gpputran',
    '3gppeutran',
    '3gpp2ehrpd',
    '3gpp2hrpd',
    '3gpp21rtt',
    '3gpp2umb',
  ],
  'Radio access type',
);

/** Commands under `role 3gma` of an LMA. */
export const role3gmaCommands = [
  rows.entry({
    syntax: ['interface', interfaceName],
    help: 'Serve the packet gateways on an interface',
    list: 'interfaces',
    create: (interfaceName) => ({ name: interfaceName }),
    values: (entry) => [entry.name],
  }),
  rows.entry({
    syntax: ['rat', accessTypes, 'priority', integer(1, 255, 'Priority')],
    help: 'Set the priority of a radio access type',
    list: 'priorities',
    create: (accessTechnology, priority) => ({ accessTechnology, priority }),
    values: (entry) => [entry.accessTechnology, entry.priority],
  }),
];
