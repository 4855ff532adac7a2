/** Tells the captures that take the data of a mobile node which addresses it has. */
import { MacAddress } from '#base/mac-address.ts';
import { safeText } from '#cli/decode-text.ts';
import type { Forwarding, ForwardingChange } from '#dataplane/desired.ts';
import { lmaOfBinding } from '#proto/lma/binding-id.ts';
import type { LmaMachine } from '#proto/lma/index.ts';
import type { MagMachine } from '#proto/mag/index.ts';
import { RequestError } from '../control-protocol.ts';
import type { NodeDataPlane } from '../data-plane.ts';
import type { Captures, CaptureView, MobileNodeName } from './captures.ts';

/** Of a node, what tells of bindings and wants to be told. */
interface Parts {
  readonly lmas: readonly { readonly config: { readonly name: string }; readonly machine: LmaMachine }[];
  readonly mags: readonly { readonly machine: MagMachine }[];
  readonly dataPlane: Pick<NodeDataPlane, 'forwarding'>;
  readonly runtime: { readonly captures: Captures };
}

interface Station {
  readonly nai: string;
  /** As `0024.d78e.21a4`; empty when it is not known. */
  readonly mac: string;
}

/** Finds the bindings that there are when a capture starts: a step for each that is looked at. Gives what there is to show then. Throws `RequestError`. */
export function* followFrom(node: Parts, name: string): Generator<unknown, CaptureView[]> {
  const { captures } = node.runtime;
  const mobileNode = captures.mobileNodeOf(name);
  if (mobileNode) {
    const selection = 'nai' in mobileNode ? mobileNode : { mac: MacAddress.parse(mobileNode.mac) as MacAddress };
    for (const { machine } of node.lmas)
      for (const id of machine.selected(selection)) yield id !== undefined && followOne(node, 'anchor', id);
    for (const { machine } of node.mags)
      for (const mac of machine.selected(selection)) yield mac && followOne(node, 'access', `${mac}`);
  }
  return captures.view();
}

/** What is forwarded has changed. */
export function followChanges(node: Parts, changes: readonly ForwardingChange[]): void {
  for (const change of changes) {
    if (change.kind === 'set') followOne(node, change.forwarding.kind, change.forwarding.id);
    else followOne(node, change.forwardingKind, change.id);
  }
}

/** Throws `RequestError` when the system has no more sockets. */
function followOne(node: Parts, kind: Forwarding['kind'], id: string): void {
  const forwarding = node.dataPlane.forwarding(kind, id);
  const station = forwarding && stationOf(node, kind, id);
  const binding = station && {
    text: nameOf(station, forwarding),
    homeAddress: forwarding.homeAddress,
    prefixes: forwarding.prefixes,
  };
  try {
    node.runtime.captures.follow(`${kind} ${id}`, binding, (meant) => station !== undefined && isOf(station, meant));
  } catch (error) {
    throw new RequestError('refused', `packets cannot be captured: ${(error as Error).message}`);
  }
}

function stationOf(node: Parts, kind: Forwarding['kind'], id: string): Station | undefined {
  const row =
    kind === 'anchor'
      ? node.lmas.find(({ config }) => config.name === lmaOfBinding(id))?.machine.row(id)
      : node.mags.map(({ machine }) => machine.row(MacAddress.parse(id) as MacAddress)).find((found) => found);
  return row && { nai: row.nai, mac: row.llid };
}

function isOf({ nai, mac }: Station, meant: MobileNodeName): boolean {
  return 'nai' in meant ? nai === meant.nai : mac === meant.mac;
}

/** As the comments of signalling name it. */
function nameOf({ nai, mac }: Station, { homeAddress, prefixes }: Forwarding): string {
  return [safeText(`"${nai}"`), mac.replaceAll('.', ''), homeAddress, ...prefixes]
    .filter((one) => one !== undefined && one !== '')
    .join(', ');
}
