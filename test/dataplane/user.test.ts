import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import { ALICE, attached, BOB, CORRESPONDENT4, ipv4 } from './bed.ts';
import { complianceSuite } from './compliance.ts';
import { customerRouterSuite } from './customer-router.ts';
import { encapsulationSuite } from './encapsulations.ts';
import { groupSuite } from './groups.ts';
import { hostBed, kernelBedMissing } from './kernel-bed.ts';
import { nodeSuite } from './node-suite.ts';
import { udpPacket } from './packets.ts';
import { vlanSuite } from './vlans.ts';

const missing = kernelBedMissing();
const survives = false;

describe.skipIf(missing)(`the data plane in user space${missing ? ` (${missing})` : ''}`, () => {
  complianceSuite(
    (forwarding) => hostBed(() => new UserDataPlane(), { shared: true, ...(forwarding && { forwarding }) }),
    { survives },
  );
  it('tells of the data packets of stations that are not attached, and of nothing else', () => {
    const bed = hostBed(() => new UserDataPlane(), { shared: true });
    try {
      expect(bed.plane.apply([{ kind: 'set', forwarding: attached }]).failed).toEqual([]);
      const told: string[] = [];
      bed.plane.handleSlowPath = (
        (handle) => (fd: number) =>
          handle(fd, (name, frame) => told.push(`${name} ${MacAddress.read(frame.subarray(6))} ${frame.length}`))
      )(bed.plane.handleSlowPath.bind(bed.plane));
      const [home, group] = [ipv4('203.0.113.1'), ipv4('224.0.0.251')];
      bed.exchange({ from: 'access', mac: ALICE, packet: udpPacket(home, CORRESPONDENT4) });
      bed.exchange({ from: 'access', mac: BOB, packet: udpPacket(home, group) });
      const dhcp = udpPacket(home, CORRESPONDENT4, { sourcePort: 68, destinationPort: 67 });
      bed.exchange({ from: 'access', mac: BOB, packet: dhcp });
      expect(told).toEqual([]);
      bed.exchange({ from: 'access', mac: BOB, packet: udpPacket(home, CORRESPONDENT4, { size: 100 }) });
      expect(told).toEqual([`GigabitEthernet0/1/0 ${BOB} 142`]);
    } finally {
      bed.close();
    }
  });
  encapsulationSuite(() => hostBed(() => new UserDataPlane(), { shared: true }));
  groupSuite(() => hostBed(() => new UserDataPlane(), { shared: true }));
  describe('customers of a router', () => customerRouterSuite(() => new UserDataPlane()));
  describe('VLANs', () => vlanSuite(() => new UserDataPlane()));
  describe('of a node', () => nodeSuite(() => new UserDataPlane(), { survives }));
});
