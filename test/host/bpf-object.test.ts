import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KERNEL_DROP_REASONS } from '#dataplane/drop-reason.ts';
import { explainBpfFailure, OBJECT_FILE, readPmipObject } from '#host/bpf-programs.ts';
import { BpfObjectError, readBpfObject } from '#host/elf.ts';
import { ENOSYS, EPERM, SystemCallError } from '#host/posix.ts';

const folder = fileURLToPath(new URL('.', OBJECT_FILE));
const compiler = ['clang-14', 'make'].find((command) => spawnSync(command, ['--version']).status !== 0);

describe('the committed BPF object', () => {
  it.skipIf(compiler)(`is what its source compiles to${compiler ? ` (no ${compiler} here)` : ''}`, () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'mooring-bpf-'));
    try {
      const sources = readdirSync(folder).filter((name) => !name.endsWith('.o'));
      for (const name of sources) copyFileSync(join(folder, name), join(elsewhere, name));
      const made = spawnSync('make', ['-C', elsewhere, 'pmip.bpf.o'], { encoding: 'utf8' });
      expect(made.status, made.stderr).toBe(0);
      expect(readFileSync(join(elsewhere, 'pmip.bpf.o')).equals(readFileSync(OBJECT_FILE))).toBe(true);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('has the programs and no debugging information', () => {
    const object = readPmipObject();
    expect([...object.programs.keys()].sort()).toEqual([
      'socket/access',
      'tc/access_in',
      'tc/core_in',
      'tc/core_l3_in',
      'tc/decap',
      'tc/encap',
      'tc/neighbours',
      'tc/pmip_in',
      'tc/vlan_in',
      'tc/vlan_out',
    ]);
    expect(object.license).toBe('GPL');
    expect(readFileSync(OBJECT_FILE).length).toBeLessThan(150_000);
  });

  it('numbers the drop reasons as the loader reads them', () => {
    const source = readFileSync(join(folder, 'maps.h'), 'utf8');
    const listed = /enum drop_reason \{([^}]*)DROP_REASONS/.exec(source)?.[1]?.match(/DROP_\w+/g);
    expect(listed).toEqual(KERNEL_DROP_REASONS.map((reason) => `DROP_${reason.toUpperCase().replaceAll('-', '_')}`));
  });
});

describe('a BPF object that cannot be used', () => {
  it('says what is missing and how to get it', () => {
    expect(() => readPmipObject(pathToFileURL('/nonexistent/pmip.bpf.o'))).toThrow(
      expect.objectContaining({ code: 'object-missing', message: expect.stringContaining('make -C bpf') }),
    );
  });

  it('is refused when it is something else, or cut anywhere', () => {
    const file = readFileSync(OBJECT_FILE);
    expect(() => readBpfObject(readFileSync(process.execPath).subarray(0, 4096))).toThrow(BpfObjectError);
    for (let length = 0; length < file.length; length += 97) {
      try {
        readBpfObject(file.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(BpfObjectError);
      }
    }
  });

  it('explains a kernel without BPF, and missing capabilities', () => {
    expect(explainBpfFailure(new SystemCallError('bpf', ENOSYS))).toMatchObject({
      code: 'no-bpf',
      message: expect.stringContaining('CONFIG_BPF_SYSCALL'),
    });
    expect(explainBpfFailure(new SystemCallError('bpf', EPERM))).toMatchObject({
      code: 'not-permitted',
      message: expect.stringContaining('CAP_BPF'),
    });
  });
});
