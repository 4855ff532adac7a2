import type { GatewayEvents } from './gateway-observer.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import type { Step } from './report.ts';
import { dataPlaneStep } from './timeline.ts';
import { correspondent } from './topology.ts';
import type { Family } from './traffic/protocol.ts';

const attachMilliseconds = 30_000;

/** The first attachment, at ap1: resolves when the correspondent node answered in every family. Rejects with `LabError`. */
export async function attach(lab: Lab, families: readonly Family[]): Promise<Step[]> {
  lab.associate('ap1');
  const usable = await Promise.all(families.map((family) => becomeUsable(lab, family)));
  const events = lab.observer('mag1').events();
  return [...gatewaySteps(lab, events), await dataPlaneStep(lab, 'mag1'), ...accessSteps(events), ...usable.flat()].map(
    ({ name, at }) => ({ name, at: at === undefined || events.event === undefined ? undefined : at - events.event }),
  );
}

async function becomeUsable(lab: Lab, family: Family): Promise<Step[]> {
  if (family === 'ipv4') await lab.mobileNode.dhcp.acquire(attachMilliseconds);
  else await lab.mobileNode.awaitIpv6(attachMilliseconds);
  const usable = Date.now();
  await firstReply(lab, family);
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  return [
    { name: `${name} address usable`, at: usable },
    { name: `${name} first reply`, at: lab.observer('mag1').events().firstDownlink[family] },
  ];
}

async function firstReply(lab: Lab, family: Family): Promise<void> {
  const { status, output } = await lab.processes.run('mn', 'ping', '-n', '-c', '1', '-W', '5', correspondent[family]);
  if (status !== 0) throw new LabError('no-reply', `the correspondent node does not answer over ${family}:\n${output}`);
}

function gatewaySteps(_lab: Lab, events: GatewayEvents): Step[] {
  return [
    { name: `event (${events.eventKind ?? 'none seen'})`, at: events.event },
    { name: 'PBU sent', at: events.bindingUpdate },
    { name: 'PBA received', at: events.bindingAcknowledgement },
  ];
}

function accessSteps(events: GatewayEvents): Step[] {
  return [
    { name: 'DHCPDISCOVER', at: events.dhcpDiscover },
    { name: 'DHCPOFFER', at: events.dhcpOffer },
    { name: 'DHCPREQUEST', at: events.dhcpRequest },
    { name: 'DHCPACK', at: events.dhcpAck },
    { name: 'Router Advertisement', at: events.routerAdvertisement },
  ];
}
