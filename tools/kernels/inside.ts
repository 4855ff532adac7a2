/**
 * What the emulated machine runs, with Node alone: Vitest takes many minutes to start there. The beds and packets are those of the tests. Prints what is not as it should be; the
 * exit status is 0 when nothing is printed but figures.
 */
import { registerHooks } from 'node:module';
import { release } from 'node:os';
import { toHex } from '#base/bytes.ts';
import { decapsulate } from '#dataplane/encapsulation.ts';
import { finished } from '#dataplane/large-packet.ts';
import { keysOf } from '#dataplane/tunnel-form.ts';
import { probeKernel } from '#host/kernel-features.ts';
import { ifNameToIndex } from '#host/posix.ts';

/** In the place of Vitest: the beds want to be told when tests have ended. */
const NO_TESTS = ['describe', 'it', 'expect', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach', 'vi']
  .map((name) => `export const ${name} = () => {};`)
  .join('');
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vitest'
      ? { url: `data:text/javascript,${NO_TESTS}`, format: 'module', shortCircuit: true }
      : next(specifier, context),
});
const { kernelBed, NODE_NAMESPACE } = await import('../../test/dataplane/kernel-bed.ts');
const { PROGRAM_CASES } = await import('../../test/dataplane/program-cases.ts');
const { casesBed, casesBindings, multicast4, multicast6, PORTS, withArrival } = await import(
  '../../test/dataplane/program-bed.ts'
);
const { FAMILIES, mirrored, TUNNELS, tunnelPacket } = await import('../../test/dataplane/encapsulations.ts');
const { ALICE, anchored, attached, node } = await import('../../test/dataplane/bed.ts');
const { largeSegment, withoutOffloads } = await import('../../test/dataplane/large-segment.ts');
const { udpPacket } = await import('../../test/dataplane/packets.ts');
const { runProgram } = await import('#host/bpf-test-run.ts');
type Bed = ReturnType<typeof kernelBed>;
type Case = (typeof PROGRAM_CASES)[number];

const ETHERNET = 14;
/** Octets of TCP's data in large packets, and in their segments. */
const LARGE = [5000, 5200, 20_000];
const SEGMENT = 1300;
const VERDICTS = { pass: 0xffffffff, drop: 2, redirect: 7, shown: 0xffff, ignored: 0 } as const;
let wrong = 0;
const complain = (text: string) => {
  wrong++;
  process.stdout.write(`WRONG ${text}\n`);
};

process.stdout.write(`Linux ${release()} has ${JSON.stringify(probeKernel())}\n`);
runPrograms();
for (const express of [false, true]) forwardPackets(express);
for (const express of [false, true]) cutLargePackets(express);
process.exitCode = wrong === 0 ? 0 : 1;

/** BPF_PROG_TEST_RUN of every case. */
function runPrograms(): void {
  const bed = casesBed();
  try {
    const { failed } = bed.plane.apply(casesBindings.map((forwarding) => ({ kind: 'set', forwarding })));
    for (const { reason } of failed) complain(reason);
    // What comes at once, or soon, does not do so on an emulated machine.
    const cases = PROGRAM_CASES.filter(({ twice, soon }) => !twice && !soon);
    bed.inside(() => {
      for (const one of cases) runCase(bed, one);
    });
    process.stdout.write(`${cases.length} packets through the programs, all of which load\n`);
  } finally {
    bed.close();
  }
}

function runCase(bed: Bed, one: Case): void {
  const { program, name, port = PORTS[program], mark = 0, gsoSize = 0, reason, leaves } = one;
  const frame = withArrival(one.frame, ifNameToIndex);
  const run = () => runProgram(bed.plane.programs[program], frame, { ifindex: ifNameToIndex(port), mark, gsoSize });
  const before = bed.plane.drops();
  const result = run();
  const after = bed.plane.drops();
  const left = leaves && toHex(result.frame.subarray(ETHERNET, ETHERNET + leaves.length));
  const isAsExpected =
    result.verdict === VERDICTS[one.verdict] &&
    (!reason || after[reason] === before[reason] + 1) &&
    (!leaves || left === toHex(leaves));
  if (!isAsExpected) complain(`${program}: ${name}: ${result.verdict} ${left ?? ''}`);
}

