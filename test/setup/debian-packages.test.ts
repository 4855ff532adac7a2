import { describe, expect, it } from 'vitest';
import { installDebianPackages } from '../../tools/setup/debian-packages.mjs';

const PACKAGES = [
  { name: 'iproute2', command: 'ip' },
  { name: 'tshark', command: 'tshark' },
  { name: 'libbpf-dev', file: '/usr/include/bpf/bpf_helpers.h' },
];

describe('Debian packages', () => {
  it('that are there cost nothing: no command is run, not a word said', () => {
    const machine = machineWith({ present: ['ip', 'tshark', '/usr/include/bpf/bpf_helpers.h'] });
    expect(install(machine)).toEqual({ complete: true, said: [] });
    expect(machine.commands).toEqual([]);
  });

  it('that are missing are installed without a question, and named before', () => {
    const machine = machineWith({
      present: ['ip', 'apt-get'],
      installable: ['tshark', '/usr/include/bpf/bpf_helpers.h'],
    });
    expect(install(machine)).toEqual({
      complete: true,
      said: ['installing Debian packages: tshark libbpf-dev'],
    });
    expect(machine.commands).toEqual([
      'apt-get -o DPkg::Lock::Timeout=120 -q update',
      '(without services) apt-get -o DPkg::Lock::Timeout=120 -q install -y --no-install-recommends tshark libbpf-dev',
    ]);
    expect(machine.environments).toEqual(Array(2).fill(expect.objectContaining({ DEBIAN_FRONTEND: 'noninteractive' })));
  });

  it('are only named without root', () => {
    const machine = machineWith({ present: ['ip', 'apt-get'], isRoot: false });
    expect(install(machine)).toEqual({
      complete: false,
      said: ['missing and not installable (not root): tshark (tshark), libbpf-dev (/usr/include/bpf/bpf_helpers.h)'],
    });
    expect(machine.commands).toEqual([]);
  });

  it('are only named on a system without apt-get', () => {
    expect(install(machineWith({ present: ['tshark', '/usr/include/bpf/bpf_helpers.h'] })).said).toEqual([
      'missing and not installable (no apt-get here): iproute2 (ip)',
    ]);
  });

  it('are installed from the lists that are there when the archive cannot be reached', () => {
    const machine = machineWith({
      present: ['ip', 'apt-get'],
      installable: ['tshark', '/usr/include/bpf/bpf_helpers.h'],
      failing: 'update',
    });
    expect(install(machine)).toEqual({
      complete: true,
      said: [
        'installing Debian packages: tshark libbpf-dev',
        'apt-get update failed: trying with the package lists that are there',
      ],
    });
  });

  it('that apt-get refuses are named with its last line', () => {
    const machine = machineWith({ present: ['ip', 'tshark', 'apt-get'], failing: 'install' });
    expect(install(machine)).toEqual({
      complete: false,
      said: [
        'installing Debian packages: libbpf-dev',
        'missing and not installable (apt-get install failed: E: no such package): libbpf-dev (/usr/include/bpf/bpf_helpers.h)',
      ],
    });
  });

  it('that bring something else than they should are named too', () => {
    expect(install(machineWith({ present: ['ip', 'tshark', 'apt-get'] })).said).toContain(
      'missing and not installable (installed, but still not found): libbpf-dev (/usr/include/bpf/bpf_helpers.h)',
    );
  });
});

function install(machine: ReturnType<typeof machineWith>) {
  const said: string[] = [];
  const complete = installDebianPackages(PACKAGES, (text) => said.push(text), machine);
  return { complete, said };
}

/** A machine with commands and files by name, where `apt-get install` brings what is `installable` and `apt-get <failing>` fails. */
function machineWith(parts: { present: string[]; installable?: string[]; failing?: string; isRoot?: boolean }) {
  const present = new Set(parts.present);
  const commands: string[] = [];
  const environments: Record<string, string>[] = [];
  let held = '';
  return {
    commands,
    environments,
    isRoot: parts.isRoot ?? true,
    findCommand: (command: string) => (present.has(command) ? `/usr/bin/${command}` : undefined),
    hasFile: (path: string) => present.has(path),
    run(command: string, words: string[], environment: Record<string, string>) {
      commands.push(held + [command, ...words].join(' '));
      environments.push(environment);
      if (parts.failing !== undefined && words.includes(parts.failing)) {
        return { status: 100, stderr: 'W: something\nE: no such package\n' };
      }
      if (words.includes('install')) for (const name of parts.installable ?? []) present.add(name);
      return { status: 0, stderr: '' };
    },
    withoutServices<T>(install: () => T): T {
      held = '(without services) ';
      try {
        return install();
      } finally {
        held = '';
      }
    },
  };
}
