import { writeFileSync } from 'node:fs';
import { renderLmaBindings } from '#cli/show/index.ts';
import { type NodeAddresses, runStory, type StoryResult } from '#sim/index.ts';
import type { MobileNodeState } from './mobile-node.ts';
import { renderReport } from './render-report.ts';
import type { LabReport } from './report.ts';
import { families } from './traffic/protocol.ts';

/** The options of the command line that mean something to the simulator. */
export interface SimulatedOptions {
  readonly roams: number;
  readonly seed: number;
  readonly loss: number;
  readonly json?: string;
}

const remarks = [
  'This was the in-process simulator: the same LMA, MAG and access machines, in virtual time, with the links of a model.',
  'Not done: no packet of a kernel, no BPF, no dhclient, no SLAAC of Linux, no TCP, no captures, no loss of link at an access point.',
  'Its times show what the protocol needs on those links, not what this machine can do. For that: npm run lab, as root.',
];

/** Tells the story on the simulator and prints the same table. */
export function runSimulated(options: SimulatedOptions): void {
  const { seed, roams, loss } = options;
  const result = runStory({ seed, roams, loss: loss / 100 }, (line) => process.stderr.write(`${line}\n`));
  const report = reportOf(result, options);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`\n${renderReport(report)}`);
}

function reportOf(result: StoryResult, { json }: SimulatedOptions): LabReport {
  const { attach, detach } = result;
  return {
    kind: 'simulated',
    families,
    attach: [
      { name: 'event (layer-2-update)', at: 0 },
      { name: 'binding at the anchor', at: attach.bindingMs },
      { name: 'IPv4 address usable', at: attach.ipv4AddressMs },
      { name: 'IPv4 first reply', at: attach.ipv4FirstReplyMs },
      { name: 'IPv6 address usable', at: attach.ipv6AddressMs },
      { name: 'IPv6 first reply', at: attach.ipv6FirstReplyMs },
    ],
    roams: result.roams.map(({ to, interruptionMs, probesLost }) => ({
      to: to === 'mag1' ? 'ap1' : 'ap2',
      event: 'layer-2-update',
      steps: [],
      interruption: interruptionMs,
      probes: { ipv4: { lost: probesLost.ipv4 }, ipv6: { lost: probesLost.ipv6 } },
      resolutions: 0,
    })),
    linkLoss: undefined,
    tcp: [],
    udp: [],
    pings: [],
    before: stateOf(result.before),
    after: stateOf(result.after),
    detach: {
      leaseReleased: detach.leaseReleasedMs,
      gatewayReleased: undefined,
      anchorReleased: detach.bindingDeletedMs,
    },
    shows: [
      {
        node: 'lma',
        when: 'attached',
        command: 'show ipv6 mobile pmipv6 lma binding',
        text: renderLmaBindings([...result.bindings]),
      },
    ],
    remarks: [...remarks, `Seed ${result.seed}: the same run again with --seed ${result.seed}.`],
    files: json === undefined ? {} : { figures: json },
  };
}

function stateOf(addresses: NodeAddresses): MobileNodeState {
  return {
    ipv4Address: addresses.ipv4,
    ipv4Gateway: addresses.ipv4Router,
    ipv4GatewayMac: addresses.routerLinkLayer,
    dhcpServer: addresses.ipv4Router,
    ipv6Addresses: [addresses.ipv6],
    ipv6Gateway: addresses.ipv6Router,
    ipv6GatewayMac: addresses.routerLinkLayer,
    duplicateAddress: false,
  };
}
