import { Ipv4Address, ipv4Netmask } from '#base/ipv4-address.ts';
import type { Duration } from '#base/time.ts';
import type { Dhcpv4Message, Dhcpv4Option } from '#wire/dhcpv4.ts';
import {
  DHCPV4_SERVER_PORT,
  Dhcpv4MessageType,
  decodeDhcpv4,
  encodeDhcpv4,
  findDhcpv4Option,
  RelayAgentSubOptionCode,
} from '#wire/dhcpv4.ts';
import { readUdpOverIpv4, udpOverIpv4 } from './udp-over-ipv4.ts';

/** What is wrong with it: `refusing` denies what clients ask for, `mistaken` gives another address than the one that it is told. */
export const DHCP_SERVER_MANNERS = ['right', 'silent', 'refusing', 'mistaken'] as const;

export interface DhcpServerPlan {
  readonly address: Ipv4Address;
  readonly leaseTime: Duration;
  /** Of the subnets of home addresses. */
  readonly prefixLength: number;
}

/**
 * A DHCP server for relay agents. RFC 5844 §3.4.2 "DHCP Relay Agent Co-Located with the Mobile Access Gateway": the address to give is that of the
 * Agent Remote ID sub-option; by RFC 5107 it calls itself what the relay agent wants it to.
 */
export class DhcpServer {
  /** Messages that it has answered. */
  answered = 0;
  manner: (typeof DHCP_SERVER_MANNERS)[number] = 'right';
  readonly #plan: DhcpServerPlan;
  readonly #send: (packet: Uint8Array) => void;

  constructor(plan: DhcpServerPlan, send: (packet: Uint8Array) => void) {
    this.#plan = plan;
    this.#send = send;
  }

  receive(packet: Uint8Array): void {
    const datagram = readUdpOverIpv4(packet);
    if (datagram?.destinationPort !== DHCPV4_SERVER_PORT || this.manner === 'silent') return;
    const message = decodeDhcpv4(datagram.payload);
    const answer = message.ok ? this.#answer(message.value) : undefined;
    if (!answer) return;
    this.answered++;
    const port = DHCPV4_SERVER_PORT;
    this.#send(udpOverIpv4(this.#plan.address, answer.giaddr, port, port, encodeDhcpv4(answer)));
  }

  #answer(request: Dhcpv4Message): Dhcpv4Message | undefined {
    const information = findDhcpv4Option(request.options, 'relay-agent-information');
    const part = (code: number) => information?.subOptions.find((one) => one.code === code)?.data;
    const remote = part(RelayAgentSubOptionCode.AGENT_REMOTE_ID);
    const override = part(RelayAgentSubOptionCode.SERVER_IDENTIFIER_OVERRIDE);
    if (!information || remote?.length !== 4 || override?.length !== 4) return undefined;
    const told = Ipv4Address.read(remote);
    const address = this.manner === 'mistaken' ? new Ipv4Address(told.word + 1) : told;
    const router = Ipv4Address.read(override);
    const type = this.#answerTo(request, told);
    if (type === undefined) return undefined;
    const own: Dhcpv4Option[] = [
      { kind: 'message-type', value: type },
      { kind: 'server-identifier', address: router },
    ];
    const isGrant = type !== Dhcpv4MessageType.NAK;
    const { yiaddr: none } = request;
    return {
      ...request,
      op: 2,
      hops: 0,
      yiaddr: isGrant ? address : none,
      options: [...own, ...(isGrant ? this.#grant(router) : []), information],
    };
  }

  #answerTo({ options, ciaddr }: Dhcpv4Message, told: Ipv4Address): number | undefined {
    const type = findDhcpv4Option(options, 'message-type')?.value;
    if (type === Dhcpv4MessageType.DISCOVER) return Dhcpv4MessageType.OFFER;
    if (type !== Dhcpv4MessageType.REQUEST) return undefined;
    const wanted = findDhcpv4Option(options, 'requested-address')?.address ?? ciaddr;
    return this.manner !== 'refusing' && wanted.equals(told) ? Dhcpv4MessageType.ACK : Dhcpv4MessageType.NAK;
  }

  #grant(router: Ipv4Address): Dhcpv4Option[] {
    const { leaseTime, prefixLength } = this.#plan;
    return [
      { kind: 'lease-time', duration: leaseTime },
      { kind: 'subnet-mask', mask: ipv4Netmask(prefixLength) },
      { kind: 'router', addresses: [router] },
    ];
  }
}
