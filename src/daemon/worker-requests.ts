import { hostname } from 'node:os';
import { acceptsSsh, type Diagnostic, editConfiguration, printConfiguration } from '#config/index.ts';
import { assembleLogin } from './aaa/assemble-login.ts';
import { type BindingSelection, readSelection } from './binding-selection.ts';
import { controlCapture, readCaptured } from './capture/requests.ts';
import { clearBindings } from './clear-bindings.ts';
import { attachNode, detachNode } from './control-attachment.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import { debugView, switchDebugging } from './debug/requests.ts';
import { describeState, describeStatistics } from './describe.ts';
import { healthOf } from './health.ts';
import { named } from './named-nodes.ts';
import type { LmaInstance, MagInstance, Node } from './node.ts';
import { bindingChanges, bindingRows } from './observe/binding-index.ts';
import { describeMetrics } from './observe/metrics-view.ts';
import { bindingDetail, nodeHistory, nodeReadiness, switchEvents } from './observe/requests.ts';
import { listRows, showData } from './show-data.ts';
import { clearStats } from './show-stats.ts';
import { Sliced } from './sliced.ts';

/** Answers a request of the control socket in the packet worker; `Sliced` when that takes long. Throws `RequestError`. */
export function answerRequest(node: Node, request: ControlRequest): unknown {
  const handler = HANDLERS[request.request];
  if (handler) return handler(node, request);
  const known = ['ping', ...Object.keys(HANDLERS)].join(', ');
  throw new RequestError('unknown-request', `unknown request "${request.request}"; known are: ${known}`);
}

/** What became of one line of configuration. */
export type EditReply =
  | {
      readonly ok: true;
      readonly path: readonly string[];
      /** Name of the mode in which the next line is read. */
      readonly mode: string;
      readonly hostname: string;
      /** What is doubtful about the line, and what it means for what runs. */
      readonly messages: readonly string[];
    }
  | { readonly ok: false; readonly error: Diagnostic };

const HANDLERS: Record<string, (node: Node, request: ControlRequest) => unknown> = {
  show: showData,
  list: listRows,
  state: (node) => describeState(node),
  statistics: (node) => describeStatistics(node),
  health: healthOf,
  'attach-timeline': (node) => node.runtime.outcome.timeline.rows(),
  identity: ({ configuration }) => ({ hostname: configuration.hostname ?? hostname() }),
  operators: ({ configuration }) => ({
    hostname: configuration.hostname ?? hostname(),
    operators: configuration.operators,
    acceptsSsh: acceptsSsh(configuration),
    login: assembleLogin(configuration, configuration.hostname ?? hostname()),
  }),
  'configure-line': configureLine,
  reconfigure: (node, { text }) => {
    if (typeof text !== 'string') throw new RequestError('bad-request', '"text" must be text');
    return { messages: node.reconfigure(text) };
  },
  debug: switchDebugging,
  capture: controlCapture,
  captures: (node) => node.runtime.captures.view(),
  captured: readCaptured,
  debugging: debugView,
  'binding-changes': bindingChanges,
  'binding-rows': bindingRows,
  'binding-detail': bindingDetail,
  'node-history': nodeHistory,
  'switch-events': switchEvents,
  'take-events': (node) => node.runtime.journal.events.take(),
  readiness: nodeReadiness,
  metrics: describeMetrics,
  attach: attachNode,
  detach: detachNode,
  'clear-bindings': (node, request) => {
    const selection = readSelection(request);
    instancesOf(node, selection);
    return new Sliced(clearBindings(node, selection));
  },
  'clear-stats': (node, request) => {
    const instances = instancesOf(node, readSelection(request));
    for (const instance of instances) clearStats(node, instance);
    return { cleared: instances.map(({ config }) => config.name) };
  },
};

/** Reads `line` in the mode that the lines of `path` lead to, and puts what it says into force. */
function configureLine(node: Node, { path, line }: ControlRequest): EditReply {
  if (typeof line !== 'string' || line.includes('\n')) throw new RequestError('bad-request', '"line" must be one line');
  if (!Array.isArray(path) || !path.every((one) => typeof one === 'string'))
    throw new RequestError('bad-request', '"path" must be a list of lines');
  const text = printConfiguration(node.configuration);
  const edit = editConfiguration(text, path, line);
  if (!edit.ok) return edit;
  const consequences = edit.text === text ? [] : node.reconfigure(edit.text);
  return {
    ok: true,
    path: edit.path,
    mode: edit.mode.name,
    hostname: edit.configuration.hostname ?? hostname(),
    messages: [...edit.warnings.map(({ message }) => `Warning: ${message}`), ...consequences],
  };
}

/** The LMAs and MAGs that are meant. Throws `RequestError` when one is named that is not there. */
function instancesOf(node: Node, { role, node: name }: BindingSelection): (LmaInstance | MagInstance)[] {
  if (role === 'lma') return [...named(node.lmas, 'LMA', name)];
  if (role === 'mag') return [...named(node.mags, 'MAG', name)];
  return [...named([...node.lmas, ...node.mags], 'LMA or MAG', name)];
}
