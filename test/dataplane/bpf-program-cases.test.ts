/** Each branch of each loaded program: BPF_PROG_TEST_RUN with packets that are right, wrong and cut off. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import { MacAddress } from '#base/mac-address.ts';
import { type DropReason, KERNEL_DROP_REASONS } from '#dataplane/drop-reason.ts';
import { BpfLoadError, BpfMap, loadProgram, mapLayout, ProgramType } from '#host/bpf.ts';
import { Pins } from '#host/bpf-pins.ts';
import { type PmipPrograms, readPmipObject } from '#host/bpf-programs.ts';
import { runProgram, Verdict } from '#host/bpf-test-run.ts';
import type { BpfObject } from '#host/elf.ts';
import { close, ifNameToIndex, SystemCallError } from '#host/posix.ts';
import { ALICE } from './bed.ts';
import { type KernelBed, kernelBedMissing, NODE_MAC } from './kernel-bed.ts';
import {
  casesBed,
  casesBindings,
  casesNode,
  PORTS,
  type Port,
  type ProgramCase,
  type ProgramName,
  withArrival,
} from './program-bed.ts';
import { PROGRAM_CASES } from './program-cases.ts';
import { countingObject, untaken } from './program-edges.ts';

const missing = kernelBedMissing();
const VERDICTS = {
  pass: Verdict.PASS,
  drop: Verdict.DROP,
  redirect: Verdict.REDIRECT,
  shown: 0xffff,
  ignored: 0,
} as const;
const SECTIONS: Readonly<Record<ProgramName, string>> = {
  encap: 'tc/encap',
  pmipIn: 'tc/pmip_in',
  decap: 'tc/decap',
  accessIn: 'tc/access_in',
  coreIn: 'tc/core_in',
  coreL3In: 'tc/core_l3_in',
  neighbours: 'tc/neighbours',
  vlanIn: 'tc/vlan_in',
  vlanOut: 'tc/vlan_out',
  accessFilter: 'socket/access',
};
/**
 * Of the ways out of each program's conditional jumps: those for a look-up in an array or a read of a header that cannot fail, and those for what a test
 * run cannot say of a packet: the tag of a VLAN, `tc_index`, large segments that came out of a tunnel (bpf-vlan, bpf-large-segments), and an entry that
 * becomes another's while it is read; what is there twice in the code is counted twice.
 */
const UNTAKEN: Readonly<Record<string, number>> = {
  'tc/encap': 196,
  'tc/decap': 142,
  'tc/access_in': 246,
  'tc/core_in': 160,
  'tc/core_l3_in': 9,
  'tc/pmip_in': 17,
  'tc/neighbours': 28,
  'tc/vlan_in': 9,
  'tc/vlan_out': 2,
  'socket/access': 9,
};
const ATTEMPTS = 20;
const ETHERNET = 14;
const MAC_LENGTH = 6;
const LONGEST_HEADERS = 120;

