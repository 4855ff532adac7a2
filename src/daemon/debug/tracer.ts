import { MacAddress } from '#base/mac-address.ts';
import type { ClockReading } from '#base/time.ts';
import { dissect } from '#cli/decode-packet.ts';
import { treeText } from '#cli/decode-tree.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import type { AccessOutput } from '#proto/access/events.ts';
import type { AssociationChange } from '#proto/hostapd/index.ts';
import type { LmaOutput } from '#proto/lma/events.ts';
import type { AttachedEvent, AttachTrigger, MagOutput, SessionChange } from '#proto/mag/events.ts';
import type { LogOutput, PeerAddress, SendOutput } from '#proto/peer.ts';
import { Dhcpv4MessageType } from '#wire/dhcpv4.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import { readAccessFrame } from './access-lines.ts';
import { ClientStates } from './client-states.ts';
import { flagsOf, type Line, macOf, naiOf, type Role, receivedLines, sentLines } from './mobility-lines.ts';
import { DebugOutlet } from './outlet.ts';
import { DebugSwitches } from './switches.ts';
import { tunnelText } from './tunnel-lines.ts';

const TRIGGERS: Readonly<Record<AttachTrigger, string>> = {
  'layer-2-update': 'L2 Attach',
  hostapd: 'L2 Attach',
  control: 'Controller Attach',
  accounting: 'Accounting Start',
  dhcp: 'DHCP',
  'router-solicitation': 'Router Solicitation',
  'neighbor-solicitation': 'Neighbor Solicitation',
  arp: 'ARP',
  data: 'Data packet',
};

/**
 * What a node that is debugged tells of itself. Its callers ask `listens` first, so that all of this costs nothing while nothing is
 * switched on, and next to nothing where more happens than can be told.
 */
export class Tracer {
  readonly switches = new DebugSwitches();
  readonly outlet = new DebugOutlet();
  readonly #clients = new ClientStates();
  #observing = false;

  /** A round begins. Returns whether `wantsTransitions` has changed. */
  begin(now: ClockReading): boolean {
    if (!this.switches.on) return false;
    this.outlet.refill(now);
    return this.#observing !== this.wantsTransitions;
  }

  /** Whether it is worth while to tell anything now. */
  get listens(): boolean {
    return this.switches.on && this.outlet.admits();
  }

  /** Whether machines are to tell the transitions of their bindings. */
  get wantsTransitions(): boolean {
    return this.outlet.hasRoom && this.switches.wantsAny('mag-event', 'lma-event');
  }

  /** The machines were told so. */
  noteObserving(on: boolean): void {
    this.#observing = on;
  }

  clear(): void {
    this.switches.clear();
    this.#clients.clear();
  }

  /** What a machine of an LMA or MAG wants; what the access links are told comes by `session`. */
  output(role: Role, output: LmaOutput | MagOutput, now: ClockReading): void {
    if (output.kind === 'send') this.#sent(role, output, now);
    else if (output.kind === 'forward') this.#forwarding(output.change, now);
    else if (output.kind === 'log' && output.code === 'transition') this.#transition(role, output, now);
  }

  accessOutput(output: AccessOutput, now: ClockReading): void {
    if (output.kind === 'attached') this.#attached(output, now);
    else if (output.kind === 'transmit') this.frame('sent', output.interface, output.frame, now);
  }

  received(role: Role, from: PeerAddress, message: MobilityMessage, now: ClockReading): void {
    this.#tellOfMessage(role, message, now, () => receivedLines(role, from, message));
  }

