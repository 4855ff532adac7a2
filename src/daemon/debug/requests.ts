import type { ControlRequest } from '../control-protocol.ts';
import { RequestError } from '../control-protocol.ts';
import type { Node } from '../node.ts';
import { optionalMac } from '../request-parameters.ts';
import { type DebugView, isDebugFlag } from './flags.ts';

/**
 * Switches debugging on or off: `flags`, the mobile node `mac`, or with neither and `on` false everything. Answers with what is on
 * afterwards. Throws `RequestError`.
 */
export function switchDebugging(node: Node, request: ControlRequest): DebugView {
  const { on, flags = [] } = request;
  const { tracer } = node.runtime;
  if (typeof on !== 'boolean') throw new RequestError('bad-request', '"on" must be true or false');
  if (!Array.isArray(flags) || !flags.every(isDebugFlag))
    throw new RequestError('bad-request', '"flags" must be a list of debug flags');
  const mac = optionalMac('mac', request.mac);
  if (mac && !tracer.switches.setClient(mac, on))
    throw new RequestError('refused', 'no more mobile nodes can be debugged at once; "undebug all" ends all debugging');
  for (const flag of flags) tracer.switches.set(flag, on);
  if (!on && !mac && flags.length === 0) tracer.clear();
  node.runtime.debug();
  return tracer.switches.view();
}
