import { restOfLine } from '../arguments.ts';
import type { VrfConfiguration } from '../model.ts';
import { Rows } from '../rows.ts';

export const vrfCommands = [
  new Rows<VrfConfiguration>().field({
    syntax: ['description', restOfLine('Text for the operator')],
    help: 'Describe the VRF',
    field: 'description',
  }),
];