  /** A Mobility Header, octet for octet. */
  packet(direction: 'received' | 'sent', { remote }: PeerAddress, octets: Uint8Array, now: ClockReading): void {
    if (!this.switches.wantsForAll('mobile-packets')) return;
    this.#tell(now, () => {
      const heading = `PMIPV6: ${direction} ${octets.length} octets ${direction === 'sent' ? 'to' : 'from'} ${remote}`;
      const tree = treeText(heading, dissect(octets, 'mobility'), { sections: false, fileOffset: undefined });
      return tree.trimEnd().split('\n');
    });
  }

  frame(direction: 'received' | 'sent', interfaceName: string, frame: Uint8Array, now: ClockReading): void {
    const { switches } = this;
    if (!switches.wantsAny('dhcp-events', 'dhcp-packet', 'dhcp-detail', 'dhcp-message', 'arp')) return;
    const read = readAccessFrame(frame, interfaceName, direction);
    if (!read) return;
    const texts = read.lines.flatMap(([flag, text]) => (switches.wants(flag, read.mac) ? [text] : []));
    if (texts.length > 0) this.#tell(now, () => texts);
    const { dhcp, mac } = read;
    if (direction === 'sent' && dhcp?.type === Dhcpv4MessageType.ACK && switches.wantsClient(mac))
      this.#tell(now, () => this.#clients.addressed(mac, dhcp.address));
  }

  session(change: SessionChange, now: ClockReading): void {
    const mac = change.kind === 'session-active' ? change.session.mac : change.mac;
    if (change.kind !== 'session-ended' && this.switches.wants('mag-info', mac)) {
      const status = change.kind === 'session-active' ? 'Success' : `Failure (${change.reason})`;
      this.#tell(now, () => [`[PMIPv6_MM] L2 Attach Status: ${status}`]);
    }
    if (!this.switches.wantsClient(mac)) return;
    this.#tell(now, () =>
      change.kind === 'session-active'
        ? this.#clients.active(mac, change.session.homeAddress !== undefined)
        : this.#clients.ended(mac),
    );
  }

  association(interfaceName: string, change: AssociationChange, mac: MacAddress, now: ClockReading): void {
    if (!this.switches.wants('dot1x', mac)) return;
    this.#tell(now, () => [`dot1x-ev:[${mac.toCiscoString()}, ${interfaceName}] station ${change}`]);
  }

  #attached({ mac, trigger }: AttachedEvent, now: ClockReading): void {
    if (this.switches.wantsClient(mac)) this.#tell(now, () => this.#clients.seen(mac));
    if (!this.switches.wants('mag-event', mac)) return;
    const text = `Trigger request received (${TRIGGERS[trigger]} trigger) from (${mac.toCiscoString()})`;
    this.#tell(now, () => [`[PMIPv6_MAG_EVENT]: ${text}`]);
  }

  #transition(role: Role, { text, fields }: LogOutput, now: ClockReading): void {
    const mac = MacAddress.parse(String(fields.mac ?? '')) ?? macOfHex(String(fields.llid ?? ''));
    if (!this.switches.wants(flagsOf(role).event, mac, String(fields.nai))) return;
    this.#tell(now, () => [`[PMIPv6_${role}_EVENT]: ${text}`]);
  }

  #sent(role: Role, { to, message }: SendOutput, now: ClockReading): void {
    this.#tellOfMessage(role, message, now, () => sentLines(role, to, message));
  }

  #forwarding(change: ForwardingChange, now: ClockReading): void {
    const mac = change.kind === 'set' && change.forwarding.kind === 'access' ? change.forwarding.mac : undefined;
    if (this.switches.wants('tunnel', mac)) this.#tell(now, () => [tunnelText(change)]);
  }

  #tellOfMessage(role: Role, message: MobilityMessage, now: ClockReading, lines: () => readonly Line[]): void {
    const { switches } = this;
    const { info, event } = flagsOf(role);
    const client = switches.wantsAny() && switches.wantsClient(macOf(message), naiOf(message));
    if (!client && !switches.wantsForAll(info, event)) return;
    this.#tell(now, () => lines().flatMap(([flag, text]) => (client || switches.wants(flag) ? [text] : [])));
  }

  #tell(now: ClockReading, texts: () => readonly string[]): void {
    this.outlet.write(now, texts());
  }
}

function macOfHex(digits: string): MacAddress | undefined {
  return /^[0-9a-f]{12}$/.test(digits) ? MacAddress.parse((digits.match(/../g) as string[]).join(':')) : undefined;
}
