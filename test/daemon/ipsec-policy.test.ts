/** What `mooring ipsec-policy` prints, read by strongSwan. This kernel need not have ESP: no traffic is sent. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const CHARON = '/usr/lib/ipsec/charon';
const namespace = `mti${process.pid}`;

const obstacle = findObstacle();

/** Its packages start a key exchange daemon of their own, so the set-up does not install them. */
function findObstacle(): string {
  if (process.geteuid?.() !== 0) return 'needs root';
  if (!existsSync(CHARON)) return `needs ${CHARON}, of strongswan-charon`;
  return existsSync('/usr/sbin/swanctl') ? '' : 'needs /usr/sbin/swanctl, of strongswan-swanctl';
}

describe.skipIf(obstacle !== '')(`mooring ipsec-policy and strongSwan (${obstacle || 'root, charon, swanctl'})`, () => {
  let directory: string;
  let environment: NodeJS.ProcessEnv;
  let charon: ChildProcess;

  const swanctl = (...words: string[]) =>
    spawnSync('swanctl', [...words, '--uri', `unix://${join(directory, 'vici')}`], {
      encoding: 'utf8',
      env: environment,
    });
  const load = (text: string) => {
    writeFileSync(join(directory, 'swanctl.conf'), text);
    return swanctl('--load-conns', '--file', join(directory, 'swanctl.conf'));
  };
  const policy = (...words: string[]) =>
    execFileSync(process.execPath, ['bin/mooring', 'ipsec-policy', ...words], { cwd: root, encoding: 'utf8' });

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mooring-ipsec-'));
    environment = { ...process.env, STRONGSWAN_CONF: join(directory, 'strongswan.conf') };
    const plugins = 'random nonce aes sha1 sha2 hmac kdf gmp pem pkcs1 x509 pubkey';
    writeFileSync(
      join(directory, 'strongswan.conf'),
      `charon {
  load = ${plugins} vici kernel-netlink socket-default
  install_routes = no
  plugins { vici { socket = unix://${join(directory, 'vici')} } }
}
swanctl { load = ${plugins} }
`,
    );
    execFileSync('ip', ['netns', 'add', namespace]);
    // Its process id file is in /run, which it is to have for itself.
    const script = `mount -t tmpfs none /run && exec ${CHARON}`;
    charon = spawn('ip', ['netns', 'exec', namespace, 'unshare', '--mount', 'sh', '-c', script], {
      env: environment,
      stdio: 'ignore',
    });
    for (const end = Date.now() + 10_000; !existsSync(join(directory, 'vici')); await sleep(20)) {
      if (Date.now() > end || charon.exitCode !== null) throw new Error('charon does not start here');
    }
  }, 20_000);

  afterAll(async () => {
    const ended = new Promise((resolve) => charon?.once('exit', resolve));
    charon?.kill('SIGTERM');
    await ended;
    execFileSync('ip', ['netns', 'delete', namespace]);
    rmSync(directory, { recursive: true });
  });

  it.each(['lma.cfg', 'mag1.cfg', 'lma-ipv4-only.cfg'])('takes that of examples/%s', (file) => {
    for (const auth of ['certificate', 'psk']) {
      const { status, stdout, stderr } = load(policy('--auth', auth, `examples/${file}`));
      expect(`${status} ${stderr}`).toMatch(/^0 /);
      expect(stdout).toMatch(/successfully loaded [12] connections/);
    }
  });

  it('understands it as it is meant', () => {
    load(policy('examples/mag1.cfg'));
    const listed = swanctl('--list-conns').stdout;
    expect(listed).toContain('mooring-M1-lma1: IKEv2');
    expect(listed).toContain('signalling: TRANSPORT');
    expect(listed).toMatch(/local: {2}2001:db8:cafe:1025::15\/128\[(mobility-header|135)\]/);
    expect(listed).toMatch(/remote: 2001:db8:cafe:1024::101\/128\[(mobility-header|135)\]/);
  });

  it('takes names with whatever a name may have, and both families', () => {
    const file = join(directory, 'odd.cfg');
    const text = readFileSync(join(root, 'examples/lma.cfg'), 'utf8');
    writeFileSync(
      file,
      text
        .replace(/^ {2}mag M2$/m, '  mag M"{2}#\\=')
        .replace(/^( +)(ipv6-address 2001:db8:cafe:1025::15)$/m, '$1$2\n$1ipv4-address 192.0.2.9')
        .replace(/^ {2}address ipv6 (.*)$/m, '$&\n  address ipv4 192.0.2.1'),
    );
    expect(load(policy(file)).stdout).toContain('successfully loaded 3 connections');
    const listed = swanctl('--list-conns').stdout;
    expect(listed).toContain('192.0.2.1/32[udp/5436]');
    expect(listed).toContain('id: M"{2}#\\=');
  });

  it('finds mistakes, so that the above means something', () => {
    expect(load(policy('examples/mag1.cfg').replace('esp_proposals', 'esp_proposal')).status).not.toBe(0);
    expect(load(policy('examples/mag1.cfg').replace('[135]', '[mobility]')).status).not.toBe(0);
  });
});
