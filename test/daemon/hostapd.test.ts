import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessStationRow } from '#proto/access/index.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { type Daemon, eventually, Network, obstacle, type Role, root } from './network.ts';

const missing = ['hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli'].filter((command) => !isInstalled(command));
const reason = obstacle || (missing.length > 0 ? `needs ${missing.join(' and ')}` : '');

/** IEEE 802.1X on the access link itself: what a port of a switch does for whoever is plugged in. */
function hostapdConfiguration(directory: string): string {
  return `interface=acc
driver=wired
ctrl_interface=${directory}/hostapd
ieee8021x=1
use_pae_group_addr=1
eap_server=1
eap_user_file=${directory}/users
`;
}

function supplicantConfiguration(directory: string, password: string): string {
  return `ctrl_interface=${directory}/supplicant
ap_scan=0
network={
  key_mgmt=IEEE8021X
  eap=MD5
  identity="mn@example.com"
  password="${password}"
  eapol_flags=0
}
`;
}

describe.skipIf(reason !== '')(
  `stations that hostapd tells of (${reason || 'hostapd and wpa_supplicant, wired'})`,
  () => {
    let network: Network;
    let lma: Daemon;
    let mag: Daemon;
    let hostapd: ChildProcess;
    let supplicant: ChildProcess;

    const start = (role: Role, command: string, ...words: string[]) =>
      spawn('ip', ['netns', 'exec', network.namespace(role), command, ...words], { stdio: 'ignore' });
    const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    };
    const startHostapd = () => {
      hostapd = start('mag', 'hostapd', join(network.directory, 'hostapd.conf'));
    };
    const startSupplicant = (file: string) => {
      const configuration = join(network.directory, file);
      supplicant = start('mn', 'wpa_supplicant', '-D', 'wired', '-i', 'eth0', '-c', configuration);
    };
    const supplicantSays = (word: string) =>
      network.run('mn', 'wpa_cli', '-p', join(network.directory, 'supplicant'), '-i', 'eth0', word);

    /** Has hostapd put the mobile node off the link. */
    const forgetStation = () => {
      const [{ address }] = JSON.parse(network.ip('mn', '-j', 'link', 'show', 'eth0'));
      network.run(
        'mag',
        'hostapd_cli',
        '-p',
        join(network.directory, 'hostapd'),
        '-i',
        'acc',
        'deauthenticate',
        address,
      );
    };
    /** In the words of IEEE 802.1X. */
    const supplicantIs = (state: 'AUTHENTICATED' | 'HELD') =>
      eventually(async () => {
        const status = existsSync(join(network.directory, 'supplicant/eth0')) ? supplicantSays('status') : '';
        return status.includes(`Supplicant PAE state=${state}`) || undefined;
      });

    const bindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
    const anchored = () => lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
    const gatewayState = async () => {
      type State = { stations: AccessStationRow[]; accessStatistics: Record<string, number> };
      const [state] = (await mag.request<{ mags: State[] }>('state')).mags;
      return state as State;
    };
    const accessPoint = async () => {
      type Statistics = { sockets: { accessPoints: { state: string; stations: number }[] } };
      return (await mag.request<Statistics>('statistics')).sockets.accessPoints[0];
    };
    const served = () => eventually(async () => (await bindings()).find(({ state }) => state === 'ACTIVE'));
    const gone = () => eventually(async () => (await bindings()).length === 0 || undefined);

    beforeAll(async () => {
      network = new Network(`mth${process.pid}`);
      const { directory } = network;
      writeFileSync(join(directory, 'hostapd.conf'), hostapdConfiguration(directory));
      writeFileSync(join(directory, 'users'), '"mn@example.com" MD5 "secret"\n');
      writeFileSync(join(directory, 'supplicant.conf'), supplicantConfiguration(directory, 'secret'));
      writeFileSync(join(directory, 'impostor.conf'), supplicantConfiguration(directory, 'guess'));
      const example = readFileSync(join(root, 'examples/mag1.cfg'), 'utf8');
      const command = `hostapd control-interface ${directory}/hostapd/acc`;
      const profile = '    enable pmipv6 default default_subscriber_profile_A';
      writeFileSync(join(directory, 'mag.cfg'), example.replace(profile, `${profile}\n    ${command}`));
      lma = network.start('lma', 'examples/lma.cfg', 'lma.sock');
      mag = network.start('mag', join(directory, 'mag.cfg'), 'mag.sock');
      await Promise.all([lma.ready(), mag.ready()]);
    }, 30_000);

    afterAll(async () => {
      for (const child of [supplicant, hostapd]) if (child) await end(child, 'SIGKILL');
      await network.remove();
    });

    it('waits for a hostapd that starts later', async () => {
      await eventually(async () => mag.output.includes('hostapd-unreachable') || undefined);
      startHostapd();
      await eventually(async () => (await accessPoint())?.state === 'watching' || undefined);
      expect(mag.output).toContain('hostapd-attached');
      expect(await accessPoint()).toMatchObject({ stations: 0 });
    });

    it('serves a station as soon as it is authenticated, before it has sent anything but EAP', async () => {
      startSupplicant('supplicant.conf');
      const row = await served();
      expect(await anchored()).toMatchObject([{ nai: row.nai, hoa: row.hoa, state: 'active' }]);
      const { stations, accessStatistics } = await gatewayState();
      expect(stations).toMatchObject([{ phase: 'served', accessPoint: join(network.directory, 'hostapd/acc') }]);
      expect(accessStatistics).toMatchObject({ attachedReported: 1, attachedByHostapd: 1 });
    }, 20_000);

    it('keeps serving it while hostapd is gone, and finds it there again', async () => {
      await end(hostapd, 'SIGKILL');
      await eventually(async () => (await accessPoint())?.state === 'closed' || undefined);
      expect(await bindings()).toMatchObject([{ state: 'ACTIVE' }]);
      startHostapd();
      await eventually(async () => (await accessPoint())?.state === 'watching' || undefined);
      // The new hostapd has never heard of it.
      await gone();
      await end(supplicant, 'SIGTERM');
      startSupplicant('supplicant.conf');
      await served();
    }, 30_000);

    it('[RFC 5213 §6.9.1.4] de-registers it when it logs off, and registers it when it comes again', async () => {
      const { hoa } = await served();
      await supplicantIs('AUTHENTICATED');
      supplicantSays('logoff');
      await gone();
      await eventually(async () => (await anchored()).every(({ state }) => state === 'deleting') || undefined);
      forgetStation();
      await end(supplicant, 'SIGTERM');
      startSupplicant('supplicant.conf');
      expect(await served()).toMatchObject({ hoa });
      await supplicantIs('AUTHENTICATED');
    }, 20_000);

    it('de-registers a station that hostapd puts off, and serves none that is not authenticated', async () => {
      await end(supplicant, 'SIGTERM');
      forgetStation();
      await gone();
      startSupplicant('impostor.conf');
      await supplicantIs('HELD');
      expect(await bindings()).toEqual([]);
    }, 20_000);

    it('leaves no socket behind', async () => {
      const own = join(network.directory, 'mag.sock.hostapd0');
      expect(existsSync(own)).toBe(true);
      mag.kill('SIGTERM');
      expect(await mag.ended).toBe(0);
      expect(existsSync(own)).toBe(false);
    });
  },
);

function isInstalled(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
