import { formatMilliseconds, formatTable, largest, median } from './figures.ts';
import type { MobileNodeState } from './mobile-node.ts';
import type { DetachReport, LabReport, LinkLossReport, RoamReport, StreamDirection } from './report.ts';
import type { Family } from './traffic/protocol.ts';

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** The report as the table that the lab prints. */
export function renderReport(report: LabReport): string {
  return [
    section('Attachment, milliseconds after the event', renderSteps(report)),
    section(
      `Handover, ${report.roams.length} roams, milliseconds after the event at the new gateway`,
      renderHandover(report),
    ),
    section('Packets and connections over all roams', renderTraffic(report)),
    section('Addresses and gateways of the mobile node', renderState(report)),
    ...(report.linkLoss ? [section('Loss of link', renderLinkLoss(report.linkLoss, report.families))] : []),
    ...(report.detach ? [section('Detachment', renderDetach(report.detach))] : []),
    ...report.shows.map(({ node, when, command, text }) => section(`${node}# ${command}   (${when})`, indent(text))),
    ...(Object.keys(report.files).length > 0 ? [section('Files', formatTable(Object.entries(report.files)))] : []),
  ].join('\n');
}

function section(title: string, body: string): string {
  return `${title}\n${body}`;
}

function renderSteps(report: LabReport): string {
  const seen = report.attach
    .filter(({ at }) => at !== undefined)
    .toSorted((a, b) => (a.at as number) - (b.at as number));
  return formatTable(seen.map(({ name, at }) => [name, formatMilliseconds(at)]));
}

function renderHandover({ roams, families }: LabReport): string {
  const row = (name: string, values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return [name, formatMilliseconds(median(known)), formatMilliseconds(largest(known)), `${known.length}`];
  };
  const stepNames = roams[0]?.steps.map(({ name }) => name) ?? [];
  return formatTable([
    ['', 'median', 'worst', 'seen'],
    ...stepNames.map((name) =>
      row(
        name,
        roams.map(({ steps }) => steps.find((step) => step.name === name)?.at),
      ),
    ),
    ...families.map((family) =>
      row(
        `${familyNames[family]} interruption`,
        roams.map(({ interruption }) => interruption[family]),
      ),
    ),
    ...families.map((family) =>
      row(
        `${familyNames[family]} longest gap between replies`,
        roams.map(({ probes }) => probes[family]?.longestGap),
      ),
    ),
  ]);
}

function renderTraffic(report: LabReport): string {
  const perFamily = report.families.map((family) => lostProbes(report.roams, family));
  return formatTable([
    ['', ...report.families.map((family) => familyNames[family])],
    ['probes sent (1,000 a second)', ...perFamily.map(({ sent }) => `${sent}`)],
    ['probes lost', ...perFamily.map(({ lost }) => `${lost}`)],
    [
      'probes lost per roam, median / worst',
      ...perFamily.map(({ each }) => `${median(each) ?? '-'} / ${largest(each) ?? '-'}`),
    ],
    [
      'TCP connection survived, data intact',
      ...report.tcp.map(({ survived, error }) => (survived ? 'yes' : `NO ${error ?? ''}`)),
    ],
    ['TCP octets up', ...report.tcp.map(({ uplink }) => formatStream(uplink))],
    ['TCP octets down', ...report.tcp.map(({ downlink }) => formatStream(downlink))],
    [
      'TCP longest stall up / down',
      ...report.tcp.map(
        ({ uplink, downlink }) =>
          `${formatMilliseconds(uplink.longestStall)} / ${formatMilliseconds(downlink.longestStall)}`,
      ),
    ],
    ['UDP datagrams lost up', ...report.udp.map(({ uplink }) => `${uplink.sent - uplink.received} of ${uplink.sent}`)],
    [
      'UDP datagrams lost down',
      ...report.udp.map(({ downlink }) => `${downlink.sent - downlink.received} of ${downlink.sent}`),
    ],
    ...report.pings
      .filter(({ family }) => family === report.families[0])
      .map(({ when }) => [
        `ping, ${when}: answered, average ms`,
        ...report.families.map((family) => formatPing(report, when, family)),
      ]),
    [
      'ARP requests / neighbor solicitations per roam',
      `${median(report.roams.map(({ resolutions }) => resolutions)) ?? '-'}`,
    ],
  ]);
}

function lostProbes(roams: readonly RoamReport[], family: Family): { sent: number; lost: number; each: number[] } {
  const all = roams.map(({ probes }) => probes[family]).filter((result) => result !== undefined);
  return {
    sent: all.reduce((sum, { sent }) => sum + sent, 0),
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
    each: all.map(({ lost }) => lost),
  };
}

function formatStream({ sentOctets, receivedOctets }: StreamDirection): string {
  return sentOctets === receivedOctets ? `${sentOctets}` : `${receivedOctets} of ${sentOctets}`;
}

function formatPing(report: LabReport, when: string, family: Family): string {
  const ping = report.pings.find((candidate) => candidate.when === when && candidate.family === family);
  return ping ? `${ping.received}/${ping.sent}, ${formatMilliseconds(ping.averageRoundTrip)}` : '-';
}

function renderState({ before, after }: LabReport): string {
  const rows: [string, (state: MobileNodeState) => string | undefined][] = [
    ['IPv4 address', ({ ipv4Address }) => ipv4Address],
    ['IPv4 gateway', ({ ipv4Gateway, ipv4GatewayMac }) => gateway(ipv4Gateway, ipv4GatewayMac)],
    ['DHCP server', ({ dhcpServer }) => dhcpServer],
    ['IPv6 address', ({ ipv6Addresses }) => ipv6Addresses.join(' ')],
    ['IPv6 gateway', ({ ipv6Gateway, ipv6GatewayMac }) => gateway(ipv6Gateway, ipv6GatewayMac)],
    ['duplicate address seen', ({ duplicateAddress }) => (duplicateAddress ? 'YES' : 'no')],
  ];
  return formatTable([
    ['', 'before the roams', 'after', ''],
    ...rows.map(([name, value]) => [
      name,
      value(before) || '-',
      value(after) || '-',
      value(before) === value(after) ? 'same' : 'CHANGED',
    ]),
  ]);
}

function gateway(address: string | undefined, mac: string | undefined): string | undefined {
  return address && `${address} (${mac ?? 'not resolved'})`;
}

function renderLinkLoss(linkLoss: LinkLossReport, families: readonly Family[]): string {
  return formatTable([
    [`wire of ${linkLoss.accessPoint} down: de-registered after`, `${formatMilliseconds(linkLoss.deregistration)} ms`],
    ...families.map((family) => [
      `then at the other access point: ${familyNames[family]} interruption`,
      `${formatMilliseconds(linkLoss.interruption[family])} ms`,
    ]),
    ['same addresses', linkLoss.sameAddresses ? 'yes' : 'NO'],
  ]);
}

function renderDetach({ leaseReleased, gatewayReleased, anchorReleased }: DetachReport): string {
  const seconds = (value: number | undefined) =>
    value === undefined ? 'NOT SEEN' : `after ${(value / 1000).toFixed(1)} s`;
  return formatTable([
    ['DHCPRELEASE: home address gone at the gateway', seconds(leaseReleased)],
    ['link lost: binding gone at the gateway', seconds(gatewayReleased)],
    ['link lost: binding gone at the anchor', seconds(anchorReleased)],
  ]);
}

function indent(text: string): string {
  return `${text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')}\n`;
}
