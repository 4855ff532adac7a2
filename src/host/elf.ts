/** The code of a BPF object file, per section, with the places where it refers to maps. */
export interface BpfObject {
  readonly license: string;
  readonly programs: ReadonlyMap<string, BpfCode>;
}

export interface BpfCode {
  /** The section's name, as `tc/encap`. */
  readonly section: string;
  /** 8 octets each. */
  readonly instructions: Uint8Array;
  readonly mapReferences: readonly MapReference[];
}

export interface MapReference {
  /** Of the instruction in octets. */
  readonly offset: number;
  readonly map: string;
}

/** The file is not an object that this program can load. */
export class BpfObjectError extends Error {
  override readonly name = 'BpfObjectError';
  readonly code = 'bad-bpf-object';
}

const MACHINE_BPF = 247;
const SECTION_PROGBITS = 1;
const SECTION_SYMTAB = 2;
const SECTION_REL = 9;
const FLAG_EXECUTABLE = 4;
const RELOCATION_MAP = 1; // R_BPF_64_64
const SECTION_HEADER = 64;
const SYMBOL = 24;
const RELOCATION = 16;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

/** Reads a little-endian ELF object of clang's BPF target. Throws `BpfObjectError`. */
export function readBpfObject(file: Buffer): BpfObject {
  try {
    return readSections(file);
  } catch (error) {
    if (error instanceof RangeError) throw new BpfObjectError('truncated', { cause: error });
    throw error;
  }
}

function readSections(file: Buffer): BpfObject {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1 || file.readUInt16LE(18) !== MACHINE_BPF) {
    throw new BpfObjectError('not a little-endian BPF object');
  }
  const sections = sectionsOf(file);
  const license = sections.find((section) => section.name === 'license');
  const programs = new Map<string, BpfCode>();
  for (const [index, section] of sections.entries()) {
    if (section.type !== SECTION_PROGBITS || !(section.flags & FLAG_EXECUTABLE) || section.size === 0) continue;
    const tables = sections.filter((other) => other.type === SECTION_REL && other.info === index);
    programs.set(section.name, {
      section: section.name,
      instructions: file.subarray(section.offset, section.offset + section.size),
      mapReferences: tables.flatMap((table) => mapReferences(file, sections, section, table)),
    });
  }
  return { license: license ? textAt(file, license.offset) : '', programs };
}

function sectionsOf(file: Buffer): Section[] {
  const start = Number(file.readBigUInt64LE(40));
  const count = file.readUInt16LE(60);
  const names = Number(file.readBigUInt64LE(start + file.readUInt16LE(62) * SECTION_HEADER + 24));
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * SECTION_HEADER;
    return {
      name: textAt(file, names + file.readUInt32LE(at)),
      type: file.readUInt32LE(at + 4),
      flags: Number(file.readBigUInt64LE(at + 8)),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
      info: file.readUInt32LE(at + 44),
    };
  });
}

function mapReferences(file: Buffer, sections: Section[], section: Section, table: Section): MapReference[] {
  const symbols = sections.find((other) => other.type === SECTION_SYMTAB) as Section;
  const names = sections[symbols.link] as Section;
  return Array.from({ length: table.size / RELOCATION }, (_, i) => {
    const at = table.offset + i * RELOCATION;
    const type = file.readUInt32LE(at + 8);
    if (type !== RELOCATION_MAP) throw new BpfObjectError(`relocation type ${type} in ${section.name}`);
    const symbol = symbols.offset + file.readUInt32LE(at + 12) * SYMBOL;
    const map = textAt(file, names.offset + file.readUInt32LE(symbol));
    return { offset: Number(file.readBigUInt64LE(at)), map };
  });
}

function textAt(file: Buffer, offset: number): string {
  const end = file.indexOf(0, offset);
  return file.toString('latin1', offset, end < 0 ? file.length : end);
}
