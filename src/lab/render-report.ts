import { formatMilliseconds, formatTable, largest, median } from './figures.ts';
import type { MobileNodeState } from './mobile-node.ts';
import type { LabReport, LinkLossReport, PingReport, RoamReport, StreamDirection, StreamPair } from './report.ts';
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
    ...(report.detach ? [section('Detachment', renderDetach(report))] : []),
    ...report.shows.map(({ node, when, command, text }) => section(`${node}# ${command}   (${when})`, indent(text))),
    ...(report.remarks.length > 0 ? [section('Remarks', indent(report.remarks.join('\n')))] : []),
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
  const rows = [
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
  ];
  return formatTable([['', 'median', 'worst', 'seen'], ...rows.filter((cells) => cells.at(-1) !== '0')]);
}

function renderTraffic(report: LabReport): string {
  const { families, tcp, udp, pings, roams } = report;
  const perFamily = families.map((family) => lostProbes(roams, family));
  const row = (name: string, cells: readonly string[]) => (cells.length === 0 ? [] : [[name, ...cells]]);
  const loss = ({ sent, received }: { sent: number; received: number }) => `${sent - received} of ${sent}`;
  const stalls = ({ uplink, downlink }: StreamPair) =>
    `${formatMilliseconds(uplink.longestStall)} / ${formatMilliseconds(downlink.longestStall)}`;
  const pingsAt = (when: PingReport['when']) => pings.filter((ping) => ping.when === when).map(formatPing);
  return formatTable([
    ['', ...families.map((family) => familyNames[family])],
    ...row(
      'probes lost (of 1,000 a second)',
      perFamily.map(({ lost, sent }) => (sent === undefined ? `${lost}` : `${lost} of ${sent}`)),
    ),
    ...row(
      'probes lost per roam, median / worst',
      perFamily.map(({ each }) => `${median(each) ?? '-'} / ${largest(each) ?? '-'}`),
    ),
    ...row(
      'TCP connection survived, data intact',
      tcp.map(({ survived, error }) => (survived ? 'yes' : `NO ${error ?? ''}`)),
    ),
    ...row(
      'TCP octets up',
      tcp.map(({ uplink }) => formatStream(uplink)),
    ),
    ...row(
      'TCP octets down',
      tcp.map(({ downlink }) => formatStream(downlink)),
    ),
    ...row('TCP longest stall up / down, ms', tcp.map(stalls)),
    ...row(
      'UDP datagrams lost up',
      udp.map(({ uplink }) => loss(uplink)),
    ),
    ...row(
      'UDP datagrams lost down',
      udp.map(({ downlink }) => loss(downlink)),
    ),
    ...row('ping, attached: answered, average ms', pingsAt('attached')),
    ...row('ping, after the roams: answered, average ms', pingsAt('after the roams')),
    ...(report.kind === 'namespaces'
      ? row('ARP requests and neighbor solicitations per roam', [
          `${median(roams.map(({ resolutions }) => resolutions)) ?? '-'}`,
        ])
      : []),
  ]);
}

function lostProbes(
  roams: readonly RoamReport[],
  family: Family,
): { sent: number | undefined; lost: number; each: number[] } {
  const all = roams.map(({ probes }) => probes[family]).filter((result) => result !== undefined);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const sent = all.map((result) => result.sent).filter((count) => count !== undefined);
  const each = all.map(({ lost }) => lost);
  return { sent: sent.length === all.length ? sum(sent) : undefined, lost: sum(each), each };
}

function formatStream({ sentOctets, receivedOctets }: StreamDirection): string {
  return sentOctets === receivedOctets ? `${sentOctets}` : `${receivedOctets} of ${sentOctets}`;
}

function formatPing({ received, sent, averageRoundTrip }: PingReport): string {
  return `${received}/${sent}, ${formatMilliseconds(averageRoundTrip)}`;
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

function renderDetach({ kind, detach }: LabReport): string {
  const seconds = (value: number | undefined) =>
    value === undefined ? 'NOT SEEN' : `after ${(value / 1000).toFixed(1)} s`;
  if (kind === 'simulated') {
    return formatTable([
      ['DHCPRELEASE: home address gone at the anchor', seconds(detach?.leaseReleased)],
      ['left without a word: binding gone at the anchor', seconds(detach?.anchorReleased)],
    ]);
  }
  return formatTable([
    ['DHCPRELEASE: home address gone at the gateway', seconds(detach?.leaseReleased)],
    ['link lost: binding gone at the gateway', seconds(detach?.gatewayReleased)],
    ['link lost: binding gone at the anchor', seconds(detach?.anchorReleased)],
  ]);
}

function indent(text: string): string {
  return `${text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')}\n`;
}
