import type { MobileNodeState } from './mobile-node.ts';
import type { AccessPoint } from './topology.ts';
import type { DatagramResult, Family, ProbeResult, StreamResult } from './traffic/protocol.ts';

/** Every figure of a run; `--json` writes it as it is. Times are milliseconds. */
export interface LabReport {
  readonly kind: 'namespaces' | 'simulated';
  readonly families: readonly Family[];
  readonly attach: readonly Step[];
  readonly roams: readonly RoamReport[];
  readonly linkLoss: LinkLossReport | undefined;
  readonly tcp: readonly StreamPair[];
  readonly udp: readonly DatagramPair[];
  readonly pings: readonly PingReport[];
  readonly before: MobileNodeState;
  readonly after: MobileNodeState;
  readonly detach: DetachReport | undefined;
  readonly shows: readonly ShowOutput[];
  /** What a user should know about how the figures came about. */
  readonly remarks: readonly string[];
  readonly files: Record<string, string>;
}

/** When a step was reached, counted from the event; `undefined` when it was not seen. */
export interface Step {
  readonly name: string;
  readonly at: number | undefined;
}

export interface RoamReport {
  readonly to: AccessPoint;
  /** What the new gateway saw first of the station. */
  readonly event: string;
  readonly steps: readonly Step[];
  /** From the event at the new gateway to the first downlink packet of the family there. */
  readonly interruption: { readonly [F in Family]?: number };
  readonly probes: { readonly [F in Family]?: RoamProbes };
  /** ARP requests and neighbor solicitations that the station sent meanwhile. */
  readonly resolutions: number;
}

/** The simulator counts only what was lost. */
export type RoamProbes = Pick<ProbeResult, 'lost'> & Partial<ProbeResult>;

export interface LinkLossReport {
  readonly accessPoint: AccessPoint;
  /** From the loss of the wire to the de-registering binding update of its gateway. */
  readonly deregistration: number | undefined;
  /** The attachment elsewhere that follows. */
  readonly interruption: { readonly [F in Family]?: number };
  readonly sameAddresses: boolean;
}

export interface StreamPair {
  readonly family: Family;
  readonly uplink: StreamDirection;
  readonly downlink: StreamDirection;
  readonly survived: boolean;
  readonly error?: string;
}

export interface StreamDirection {
  readonly sentOctets: number;
  readonly receivedOctets: number;
  readonly intact: boolean;
  readonly longestStall: number;
}

export interface DatagramPair {
  readonly family: Family;
  readonly uplink: { readonly sent: number; readonly received: number; readonly outOfOrder: number };
  readonly downlink: { readonly sent: number; readonly received: number; readonly outOfOrder: number };
}

export interface PingReport {
  readonly when: 'attached' | 'after the roams';
  readonly family: Family;
  readonly sent: number;
  readonly received: number;
  readonly averageRoundTrip: number | undefined;
}

export interface DetachReport {
  /** From the DHCPRELEASE until the gateway (simulated: the anchor) no longer has the IPv4 home address. */
  readonly leaseReleased: number | undefined;
  /** From the loss of the link until the gateway no longer has the binding. */
  readonly gatewayReleased: number | undefined;
  /** The same for the anchor, which keeps it for MinDelayBeforeBCEDelete. */
  readonly anchorReleased: number | undefined;
}

export interface ShowOutput {
  readonly node: string;
  readonly when: 'attached' | 'detached';
  readonly command: string;
  readonly text: string;
}

/** Both ends' results of the TCP streams, joined. */
export function joinStreams(station: readonly StreamResult[], peer: readonly StreamResult[]): StreamPair[] {
  return station.map((mine) => {
    const theirs = peer.find(({ family }) => family === mine.family);
    const error = mine.error ?? theirs?.error;
    const uplink = direction(mine, theirs);
    const downlink = direction(theirs, mine);
    const survived = mine.alive && theirs?.alive === true && uplink.intact && downlink.intact;
    return { family: mine.family, uplink, downlink, survived, ...(error === undefined ? {} : { error }) };
  });
}

export function joinDatagrams(station: readonly DatagramResult[], peer: readonly DatagramResult[]): DatagramPair[] {
  return station.map((mine) => {
    const theirs = peer.find(({ family }) => family === mine.family);
    return {
      family: mine.family,
      uplink: { sent: mine.sent, received: theirs?.received ?? 0, outOfOrder: theirs?.outOfOrder ?? 0 },
      downlink: { sent: theirs?.sent ?? 0, received: mine.received, outOfOrder: mine.outOfOrder },
    };
  });
}

function direction(sender: StreamResult | undefined, receiver: StreamResult | undefined): StreamDirection {
  const sentOctets = sender?.sentOctets ?? 0;
  const receivedOctets = receiver?.receivedOctets ?? 0;
  return {
    sentOctets,
    receivedOctets,
    intact: receiver?.intact === true && receivedOctets === sentOctets,
    longestStall: receiver?.longestStall ?? 0,
  };
}
