/** Random and mutated packets through the loaded programs; the data plane in memory must decide the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatBytes, toHex, writeU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { nextBelow, SeededRandom } from '#base/random.ts';
import type { AccessForwarding, AnchorForwarding, Forwarding } from '#dataplane/desired.ts';
import { withHopTaken } from '#dataplane/ip-packet.ts';
import { MemoryDataPlane } from '#dataplane/memory.ts';
import type { PmipPrograms } from '#host/bpf-programs.ts';
import { runProgram } from '#host/bpf-test-run.ts';
import { ifNameToIndex } from '#host/posix.ts';
import { foldChecksum, sumOctets } from '#wire/checksum.ts';
import { ALICE, anchored, attached, CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6, node, prefix6 } from './bed.ts';
import { mirrored, TUNNELS, tunnelPacket } from './encapsulations.ts';
import { type KernelBed, kernelBed, kernelBedMissing, NODE_MAC } from './kernel-bed.ts';
import { fragments, udpPacket } from './packets.ts';

const missing = kernelBedMissing();
const NIGHTLY = process.env.MOORING_NIGHTLY !== undefined;
const PACKETS = NIGHTLY ? 1_000_000 : 10_000;
const SEED = NIGHTLY ? Date.now() % 2 ** 32 : 213;
const SHOT = 2;
const REDIRECT = 7;
const PASS = 0xffffffff;
/** Of no customer: a packet that the device handed over. */
const NOBODY = MacAddress.read(new Uint8Array(6));
/** The namespace is entered once for so many. */
const BATCH = 2000;
const forwarding = { ...node, maximumBindings: 64 };
const LINK = node.accessInterfaces[0]?.name as string;
/** What comes before a packet is sent into a tunnel, or after it came out, and is the kernel's to do. */
const OF_THE_STACK = ['hop-limit', 'too-big', 'no-binding'];

/** A binding of each kind for each encapsulation. */
const anchors: AnchorForwarding[] = TUNNELS.map(({ encapsulation, ends: { local, remote } }, i) => ({
  ...anchored,
  id: `anchored-${i}`,
  homeAddress: ipv4(`192.0.2.${i + 1}`),
  prefixes: [prefix6(`2001:db8:f00d:${i + 1}::/64`)],
  paths: [{ encapsulation, local, remote } as AnchorForwarding['paths'][0]],
}));
const accesses: AccessForwarding[] = TUNNELS.map(({ name, encapsulation, ends: { local, remote } }, i) => ({
  ...attached,
  id: `attached-${i}`,
  mac: ALICE,
  homeAddress: ipv4(`203.0.113.${i + 1}`),
  prefixes: [prefix6(`2001:db8:beef:${i + 1}::/64`)],
  paths: [{ encapsulation, local, remote } as AccessForwarding['paths'][0]],
  // The keys of all tunnels are the same.
  hasOwnKey: name === 'GRE with keys over IPv4',
}));
const all: Forwarding[] = [...anchors, ...accesses];

