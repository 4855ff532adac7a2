import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import { describeState, describeStatistics } from './describe.ts';
import type { Node } from './node.ts';
import { showData } from './show-data.ts';

/** Answers a request of the control socket in the packet worker. Throws `RequestError`. */
export function answerRequest(node: Node, request: ControlRequest): unknown {
  const handler = HANDLERS[request.request];
  if (handler) return handler(node, request);
  const known = ['ping', ...Object.keys(HANDLERS)].join(', ');
  throw new RequestError('unknown-request', `unknown request "${request.request}"; known are: ${known}`);
}

const HANDLERS: Record<string, (node: Node, request: ControlRequest) => unknown> = {
  show: showData,
  state: (node) => describeState(node),
  statistics: (node) => describeStatistics(node),
  'attach-timeline': (node) => node.runtime.outcome.timeline.rows(),
  'clear-bindings': (node, { nai }) => {
    if (nai !== undefined && typeof nai !== 'string') throw new RequestError('bad-request', '"nai" must be text');
    return { bindings: node.clearBindings(nai) };
  },
};
