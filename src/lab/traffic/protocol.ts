/** What the lab and the traffic processes in the namespaces `mn` and `cn` say to each other, over Node's IPC channel. */
export const families = ['ipv4', 'ipv6'] as const;
export type Family = (typeof families)[number];

export const ports = { probe: 7000, tcp: 7001, udp: 7002 } as const;

/** Per family and direction: a TCP stream of about 1 MB/s and a UDP stream of 200 datagrams a second. */
export const tickMilliseconds = 10;
export const tcpOctetsPerTick = 10_000;
export const udpDatagramsPerTick = 2;
export const udpDatagramOctets = 1000;
export const probesPerSecond = 1000;

/** A span of CLOCK_MONOTONIC, in milliseconds; probes belong to it by when they were sent. */
export interface ProbeWindow {
  readonly from: number;
  readonly to: number;
}

export interface ProbeResult {
  readonly sent: number;
  readonly lost: number;
  /** The longest time in which no reply came, milliseconds. */
  readonly longestGap: number;
  /** Median and longest time from probe to reply, milliseconds. */
  readonly medianRoundTrip: number;
  readonly longestRoundTrip: number;
}

export interface StreamResult {
  readonly family: Family;
  /** TCP: connected and never reset. */
  readonly alive: boolean;
  readonly sentOctets: number;
  readonly receivedOctets: number;
  /** Every octet received was the right one. */
  readonly intact: boolean;
  /** The longest time without data, milliseconds. */
  readonly longestStall: number;
  readonly error?: string;
}

export interface DatagramResult {
  readonly family: Family;
  readonly sent: number;
  readonly received: number;
  readonly outOfOrder: number;
}

export interface TrafficResult {
  readonly tcp: readonly StreamResult[];
  readonly udp: readonly DatagramResult[];
}

export type TrafficRequest =
  | { readonly kind: 'start'; readonly families: readonly Family[] }
  | { readonly kind: 'probe'; readonly families: readonly Family[] }
  | { readonly kind: 'probe-results'; readonly windows: readonly ProbeWindow[] }
  /** Ends the streams; the probes go on until the process ends. */
  | { readonly kind: 'stop' };

export interface TrafficReplies {
  readonly start: null;
  readonly probe: null;
  /** One row per window. */
  readonly 'probe-results': readonly Partial<Record<Family, ProbeResult>>[];
  readonly stop: TrafficResult;
}