describe.skipIf(missing)(`the loaded programs${missing ? ` (${missing})` : ''}`, () => {
  let bed: KernelBed;
  let programs: PmipPrograms;
  let index: Record<'core' | 'acc' | 'inet' | 'pmip0', number>;
  const twin = new MemoryDataPlane();
  const random = new SeededRandom(SEED);
  beforeAll(() => {
    bed = kernelBed({ forwarding });
    programs = bed.plane.programs;
    twin.start(forwarding);
    for (const plane of [bed.plane, twin])
      expect(plane.apply(all.map((one) => ({ kind: 'set', forwarding: one }))).failed).toEqual([]);
    const indexOf = (name: string) => bed.inside(() => ifNameToIndex(name));
    index = { core: indexOf('core'), acc: indexOf('acc'), inet: indexOf('inet'), pmip0: indexOf('pmip0') };
  });
  afterAll(() => bed?.close());

  const counted = (plane: MemoryDataPlane | KernelBed['plane']) =>
    all.map(({ id, kind }) => {
      const counters = plane.counters(id, kind);
      return (counters?.upPackets ?? 0) + (counters?.downPackets ?? 0);
    });
  /** The bindings whose counters have changed. */
  const changes = (before: number[], after: number[]) =>
    after.flatMap((count, i) => (count === before[i] ? [] : [all[i]?.id])).join();
  const frame = (packet: Uint8Array, destination: MacAddress, source = ALICE) => {
    const header = new Uint8Array(14);
    destination.write(header, 0);
    source.write(header, 6);
    writeU16(header, 12, (packet[0] ?? 0) >>> 4 === 4 ? 0x0800 : 0x86dd);
    return concatBytes(header, packet);
  };

  /** The kernel runs programs on whole IP headers only. */
  const isTooShort = (packet: Uint8Array) => packet.length < ((packet[0] ?? 0) >>> 4 === 4 ? 20 : 40);

  /** Samples that are right, of every kind. */
  const samples = () => {
    const i = nextBelow(random, TUNNELS.length);
    const size = nextBelow(random, 3) === 0 ? nextBelow(random, 1200) : 64;
    const options = { size, trafficClass: nextBelow(random, 256), hopLimit: 1 + nextBelow(random, 255) };
    const six = nextBelow(random, 2) === 0;
    const [far, home, here] = six
      ? [CORRESPONDENT6, ipv6(`2001:db8:f00d:${i + 1}::9`), ipv6(`2001:db8:beef:${i + 1}::9`)]
      : [CORRESPONDENT4, ipv4(`192.0.2.${i + 1}`), ipv4(`203.0.113.${i + 1}`)];
    return { path: mirrored((anchors[i] as AnchorForwarding).paths[0]), far, home, here, options };
  };

  const mutated = (packet: Uint8Array): Uint8Array => {
    const kind = nextBelow(random, 8);
    if (kind === 0) return packet;
    if (kind === 1) return Uint8Array.from({ length: 1 + nextBelow(random, 200) }, () => nextBelow(random, 256));
    let copy: Uint8Array = packet.slice();
    if (kind === 2) copy = copy.subarray(0, 1 + nextBelow(random, copy.length));
    if (kind === 3) copy = concatBytes(copy, new Uint8Array(nextBelow(random, 60)));
    if (kind === 4) copy = fragments(copy)[nextBelow(random, 2)] ?? copy;
    for (let n = nextBelow(random, 4); n > 0; n--) {
      const at = nextBelow(random, Math.min(copy.length, 100));
      copy[at] =
        nextBelow(random, 2) === 0 ? nextBelow(random, 256) : (copy[at] as number) ^ (1 << nextBelow(random, 8));
    }
    if (copy.length >= 20 && (copy[0] as number) >>> 4 === 4 && nextBelow(random, 3) > 0) {
      copy.fill(0, 10, 12);
      writeU16(copy, 10, foldChecksum(sumOctets(copy, 0, 20)));
    }
    return copy;
  };

  it(`let ${PACKETS} packets out of tunnels only as the data plane in memory does (seed ${SEED})`, {
    timeout: 3_600_000,
  }, () => {
    const verdicts = { [SHOT]: 0, [REDIRECT]: 0, [PASS]: 0 } as Record<number, number>;
    inBatches(() => {
      const { path, far, home, here, options } = samples();
      const group = far instanceof Ipv4Address ? ipv4('239.1.2.3') : ipv6('ff0e::1');
      const receiver = nextBelow(random, 4) === 0 ? group : here;
      const inner = nextBelow(random, 2) === 0 ? udpPacket(home, far, options) : udpPacket(far, receiver, options);
      const maybeInner = nextBelow(random, 3) === 0 ? mutated(inner) : inner;
      const packet = mutated(tunnelPacket(path, maybeInner, { trafficClass: nextBelow(random, 256) }));
      if (isTooShort(packet)) return;
      const before = [counted(bed.plane), counted(twin)] as const;
      const result = runProgram(programs.decap, frame(packet, NODE_MAC.core), { ifindex: index.core });
      const drops = twin.drops();
      twin.fromTransport(packet);
      const kernel = changes(before[0], counted(bed.plane));
      const memory = changes(before[1], counted(twin));
      verdicts[result.verdict] = (verdicts[result.verdict] ?? 0) + 1;
      if (kernel === (result.verdict === PASS ? '' : memory)) return;
      const reasons = Object.entries(twin.drops()).filter(([name, n]) => n !== drops[name as keyof typeof drops]);
      const about = `${toHex(packet)}: ${result.verdict}, kernel ${kernel}, memory ${memory} ${reasons.map(([name]) => name)}`;
      expect.unreachable(about);
    });
    // Each outcome is met often, or the packets are not what they should be.
    for (const verdict of [SHOT, REDIRECT, PASS]) expect(verdicts[verdict]).toBeGreaterThan(PACKETS / 50);
  });

  it(`send ${PACKETS} packets into the tunnels octet for octet as the data plane in memory does`, {
    timeout: 3_600_000,
  }, () => {
    let sent = 0;
    inBatches(() => {
      const { far, home, here, options } = samples();
      const up = nextBelow(random, 2) === 0;
      const packet = mutated(up ? udpPacket(here, far, options) : udpPacket(far, home, options));
      if (isTooShort(packet)) return;
      const before = twin.drops();
      const departed = up ? twin.fromAccess(LINK, ALICE, packet) : twin.fromCore(packet);
      const reasons = () =>
        Object.entries(twin.drops())
          .filter(([name, n]) => n !== before[name as keyof typeof before])
          .map(([name]) => name);
      const tunnelled = departed.filter(({ kind }) => kind === 'transport').map((one) => toHex(one.packet));
      const isRefused =
        up &&
        runProgram(programs.accessIn, frame(packet, MacAddress.pmipv6Mag), { ifindex: index.acc }).verdict === SHOT;
      const forwarded = frame(withHopTaken(packet), NOBODY, arrivedThrough(up ? index.acc : index.inet));
      const result = isRefused ? undefined : runProgram(programs.encap, forwarded, { ifindex: index.pmip0 });
      const about = () => `${up ? 'up' : 'down'} ${toHex(packet)}: ${result?.verdict}, memory ${reasons()}`;
      if (result?.verdict === REDIRECT) {
        sent++;
        const isSame = tunnelled.join() === toHex(result.frame.subarray(14));
        if (!isSame && !(tunnelled.length === 0 && OF_THE_STACK.includes(reasons()[0] as string)))
          expect.unreachable(about());
      } else if (result?.verdict !== PASS && tunnelled.length > 0) expect.unreachable(about());
    });
    expect(sent).toBeGreaterThan(PACKETS / 10);
  });

  /** A packet that the device handed over says so in its source address; a test run knows of no interface that it came in through. */
  function arrivedThrough(device: number): MacAddress {
    const octets = Buffer.alloc(6);
    octets.writeUInt8(0x06, 0);
    octets.writeUInt32LE(device, 2);
    return MacAddress.read(octets);
  }

  function inBatches(one: () => void): void {
    for (let done = 0; done < PACKETS; done += BATCH)
      bed.inside(() => {
        for (let i = 0; i < BATCH; i++) one();
      });
  }
});
