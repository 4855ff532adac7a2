import type { ComponentChildren } from 'preact';
import { Hint } from './hint.tsx';

/** What the words of the field mean. */
const TERMS = {
  LMA: 'Local mobility anchor: the router that mobile nodes have their addresses from, and that the rest of the network reaches them through',
  MAG: 'Mobile access gateway: the router that a mobile node is attached to at the moment; it signals for it',
  MN: 'Mobile node: the phone, computer or router that moves',
  AAA: 'The server that says who may attach, and with what (RADIUS)',
  NAI: 'Network access identifier: the name of a mobile node',
  binding: 'That the anchor knows behind which gateway a mobile node is, until when, and with which addresses',
  'home address': 'The IPv4 address that a mobile node keeps wherever it goes',
  prefix: 'Home network prefix: the IPv6 prefix that a mobile node keeps wherever it goes',
  'care-of address': 'The address of the gateway that the mobile node is behind: where the tunnel ends',
  PBU: 'Proxy Binding Update: the message with which a gateway registers a mobile node at the anchor',
  PBA: 'Proxy Binding Acknowledgement: the answer of the anchor to a Proxy Binding Update',
  RA: 'Router Advertisement: tells the mobile node its IPv6 prefix and its router',
  heartbeat:
    'A message that gateway and anchor send each other now and then, so that each knows that the other is alive',
  'restart counter': 'A number that grows when the peer has restarted: then its bindings must be registered again',
  'access technology': 'How the mobile node is attached; 4 is Wi-Fi (IEEE 802.11)',
  encapsulation: 'What the packets of mobile nodes are wrapped in on their way between anchor and gateway',
  'GRE key': 'A number in each packet of the tunnel that tells the traffic of mobile nodes or customers apart',
  lifetime: 'How long the binding lives unless the gateway extends it',
} as const;

export type TermName = keyof typeof TERMS;

/** A word of the field, with what it means. */
export function Term({ name, children }: { readonly name: TermName; readonly children?: ComponentChildren }) {
  return <Hint text={TERMS[name]}>{children ?? name}</Hint>;
}

/** A question mark that tells what a word means, where the word itself does something else. */
export function TermMark({ name }: { readonly name: TermName }) {
  return (
    <Hint text={TERMS[name]} as="sign">
      <span aria-hidden="true">?</span>
      <span class="hidden">What is: {name}</span>
    </Hint>
  );
}
