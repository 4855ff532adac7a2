import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRequest } from '#cli/control-client.ts';
import { renderAaaServers } from '#cli/show/index.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import { Daemon, eventually, obstacle } from '../network.ts';
import { FreeRadius, freeRadiusObstacle, SECRET } from './free-radius.ts';

const ssh = spawnSync('sh', ['-c', 'command -v ssh']).status === 0 ? '' : 'needs ssh';
const why = [obstacle, freeRadiusObstacle, ssh].filter((text) => text !== '').join('; ');
const PORT = '2022';
const USERS = `
alice Cleartext-Password := "of-the-server"
  Cisco-AVPair = "shell:priv-lvl=15"

bob Cleartext-Password := "of-the-server"
`;
const configuration = (...methods: string[]) => `hostname mag1
aaa new-model
aaa group server radius ADMINS
  server 127.0.0.1 auth-port 1812 acct-port 1813
aaa authentication login default ${methods.join(' ')}
radius-server host 127.0.0.1 auth-port 1812 acct-port 1813 key ${SECRET}
radius-server timeout 1
radius-server retransmit 0
radius-server attribute 6 on-for-login-auth
enable secret openSesame
username bob privilege 15 secret of-this-node
username carol secret of-this-node
ip ssh version 2
ip ssh port ${PORT}
line vty 0 4
 transport input ssh
`;

describe.skipIf(why !== '')(
  `operators that a FreeRADIUS server lets in (${why || 'root, freeradius, OpenSSH'})`,
  () => {
    const namespace = `mtl${process.pid}`;
    const directory = mkdtempSync(join(tmpdir(), 'mooring-login-'));
    const file = join(directory, 'node.cfg');
    const socket = join(directory, 'node.sock');
    let daemon: Daemon;
    let radius: FreeRadius;

    /** What the command prints for an operator; nothing for whoever is not let in. */
    function come(user: string, password: string, line = 'show version'): Promise<string> {
      const askpass = join(directory, `askpass-${user}-${password}`);
      writeFileSync(askpass, `#!/bin/sh\necho '${password}'\n`);
      chmodSync(askpass, 0o755);
      const options = [
        'PubkeyAuthentication=no',
        `UserKnownHostsFile=${join(directory, 'known_hosts')}`,
        'StrictHostKeyChecking=accept-new',
        'NumberOfPasswordPrompts=1',
      ].flatMap((option) => ['-o', option]);
      const words = [
        'netns',
        'exec',
        namespace,
        'ssh',
        '-p',
        PORT,
        '-F',
        'none',
        ...options,
        `${user}@127.0.0.1`,
        line,
      ];
      const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' };
      return new Promise<string>((resolve) =>
        execFile('ip', words, { env, timeout: 20_000 }, (_, stdout) => resolve(stdout)),
      );
    }
    const configure = (...methods: string[]) =>
      controlRequest(socket, { request: 'reconfigure', text: configuration(...methods) });

    beforeAll(async () => {
      execFileSync('ip', ['netns', 'add', namespace]);
      execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
      chmodSync(directory, 0o755);
      radius = new FreeRadius(join(directory, 'radius'), USERS);
      await radius.start(namespace);
      writeFileSync(file, configuration('group', 'ADMINS', 'local'));
      daemon = new Daemon(namespace, file, socket, ['--state', 'memory']);
      await daemon.ready();
      await eventually(async () => daemon.output.includes('ssh-started') || undefined);
    }, 40_000);

    afterAll(async () => {
      daemon?.kill('SIGKILL');
      await daemon?.ended;
      await radius?.stop();
      execFileSync('ip', ['netns', 'delete', namespace]);
      rmSync(directory, { recursive: true });
    });

    it('come with the password and the privilege that the server knows', async () => {
      expect(await come('alice', 'of-the-server', 'show running-config')).toContain('hostname mag1');
      expect(await come('bob', 'of-the-server')).toContain('mooring');
      expect(await come('bob', 'of-the-server', 'show running-config')).not.toContain('hostname mag1');
      await eventually(async () => radius.output.includes('User-Name = "bob"') || undefined);
      const request = radius.output.slice(radius.output.indexOf('Received Access-Request'));
      for (const line of [
        'User-Name = "alice"',
        'Calling-Station-Id = "127.0.0.1"',
        'NAS-Identifier = "mag1"',
        'NAS-Port-Type = Virtual',
        'Service-Type = Login-User',
        'Message-Authenticator = 0x',
      ]) {
        expect(request).toContain(line);
      }
    }, 30_000);

    it('do not come with the password of this node while the server answers', async () => {
      expect(await come('bob', 'of-this-node')).toBe('');
      expect(await come('carol', 'of-this-node')).toBe('');
      expect(daemon.output).not.toContain('of-this-node');
    }, 30_000);

    it('come with the password of this node when no server answers, and the log says so', async () => {
      await radius.stop();
      expect(await come('bob', 'of-this-node', 'show running-config')).toContain('hostname mag1');
      expect(await come('bob', 'of-the-server')).toBe('');
      await eventually(async () => daemon.output.includes('"code":"login-unanswered"') || undefined);
      await radius.start(namespace);
    }, 30_000);

    it('are known here first where the list says so, and then at the server', async () => {
      await configure('local', 'group', 'ADMINS');
      expect(await come('bob', 'of-the-server')).toBe('');
      expect(await come('alice', 'of-the-server')).toContain('mooring');
    }, 30_000);

    it('are counted, and the servers that were asked about them shown', async () => {
      const view = await controlRequest(socket, { request: 'show', query: 'aaa-servers' });
      const { logins } = view as AaaServersView;
      expect(logins.stats).toMatchObject({
        acceptedByServer: 4,
        acceptedByPassword: 1,
        rejectedByServer: 2,
        rejected: 2,
        unanswered: 2,
        lockedOut: 0,
      });
      expect(logins.groups).toMatchObject([
        { group: 'ADMINS', servers: [{ address: '127.0.0.1', state: 'up' }], stats: { accepts: 4, rejects: 2 } },
      ]);
      expect(renderAaaServers(view as AaaServersView)).toMatch(/Logins of operators\n.*Accepted by a server +: 4\n/);
    });

    it('never come without a password that somebody knows', async () => {
      const { messages } = (await configure('local', 'none')) as { messages: string[] };
      expect(messages).toEqual([]);
      expect(await come('mallory', 'anything')).toBe('');
      await configure('none');
      await eventually(async () => daemon.output.includes('ssh-stopped') || undefined);
    }, 30_000);
  },
);
