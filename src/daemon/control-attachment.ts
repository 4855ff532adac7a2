import type { MacAddress } from '#base/mac-address.ts';
import type { StationPhase } from '#proto/access/index.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import type { MagInstance, Node } from './node.ts';
import { optionalMac, optionalText } from './request-parameters.ts';

/** What a controller is told of a mobile node that it attaches. */
export interface AttachReply {
  /** The IOS name. */
  readonly interface: string;
  /** As `0024.d78e.21a4`. */
  readonly mac: string;
  /** `pending`: a registration begins, or was under way; `confirming`: it was registered, and the LMA is asked again. */
  readonly phase: StationPhase;
}

export interface DetachReply {
  readonly detached: readonly { readonly interface: string; readonly mac: string; readonly nai: string }[];
}

/** Says for a controller that a mobile node has come. Throws `RequestError`. */
export function attachNode(node: Node, request: ControlRequest): AttachReply {
  const mac = optionalMac('mac', request.mac);
  if (!mac) throw new RequestError('bad-request', '"mac" is missing');
  const name = interfaceNamed(node, optionalText('interface', request.interface));
  const { access, config } = servingMag(node, name);
  if (mac.equals(config.linkLayer))
    throw new RequestError('bad-request', `${mac.toCiscoString()} is the gateway's own address`);
  node.runtime.tellAccess(name, { kind: 'control-attach', interface: name, mac });
  const station = access.station(mac);
  if (!station) throw new RequestError('refused', `${name} has as many mobile nodes as it can have`);
  return { interface: station.interface, mac: station.mac, phase: station.phase };
}

/** Says for a controller that mobile nodes are to be served no longer. Throws `RequestError`. */
export function detachNode(node: Node, request: ControlRequest): DetachReply {
  const mac = optionalMac('mac', request.mac);
  const nai = optionalText('nai', request.nai);
  if (!mac && nai === undefined) throw new RequestError('bad-request', '"mac" or "nai" is missing');
  const at =
    request.interface === undefined ? undefined : interfaceNamed(node, optionalText('interface', request.interface));
  const detached = node.mags
    .flatMap(({ machine }) => [...machine.rows({ ...(mac && { mac }), ...(nai !== undefined && { nai }) })])
    .filter((row) => row !== undefined)
    .filter((row) => row.state !== 'DISCONNECTING' && (at === undefined || row.interface === at))
    .map((row) => ({ interface: row.interface, mac: row.llid, nai: row.nai }));
  if (detached.length === 0) {
    const who = nai ?? (mac as MacAddress).toCiscoString();
    throw new RequestError('refused', `no mobile node ${who} is attached${at === undefined ? '' : ` to ${at}`}`);
  }
  for (const { interface: name, mac: text } of detached) {
    const station = optionalMac('mac', text) as MacAddress;
    node.runtime.tellAccess(name, { kind: 'control-detach', interface: name, mac: station });
  }
  return { detached };
}

/** The IOS name of an access interface that is given by it, in any case, or by the name of the Linux interface. */
function interfaceNamed(node: Node, given: string | undefined): string {
  const all = node.mags.flatMap(({ config }) => config.interfaces);
  const wanted = given?.toLowerCase();
  const found = all.find((one) => one.name.toLowerCase() === wanted) ?? all.find((one) => one.linkName === given);
  if (found) return found.name;
  const there = all.map(({ name, linkName }) => (name === linkName ? name : `${name} (${linkName})`)).join(', ');
  const problem = given === undefined ? '"interface" is missing' : `no mobile access gateway serves interface ${given}`;
  throw new RequestError('bad-request', `${problem}; access interfaces: ${there || 'none'}`);
}

function servingMag(node: Node, name: string): MagInstance {
  return node.mags.find(({ config }) => config.interfaces.some((one) => one.name === name)) as MagInstance;
}