describe.skipIf(missing)(`each branch of the programs${missing ? ` (${missing})` : ''}`, () => {
  let bed: KernelBed;
  const indices = new Map<Port, number>();
  beforeAll(() => {
    bed = casesBed();
    expect(bed.plane.apply(casesBindings.map((forwarding) => ({ kind: 'set', forwarding }))).failed).toEqual([]);
  });
  afterAll(() => bed?.close());
  const indexOf = (port: Port) => {
    const index = indices.get(port) ?? bed.inside(() => ifNameToIndex(port));
    indices.set(port, index);
    return index;
  };
  const run = (programs: PmipPrograms, one: ProgramCase, frame = one.frame) => {
    const { program, port = PORTS[program], mark = 0, gsoSize = 0 } = one;
    return runProgram(programs[program], withArrival(frame, indexOf), { ifindex: indexOf(port), mark, gsoSize });
  };
  const counted = () => casesBindings.map(({ id, kind }) => JSON.stringify(bed.plane.counters(id, kind)));

  it.each(PROGRAM_CASES)('$program: $name', (one) => {
    const { programs } = bed.plane;
    bed.inside(() => {
      if (one.twice) return expectSecond(one);
      const drops = bed.plane.drops();
      const counters = counted();
      const { verdict, frame } = run(programs, one);
      expect(verdict).toBe(VERDICTS[one.verdict]);
      const expected = one.reason ? { ...drops, [one.reason]: drops[one.reason] + 1 } : drops;
      expect(bed.plane.drops()).toEqual(expected);
      if (one.verdict !== 'redirect') expect(counted()).toEqual(counters);
      if (one.leaves) expect(toHex(frame.subarray(ETHERNET, ETHERNET + one.leaves.length))).toBe(toHex(one.leaves));
    });
  });

  /** On a busy machine "at once" may take a while. */
  const expectSecond = (one: ProgramCase) => {
    const reason = one.reason as DropReason;
    const counts = Array.from({ length: ATTEMPTS }, () => {
      run(bed.plane.programs, one);
      const before = bed.plane.drops()[reason];
      return run(bed.plane.programs, one).verdict === VERDICTS[one.verdict] && bed.plane.drops()[reason] === before + 1;
    });
    expect(counts).toContain(true);
  };

  it('every program has cases, and every reason for a drop', () => {
    expect([...new Set(PROGRAM_CASES.map(({ program }) => program))].sort()).toEqual(
      Object.keys(bed.plane.programs).sort(),
    );
    const reasons = new Set(PROGRAM_CASES.flatMap(({ reason }) => (reason ? [reason] : [])));
    expect([...reasons].sort()).toEqual([...KERNEL_DROP_REASONS].sort());
  });

  it('take nothing out of a tunnel that is cut off, and add nothing to it on the way into one', () => {
    const verdicts = new Map<number, number>();
    bed.inside(() => {
      for (const one of PROGRAM_CASES) {
        for (let length = ETHERNET; length < one.frame.length; length++) {
          const result = attempt(() => run(bed.plane.programs, one, one.frame.subarray(0, length)));
          if (!result) continue;
          const { verdict, frame } = result;
          verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
          const about = () => `${one.program}: ${one.name}, ${length} octets`;
          if (verdict !== Verdict.REDIRECT) continue;
          if (one.program === 'decap' && !one.gsoSize) throw new Error(about());
          if (one.program === 'encap' && one.leaves)
            expect(frame.length - length, about()).toBe(ETHERNET + one.leaves.length - one.frame.length);
        }
      }
    });
    for (const verdict of Object.values(Verdict)) expect(verdicts.get(verdict)).toBeGreaterThan(100);
  });

  it('go every way that a packet can take them here', (context) => {
    const counting = countingObject(readPmipObject());
    const maps = pinnedMaps();
    try {
      const programs = loadAll(counting.object, maps);
      if (!programs) return context.skip('the verifier of this kernel does not follow programs that count their ways');
      bed.inside(() => {
        for (const one of PROGRAM_CASES) {
          run(programs, one);
          for (const frame of changed(one.frame)) run(programs, one, frame);
        }
        bed.plane.reconfigure({ ...casesNode, express: true });
        for (const one of PROGRAM_CASES) run(programs, one);
        for (const one of expressCases()) run(programs, one);
        bed.plane.reconfigure(casesNode);
      });
      for (const fd of Object.values(programs)) close(fd);
      const left = untaken(counting);
      for (const [section, most] of Object.entries(UNTAKEN)) {
        const places = left.filter((edge) => edge.section === section).map(({ at, taken }) => `${at} ${taken}`);
        expect.soft(places.length, `${section}: ${places}`).toBeLessThanOrEqual(most);
      }
    } finally {
      for (const map of [...Object.values(maps), counting.map]) map.close();
    }
  });

  function pinnedMaps(): Record<string, BpfMap> {
    const pins = bed.inside(() => Pins.of('pmip0')) as Pins;
    const names = pins.names().filter((name) => name.startsWith('map-'));
    return Object.fromEntries(
      names.map((pin) => {
        const fd = pins.get(pin) as number;
        const name = pin.slice('map-'.length);
        return [name, new BpfMap({ name, ...mapLayout(fd) }, 1, fd)];
      }),
    );
  }
});

/** A frame with each octet of its headers changed. */
function* changed(frame: Uint8Array): Iterable<Uint8Array> {
  for (let at = MAC_LENGTH; at < Math.min(frame.length, LONGEST_HEADERS); at++) {
    for (const change of [1, 0xff]) {
      const copy = Uint8Array.from(frame);
      copy[at] = (copy[at] as number) ^ change;
      yield copy;
    }
  }
}

/** What is to go into tunnels, where it comes in. */
function expressCases(): ProgramCase[] {
  const into = PROGRAM_CASES.filter(({ program }) => program === 'encap');
  return into.flatMap((one) => {
    const from = (program: ProgramName, destination: MacAddress): ProgramCase => {
      const frame = Uint8Array.from(one.frame);
      destination.write(frame, 0);
      ALICE.write(frame, 6);
      return { ...one, program, frame };
    };
    return [from('accessIn', MacAddress.pmipv6Mag), from('coreIn', NODE_MAC.inet)];
  });
}

/** `undefined` where the verifier refuses one. */
function loadAll(object: BpfObject, maps: Readonly<Record<string, BpfMap>>): PmipPrograms | undefined {
  try {
    return Object.fromEntries(
      Object.entries(SECTIONS).map(([name, section]) => {
        const type = name === 'accessFilter' ? ProgramType.SOCKET_FILTER : ProgramType.SCHED_CLS;
        return [name, loadProgram(object, section, type, maps)];
      }),
    ) as unknown as PmipPrograms;
  } catch (error) {
    if (error instanceof BpfLoadError) return undefined;
    throw error;
  }
}

/** `undefined` where the kernel takes no packet as short as that. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof SystemCallError) return undefined;
    throw error;
  }
}
