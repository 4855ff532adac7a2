import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPLETIONS } from '../../tools/package/completion.ts';
import { ScratchMachine } from './scratch-machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const obstacle =
  process.env.MOORING_NIGHTLY === undefined ? 'long: MOORING_NIGHTLY=1' : process.geteuid?.() === 0 ? '' : 'needs root';
const lintian = spawnSync('lintian', ['--version']).status === 0;

const CONFIGURATION = `hostname packaged
ip http server
ipv6 local pool V6 2001:db8:8000::/40 64
ipv6 mobile pmipv6-domain D
  mag M1
    ipv6-address ::1
  nai anyone@example.com
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 2001:db8::1
  default profile anyone@example.com
  network N
    pool ipv6 V6 pfxlen 40
`;

/** As npm run package does. */
function build(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-packages-'));
  execFileSync(process.execPath, [join(root, 'tools/package/main.ts'), folder], { stdio: 'pipe' });
  return folder;
}

const digests = (folder: string) =>
  readdirSync(folder).map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex'),
  ]);

describe.skipIf(obstacle !== '')(`the packages, built and installed (${obstacle || 'root'})`, () => {
  let folder: string;
  let debian: string;
  let npm: string;
  let machine: ScratchMachine;
  const folders: string[] = [];

  beforeAll(async () => {
    folder = build();
    folders.push(folder);
    const [npmName = '', debianName = ''] = readdirSync(folder).sort();
    npm = join(folder, npmName);
    debian = join(folder, debianName);
    machine = await ScratchMachine.start();
  }, 300_000);
  afterAll(async () => {
    await machine?.stop();
    for (const one of folders) rmSync(one, { recursive: true, force: true });
  });

  /** Runs the daemon with the rights that its unit gives, until `then` is done; returns what that printed. */
  const whileItRuns = (mooring: string, then: string) =>
    machine.run(`set -e
      ip address replace 2001:db8::1/128 dev lo nodad
      mkdir -p /etc/mooring /var/lib/mooring /run/mooring
      rm -f /tmp/log
      cat >/etc/mooring/startup-config <<'END'
${CONFIGURATION}END
      chmod 600 /etc/mooring/startup-config
      ${mooring} run /etc/mooring/startup-config --log-format json >/tmp/log 2>&1 &
      pid=$!
      i=0
      until grep -q '"http-started"' /tmp/log && ${mooring} show version >/dev/null 2>&1; do
        i=$((i+1)); if [ $i = 300 ] || ! kill -0 $pid; then cat /tmp/log >&2; exit 1; fi; sleep 0.1
      done
      ${then}
      kill -TERM $pid
      wait $pid`);

  const SURFACES = (mooring: string) => `
      fetch() { curl -sf "http://127.0.0.1:8080$1"; }
      fetch / | grep -o '<title>.*</title>'
      script=$(fetch / | grep -o '/assets/[^"]*js' | head -1); fetch "$script" | wc -c
      fetch /api/v1/openapi.json | head -c 20; echo
      fetch /metrics | grep '^mooring_lma_bindings'
      ${mooring} show running-config | grep hostname
      ${mooring} show dataplane | head -1
      ls /var/lib/mooring | head -1`;

  it('are the same octets whenever they are built of the same sources', () => {
    const again = build();
    folders.push(again);
    expect(digests(again)).toEqual(digests(folder));
  });

  it('the one for Debian has nothing that its policy forbids', () => {
    const fields = execFileSync('dpkg-deb', ['--field', debian], { encoding: 'utf8' });
    for (const field of ['Package: mooring', 'Architecture: ', 'Maintainer: ', 'Depends: ', 'Section: net'])
      expect(fields).toContain(field);
    const listed = execFileSync('dpkg-deb', ['--contents', debian], { encoding: 'utf8' }).trim().split('\n');
    const wrong = listed.filter((line) => {
      const [mode = '', owner] = line.split(/\s+/);
      const path = line.split(/\s+/)[5] ?? '';
      return (
        owner !== 'root/root' ||
        !/^(d?rwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx)$/.test(mode) ||
        !/^\.\/(usr\/((bin|lib|share)\/.*)?)?$/.test(path.replace(/^(\.\/usr\/(bin|lib|share))$/, '$1/'))
      );
    });
    expect(wrong).toEqual([]);
    expect(listed.filter((line) => /node_modules.*\.(map|[cm]?ts|c|cc|h)$/.test(line))).toEqual([]);
    expect(statSync(debian).size).toBeLessThan(40 * 2 ** 20);
  });

  it.skipIf(!lintian)(
    `the one for Debian has nothing that lintian finds (${lintian ? 'lintian' : 'needs lintian'})`,
    () => {
      execFileSync('lintian', ['--allow-root', '--fail-on', 'error,warning', debian], { stdio: 'pipe' });
    },
  );

  it('the one for Debian is installed on a machine, has its documents, manual and completions there, and its units are right', () => {
    const there = machine.copyIn(debian);
    machine.run(`dpkg --install ${there}`);
    expect(machine.run('dpkg --verify mooring')).toBe('');
    const paths = [
      ...COMPLETIONS.map(({ path }) => path),
      'share/man/man1/mooring.1.gz',
      'share/doc/mooring/copyright',
      'share/doc/mooring/docs/operating.md',
      'lib/sysusers.d/mooring.conf',
    ];
    expect(
      machine
        .run(`cd /usr && ls ${paths.join(' ')}`)
        .trim()
        .split('\n'),
    ).toHaveLength(paths.length);
    const page = machine.run('MANWIDTH=100 man --warnings --local-file /usr/share/man/man1/mooring.1.gz 2>&1 | cat');
    expect(page).toMatch(/^MOORING\(1\)/);
    expect(page).not.toMatch(/^(man|g?troff|<standard input>|mdoc).*warning/m);
    expect(machine.run('id -nG mooring')).toBe('mooring\n');
    expect(machine.run('stat -c "%U %a" /etc/mooring')).toBe('mooring 750\n');
    const units = ['mooring.service', 'mooring@lma.service'].map((unit) => `/usr/lib/systemd/system/${unit}`);
    machine.run(`cp /usr/lib/systemd/system/mooring@.service ${units[1]}`);
    const told = machine.run(`systemd-analyze verify ${units.join(' ')} 2>&1`);
    expect(told.split('\n').filter((line) => line.includes('mooring'))).toEqual([]);
    machine.run(`rm ${units[1]}`);
  });

  it('every command of the one for Debian can be run, without the Node of the machine', () => {
    const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
    const mooring = 'env -i PATH=/usr/bin:/bin mooring';
    expect(machine.run(`${mooring} --version`)).toBe(`${version}\n`);
    const commands = machine.run(`${mooring} --help`).match(/^ {2}[a-z][\w-]*(?= )/gm) ?? [];
    expect(commands.length).toBeGreaterThan(12);
    for (const command of commands) machine.run(`${mooring} ${command.trim()} --help >/dev/null`);
    const examples = machine.run('find /usr/share/doc/mooring/examples -name "*.cfg"').trim().split('\n');
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) expect(machine.run(`${mooring} check ${example}`)).toContain('no errors');
    expect(machine.run(`${mooring} doctor --json /usr/share/doc/mooring/examples/lma.cfg || [ $? = 1 ]`)).toContain(
      '"data-plane"',
    );
  });

  it('the one for Debian runs with the rights of its unit: data plane, store, API, dashboard and metrics', () => {
    const rights = machine
      .run("sed -n 's/^AmbientCapabilities=//p' /usr/lib/systemd/system/mooring.service")
      .toLowerCase()
      .trim()
      .replaceAll(/cap_(\w+) ?/g, '+$1,')
      .replace(/,$/, '');
    machine.run(`mkdir -p /var/lib/mooring /run/mooring/bpf /sys/fs/bpf/mooring
      mount --bind /sys/fs/bpf/mooring /run/mooring/bpf; chown mooring: /run/mooring /var/lib/mooring /sys/fs/bpf/mooring
      rm -f /tmp/tun; mknod /tmp/tun c 10 200; chmod 666 /tmp/tun; mount --bind /tmp/tun /dev/net/tun
      touch /etc/mooring/startup-config; chown mooring: /etc/mooring/startup-config`);
    const asUser = `setpriv --reuid mooring --regid mooring --clear-groups --bounding-set -all,${rights} --inh-caps -all,${rights} --ambient-caps -all,${rights} --no-new-privs mooring`;
    const lines = whileItRuns(asUser, SURFACES('mooring')).trim().split('\n');
    expect(lines[0]).toMatch(/<title>.*<\/title>/);
    expect(Number(lines[1])).toBeGreaterThan(50_000);
    expect(lines[2]).toMatch(/^\{"openapi"/);
    expect(lines.slice(3, -1).join('\n')).toMatch(/mooring_lma_bindings[\s\S]*hostname packaged/);
    expect(lines.at(-1)).not.toBe('');
    expect(machine.run('mooring store check /var/lib/mooring 2>&1')).not.toMatch(/damaged/);
  });

  it('the one for Debian keeps what was configured when it is removed, and nothing when it is purged', () => {
    machine.run('umount /run/mooring/bpf /dev/net/tun; dpkg --remove mooring');
    expect(machine.run('ls /etc/mooring')).toBe('startup-config\n');
    expect(machine.run('ls -d /usr/lib/mooring /usr/bin/mooring 2>&1 || true')).not.toMatch(/^\/usr/m);
    machine.run('dpkg --purge mooring');
    expect(machine.run('ls -d /etc/mooring /var/lib/mooring /var/cache/mooring 2>&1 || true')).not.toMatch(/^\//m);
  });

  it('the one for npm is installed in an empty folder, and runs there', () => {
    const there = machine.copyIn(npm);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    // What npm would fetch from its registry is what this checkout has.
    machine.run(`mkdir -p /srv/there/node_modules && cd /srv/there && tar -xzf ${there} && mv package node_modules/mooring
      ln -s ${join(root, 'node_modules')} node_modules/mooring/node_modules`);
    const mooring = `${process.execPath} /srv/there/node_modules/mooring/bin/mooring`;
    expect(machine.run(`${mooring} --version`)).toBe(`${version}\n`);
    const printed = whileItRuns(mooring, SURFACES(mooring));
    expect(printed).toMatch(/<title>[\s\S]*"openapi"[\s\S]*mooring_lma_bindings[\s\S]*hostname packaged/);
  });
});
