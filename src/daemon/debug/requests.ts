import { linuxInterfaceOf } from '../assemble-vlan.ts';
import type { ControlRequest } from '../control-protocol.ts';
import { RequestError } from '../control-protocol.ts';
import type { Node } from '../node.ts';
import { optionalMac } from '../request-parameters.ts';
import { type DebugView, isDebugFlag, type PacketDebugView } from './flags.ts';

/**
 * Switches debugging on or off: `flags`, the mobile node `mac`, `packets` of an interface, or with none of them and `on` false everything. Answers with what is on
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
  const packets = packetsOf(request);
  if (packets) switchPackets(node, packets, on);
  if (!on && !mac && !packets && flags.length === 0) {
    tracer.clear();
    node.packetSamples.clear();
  }
  node.runtime.debug();
  return debugView(node);
}

export function debugView({ runtime, packetSamples }: Node): DebugView {
  return { ...runtime.tracer.switches.view(), packets: packetSamples.view };
}

/** Throws `RequestError`. */
function packetsOf({ packets }: ControlRequest): PacketDebugView | undefined {
  if (packets === undefined) return undefined;
  const { interface: name, way, rate } = (packets ?? {}) as Partial<Record<keyof PacketDebugView, unknown>>;
  const isWay = way === 'input' || way === 'output';
  if (typeof name === 'string' && isWay && typeof rate === 'number' && rate >= 0) return { interface: name, way, rate };
  throw new RequestError('bad-request', '"packets" must have an "interface", a "way" (input or output) and a "rate"');
}

/** Throws `RequestError`. */
function switchPackets(node: Node, packets: PacketDebugView, on: boolean): void {
  if (!on || packets.rate === 0) {
    node.packetSamples.unwatch(packets);
    return;
  }
  const { linkName } = linuxInterfaceOf(packets.interface, node.configuration);
  try {
    if (node.packetSamples.watch(packets, linkName)) return;
  } catch (error) {
    throw new RequestError('refused', `packets of ${packets.interface} cannot be seen: ${(error as Error).message}`);
  }
  throw new RequestError('refused', 'no more interfaces can be debugged at once; "undebug all" ends all debugging');
}
