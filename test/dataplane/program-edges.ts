/** Counts which ways a BPF program goes: a counter behind each conditional jump and on the way to its target. */
import { BpfMap, MapFlag, MapType } from '#host/bpf.ts';
import type { BpfCode, BpfObject } from '#host/elf.ts';

const SLOT = 8;
const LOAD_IMMEDIATE = 0x18; // two slots
const CALL = 0x85;
const EXIT = 0x95;
const JUMP = 0x05;
const STORE = 0x7b; // 64 bits
const LOAD = 0x79;
const MOVE_IMMEDIATE = 0xb7;
const ATOMIC_ADD = 0xdb;
const MAP_VALUE = 2; // BPF_PSEUDO_MAP_VALUE
const FRAME = 10;
const ENTRY = 1 << 1; // the context
const CLOBBERED = 0x3e; // by a call
/** Where the two registers of a counter are kept meanwhile; no program of ours reaches that deep. */
const KEPT = [-512, -504] as const;

/** A way out of a conditional jump; `at` is the slot of the jump in the object. */
export interface Edge {
  readonly section: string;
  readonly at: number;
  readonly taken: boolean;
}

interface Instruction {
  readonly slot: number;
  readonly octets: Buffer;
  /** Slot. */
  readonly target: number | undefined;
  readonly conditional: boolean;
}

/** An object like another whose programs count their ways in `map`. */
export interface CountingObject {
  readonly object: BpfObject;
  readonly edges: readonly Edge[];
  readonly map: BpfMap;
}

/** Throws `SystemCallError`. */
export function countingObject(object: BpfObject): CountingObject {
  const codes = [...object.programs.values()].map((code) => ({ code, instructions: decode(code.instructions) }));
  const edges = codes.flatMap(({ code: { section }, instructions }) =>
    instructions.flatMap(({ slot, conditional }) =>
      conditional ? [false, true].map((taken) => ({ section, at: slot, taken })) : [],
    ),
  );
  const spec = { name: 'edges', type: MapType.ARRAY, keySize: 4, valueSize: edges.length * 8, maximumEntries: 1 };
  const map = new BpfMap({ ...spec, flags: MapFlag.MMAPABLE });
  let next = 0;
  const programs = codes.map(({ code, instructions }) => {
    const counting = withCounters(code, instructions, map.fd, next);
    next += instructions.filter(({ conditional }) => conditional).length * 2;
    return [code.section, counting] as const;
  });
  return { object: { license: object.license, programs: new Map(programs) }, edges, map };
}

/** The edges that no packet has taken. */
export function untaken({ edges, map }: CountingObject): Edge[] {
  map.key.fill(0);
  map.lookup();
  return edges.filter((_, i) => map.value.readBigUInt64LE(i * 8) === 0n);
}

function decode(octets: Uint8Array): Instruction[] {
  const code = Buffer.from(octets);
  const instructions: Instruction[] = [];
  for (let slot = 0; slot * SLOT < code.length; ) {
    const operation = code.readUInt8(slot * SLOT);
    const slots = operation === LOAD_IMMEDIATE ? 2 : 1;
    const isJump = [5, 6].includes(operation & 7) && operation !== CALL && operation !== EXIT;
    instructions.push({
      slot,
      octets: code.subarray(slot * SLOT, (slot + slots) * SLOT),
      target: isJump ? slot + 1 + code.readInt16LE(slot * SLOT + 2) : undefined,
      conditional: isJump && operation !== JUMP,
    });
    slot += slots;
  }
  return instructions;
}

/** `first`: the number of its first edge. */
function withCounters(code: BpfCode, instructions: readonly Instruction[], fd: number, first: number): BpfCode {
  const known = knownRegisters(instructions);
  const made: Buffer[] = [];
  const places = new Map<number, number>(); // of the slots of before
  const jumps: { readonly octets: Buffer; readonly place: number; readonly to: number | { readonly place: number } }[] =
    [];
  const detours: { readonly from: Buffer; readonly place: number; readonly edge: number; readonly one: Instruction }[] =
    [];
  let edge = first;
  for (const one of instructions) {
    places.set(one.slot, made.length);
    const octets = Buffer.from(one.octets);
    const place = made.length;
    for (let at = 0; at < octets.length; at += SLOT) made.push(octets.subarray(at, at + SLOT));
    if (one.conditional) {
      made.push(...counter(fd, edge, known.get(one.slot) ?? 0));
      detours.push({ from: octets, place, edge: edge + 1, one });
      edge += 2;
    } else if (one.target !== undefined) jumps.push({ octets, place, to: one.target });
  }
  for (const { from, place, edge: number, one } of detours) {
    jumps.push({ octets: from, place, to: { place: made.length } });
    made.push(...counter(fd, number, known.get(one.slot) ?? 0));
    const back = instruction(JUMP, 0, 0, 0, 0);
    jumps.push({ octets: back, place: made.length, to: one.target as number });
    made.push(back);
  }
  for (const { octets, place, to } of jumps) {
    const target = typeof to === 'number' ? (places.get(to) as number) : to.place;
    octets.writeInt16LE(target - place - 1, 2);
  }
  const mapReferences = code.mapReferences.map(({ offset, map }) => ({
    offset: (places.get(offset / SLOT) as number) * SLOT,
    map,
  }));
  return { section: code.section, instructions: Buffer.concat(made), mapReferences };
}

/** Adds 1 to the counter of an edge, and leaves the registers as they are that have a value. */
function counter(fd: number, edge: number, known: number): Buffer[] {
  const kept = [1, 2].filter((register) => known & (1 << register));
  const place = (register: number) => KEPT[register - 1] as number;
  return [
    ...kept.map((register) => instruction(STORE, FRAME, register, place(register), 0)),
    instruction(LOAD_IMMEDIATE, 1, MAP_VALUE, 0, fd),
    instruction(0, 0, 0, 0, edge * 8),
    instruction(MOVE_IMMEDIATE, 2, 0, 0, 1),
    instruction(ATOMIC_ADD, 1, 2, 0, 0),
    ...kept.map((register) => instruction(LOAD, register, FRAME, place(register), 0)),
  ];
}

function instruction(operation: number, destination: number, source: number, offset: number, value: number): Buffer {
  const octets = Buffer.alloc(SLOT);
  octets.writeUInt8(operation, 0);
  octets.writeUInt8(destination | (source << 4), 1);
  octets.writeInt16LE(offset, 2);
  octets.writeInt32LE(value, 4);
  return octets;
}

/** Of each instruction: the registers that have a value before it, whichever way led there. */
function knownRegisters(instructions: readonly Instruction[]): Map<number, number> {
  const known = new Map([[0, ENTRY]]);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [i, { slot, octets, target, conditional }] of instructions.entries()) {
      const before = known.get(slot);
      if (before === undefined) continue;
      const operation = octets.readUInt8(0);
      const after = afterwards(operation, octets.readUInt8(1) & 15, before);
      const next = instructions[i + 1]?.slot;
      const goesOn = operation !== EXIT && (target === undefined || conditional);
      for (const to of [target, goesOn ? next : undefined]) {
        if (to === undefined) continue;
        const merged = (known.get(to) ?? -1) & after;
        if (merged === known.get(to)) continue;
        known.set(to, merged);
        changed = true;
      }
    }
  }
  return known;
}

function afterwards(operation: number, destination: number, known: number): number {
  if (operation === CALL) return (known & ~CLOBBERED) | 1;
  const writes = [0, 1, 4, 7].includes(operation & 7); // loads and arithmetic
  return writes ? known | (1 << destination) : known;
}