/** Real packets, both ways at both ends of every tunnel, and for groups where keys say whose they are. */
function forwardPackets(express: boolean): void {
  const bed = kernelBed({ forwarding: { ...node, correspondentInterfaces: ['inet'], express } });
  let count = 0;
  try {
    for (const { name, ends, encapsulation } of TUNNELS) {
      const path = { encapsulation, local: ends.local, remote: ends.remote };
      const hasOwnKey = keysOf(encapsulation) !== undefined;
      for (const binding of [anchored, { ...attached, hasOwnKey }])
        bed.plane.apply([{ kind: 'set', forwarding: { ...binding, paths: [path] } }]);
      for (const { family, far, anchoredAddress: home, attachedAddress: here } of FAMILIES) {
        const inTunnel = (packet: Uint8Array) => tunnelPacket(mirrored(path), packet);
        const octetsOf = (packet: Uint8Array) => tunnelPacket(path, packet).length;
        const group = udpPacket(far, family === 4 ? multicast4 : multicast6);
        const ofGroup = [{ from: 'transport', packet: inTunnel(group) }, 'access', group.length] as const;
        for (const [arrival, to, length] of [
          [{ from: 'core', packet: udpPacket(far, home) }, 'transport', octetsOf(udpPacket(far, home))],
          [{ from: 'access', mac: ALICE, packet: udpPacket(here, far) }, 'transport', octetsOf(udpPacket(here, far))],
          [{ from: 'transport', packet: inTunnel(udpPacket(home, far)) }, 'core', udpPacket(home, far).length],
          [{ from: 'transport', packet: inTunnel(udpPacket(far, here)) }, 'access', udpPacket(far, here).length],
          ...(hasOwnKey ? [ofGroup] : []),
        ] as const) {
          const left = bed.exchange(arrival);
          count++;
          if (left.length !== 1 || left[0]?.to !== to || left[0].packet.length !== length)
            complain(`IPv${family} in ${name} to ${to}, express ${express}: ${left.map((one) => one.to)}`);
        }
      }
    }
    process.stdout.write(`${count} packets forwarded, express ${express}\n`);
  } finally {
    bed.close();
  }
}

/** Large packets into every tunnel, cut on the way out of the node: behind a TLV header by the programs where the last segment is shorter, else by the kernel. */
function cutLargePackets(express: boolean): void {
  const bed = kernelBed({ forwarding: { ...node, correspondentInterfaces: ['inet'], express } });
  let count = 0;
  try {
    withoutOffloads(NODE_NAMESPACE, 'core');
    for (const { name, ends, encapsulation } of TUNNELS) {
      // Nobody takes packets to another port for those of a tunnel.
      if (encapsulation.kind === 'udp' && encapsulation.remotePort !== encapsulation.localPort) continue;
      const paths = [{ encapsulation, local: ends.local, remote: ends.remote }] as const;
      bed.plane.apply([{ kind: 'set', forwarding: { ...anchored, paths } }]);
      for (const { family, far, anchoredAddress: home } of FAMILIES) {
        const header = family === 4 ? 20 : 40;
        for (const octets of LARGE) {
          const large = largeSegment(far, home, octets);
          const left = bed.exchangeLarge(large, SEGMENT).map(({ packet }) => decapsulate(packet));
          const seen = left.map((one) => (typeof one === 'object' ? toHex(one.inner.subarray(header)) : one));
          const expected = finished(large, header + 20 + SEGMENT).map((one) => toHex(one.subarray(header)));
          count += seen.length;
          if (seen.join() !== expected.join())
            complain(`IPv${family} in ${name}, express ${express}: ${octets} in ${seen.length} segments`);
        }
      }
    }
    process.stdout.write(`${count} segments of large packets, express ${express}\n`);
  } finally {
    bed.close();
  }
}
