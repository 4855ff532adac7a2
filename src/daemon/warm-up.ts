import type { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { SeededRandom } from '#base/random.ts';
import type { ClockReading } from '#base/time.ts';
import { instant, utcTime } from '#base/time.ts';
import { parseConfiguration } from '#config/index.ts';
import type { AccessEvent } from '#proto/access/index.ts';
import { AccessMachine, isReport } from '#proto/access/index.ts';
import { LmaMachine } from '#proto/lma/index.ts';
import type { MagOutput } from '#proto/mag/index.ts';
import { MagMachine } from '#proto/mag/index.ts';
import type { SendOutput } from '#proto/peer.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { decodeMobilityHeader, encodeMobilityHeader } from '#wire/mobility/index.ts';
import { assemble } from './assemble.ts';

/**
 * Has the JavaScript engine compile what a registration runs through, before the first mobile node waits for it: plays registrations
 * and handovers of imaginary nodes in memory, with machines of its own. Without it the first attachments take several times as long.
 */
export function warmUp(): void {
  const domain = createDomain();
  const end = performance.now() + LONGEST_MS;
  for (let i = 0; i < ROUNDS && performance.now() < end; i++) {
    const station = new MacAddress(0x0200, i % STATIONS);
    domain.attach(i % 2, station, clock(i));
  }
}

const ROUNDS = 1500;
const LONGEST_MS = 400;
const STATIONS = 50;

const CONFIGURATION = `
ip local pool P4 192.0.2.1 192.0.2.253
ipv6 local pool P6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D
 lma L
  ipv6-address 2001:db8::1
 mag M0
  ipv6-address 2001:db8::10
 mag M1
  ipv6-address 2001:db8::11
 nai P
  lma L
  service dual
ipv6 mobile pmipv6-lma L domain D
 default profile P
 network N
  pool ipv4 P4 pfxlen 24
  pool ipv6 P6 pfxlen 48
ipv6 mobile pmipv6-mag M0 domain D
 interface a
  enable pmipv6 default P
ipv6 mobile pmipv6-mag M1 domain D
 interface a
  enable pmipv6 default P
`;

function createDomain() {
  const { lmas, mags } = assemble(parseConfiguration(CONFIGURATION).configuration, 'warm-up');
  const random = new SeededRandom(1);
  const [config] = lmas;
  if (!config) throw new Error('no LMA');
  const lma = new LmaMachine(config);
  const gateways = mags.map(({ mag, access }) => ({
    address: mag.addresses.ipv6 as Ipv6Address,
    machine: new MagMachine(mag, random),
    access: new AccessMachine(access, random),
  }));
  type Gateway = (typeof gateways)[number];

  const settle = (now: ClockReading) => {
    for (let quiet = false; !quiet; ) {
      quiet = true;
      for (const output of lma.drain()) {
        quiet = false;
        if (output.kind === 'send') toMag(output, now);
      }
      for (const gateway of gateways) {
        for (const output of gateway.access.drain()) {
          quiet = false;
          if (isReport(output)) gateway.machine.handle(output, now);
        }
        for (const output of gateway.machine.drain()) {
          quiet = false;
          fromMag(gateway, output, now);
        }
      }
    }
  };
  const toMag = ({ to, message }: SendOutput, now: ClockReading) => {
    const gateway = gateways.find(({ address }) => address.toString() === to.remote.toString());
    const decoded = decodeMobilityHeader(encodeMobilityHeader(message));
    if (!decoded.ok) return;
    gateway?.machine.handle(
      { kind: 'message', from: { transport: 'ipv6', local: to.remote, remote: to.local }, message: decoded.value },
      now,
    );
  };
  const fromMag = (gateway: Gateway, output: MagOutput, now: ClockReading) => {
    if (output.kind === 'session') gateway.access.handle({ kind: 'session', change: output.change }, now);
    if (output.kind !== 'send') return;
    const { to, message } = output;
    const decoded = decodeMobilityHeader(encodeMobilityHeader(message));
    if (!decoded.ok) return;
    lma.handle(
      { kind: 'message', from: { transport: 'ipv6', local: to.remote, remote: to.local }, message: decoded.value },
      now,
    );
  };

  return {
    attach(at: number, station: MacAddress, now: ClockReading): void {
      const event: AccessEvent = { kind: 'frame', interface: 'a', frame: encodeLayer2Update(station) };
      gateways[at]?.access.handle(event, now);
      settle(now);
    },
  };
}

function clock(round: number): ClockReading {
  return { instant: instant(3_600_000.25 + round * 100.125), utc: utcTime(1_700_000_000_000 + round * 100) };
}
