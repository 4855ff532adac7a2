import { MacAddress } from '#base/mac-address.ts';
import { dissectionJson } from '#cli/decode-json.ts';
import { dhcpv4Name, dhcpv6Name, shortMessageName } from '#cli/decode-message-name.ts';
import { type Dissection, dissect } from '#cli/decode-packet.ts';
import { radiusAttributeName, radiusAttributeText, radiusName } from '#cli/decode-radius.ts';
import { lastText } from '#cli/decode-summary.ts';
import { titleOf } from '#cli/decode-text.ts';
import { treeText } from '#cli/decode-tree.ts';
import { HIDDEN_ATTRIBUTES, radiusLines } from '#daemon/debug/radius-debug.ts';
import type { MessageStep, Step } from '#daemon/observe/step-ring.ts';
import { decodeRadius } from '#wire/radius.ts';
import type { StepView } from './schemas/history.ts';

type MessageView = Extract<StepView, { kind: 'message' }>;
type Content = Pick<MessageView, 'protocol' | 'name' | 'summary' | 'tree' | 'decoded'>;

/** A step with its message decoded. */
export function stepView(step: Step): StepView {
  if (step.kind === 'event') {
    const { at, kind: code, level, node, text, fields } = step.event;
    return { kind: 'event', at: iso(at), code, level, node, text, fields };
  }
  const { at, firstAt, count, direction, octets } = step;
  return {
    kind: 'message',
    at: iso(at),
    firstAt: iso(firstAt),
    count,
    direction,
    ...endsOf(step),
    octets: octets.length,
    ...contentOf(step),
  };
}

function endsOf({ place, direction, octets }: MessageStep): Pick<MessageView, 'local' | 'remote'> {
  if (place.kind === 'peer') return { local: place.local, remote: place.remote };
  if (place.kind === 'server') return { local: 'this node', remote: place.server };
  return { local: place.interface, remote: `${MacAddress.read(octets, direction === 'sent' ? 0 : 6)}` };
}

function contentOf({ place, direction, octets }: MessageStep): Content {
  if (place.kind === 'server') return radiusContent(place.server, direction, octets);
  const dissection = dissect(octets, place.kind === 'peer' ? 'mobility' : 'ethernet');
  const last = dissection.layers.at(-1);
  const summary = last ? lastText(last) : 'not readable';
  return {
    ...nameOf(dissection),
    summary,
    tree: treeText(summary, dissection, { sections: false, fileOffset: undefined }).trimEnd().split('\n'),
    decoded: dissectionJson(dissection, octets),
  };
}

function nameOf({ layers }: Dissection): Pick<MessageView, 'protocol' | 'name'> {
  const last = layers.at(-1);
  switch (last?.protocol) {
    case 'mobility':
      return { protocol: 'pmipv6', name: shortMessageName(last.value) };
    case 'dhcpv4':
      return { protocol: 'dhcpv4', name: dhcpv4Name(last.value) };
    case 'dhcpv6':
      return { protocol: 'dhcpv6', name: dhcpv6Name(last.value) };
    case 'icmpv6':
      return { protocol: 'icmpv6', name: titleOf(last.value.kind) };
    default:
      return { protocol: 'other', name: last ? titleOf(last.protocol) : 'unknown' };
  }
}

/** Passwords and keys are left out. */
function radiusContent(server: string, direction: 'received' | 'sent', octets: Uint8Array): Content {
  const decoded = decodeRadius(octets);
  const [summary = '', ...lines] = radiusLines(direction, server, octets);
  const attributes = decoded.ok ? decoded.value.attributes : [];
  const shown = attributes.filter((attribute) => !HIDDEN_ATTRIBUTES.test(radiusAttributeName(attribute)));
  return {
    protocol: 'radius',
    name: decoded.ok ? radiusName(decoded.value) : 'unknown',
    summary,
    tree: [summary, ...lines],
    decoded: {
      attributes: shown.map((attribute) => ({
        name: radiusAttributeName(attribute),
        text: radiusAttributeText(attribute),
      })),
    },
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
