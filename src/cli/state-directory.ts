import { basename, join } from 'node:path';
import { DEFAULT_CONTROL_PATH } from '#daemon/control-protocol.ts';

const STATE_DIRECTORY = '/var/lib/mooring';

/**
 * Where the node of these options keeps its bindings; `undefined`: nowhere. Nodes that share a machine have a control socket each, and by
 * its name a directory.
 */
export function stateDirectory({ state, control }: { readonly state?: string; readonly control: string }) {
  if (state === 'memory') return undefined;
  if (state !== undefined) return state;
  return control === DEFAULT_CONTROL_PATH ? STATE_DIRECTORY : join(STATE_DIRECTORY, basename(control, '.sock'));
}
