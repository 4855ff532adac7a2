import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attach } from '#lab/attach.ts';
import { median } from '#lab/figures.ts';
import { Lab } from '#lab/lab.ts';
import type { LabReport } from '#lab/report.ts';
import { signallingPcap } from '#lab/signalling-pcap.ts';
import { runStory } from '#lab/story.ts';
import { correspondent } from '#lab/topology.ts';
import { families } from '#lab/traffic/protocol.ts';

const obstacle = whyNot();
/** A busy machine can hold up any one roam: by day one of few may lose more probes than it should, by night none of many. */
const nightly = process.env.MOORING_NIGHTLY !== undefined;
const roams = nightly ? 100 : 10;
/** Of this process, so that two runs on one machine do not meet. */
const prefix = `mtl${process.pid}`;
const main = new URL('../../src/lab/main.ts', import.meta.url).pathname;

describe.skipIf(obstacle !== undefined)(`the lab, a mobile node that roams${obstacle ? ` (${obstacle})` : ''}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'lab-test-'));
  let lab: Lab;
  let report: LabReport;

  const tellStory = async () => {
    await lab?.stop();
    lab = await Lab.start({
      prefix,
      ipv4Only: false,
      dhcpClient: 'dhclient',
      impairment: undefined,
      onProgress: () => {},
    });
    report = await runStory(lab, { roams, interval: 400, families, linkLoss: true, detach: false });
    writeFileSync(join(directory, 'signalling.pcap'), signallingPcap(lab.signalling));
  };

  beforeAll(async () => {
    // Interruptions are measured.
    delete process.env.MOORING_NO_REHEARSAL;
    await tellStory();
  }, 120_000);

  // A test that is tried again looks at other roams.
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) > 0) await tellStory();
  }, 120_000);

  afterAll(async () => {
    await lab?.stop();
    rmSync(directory, { recursive: true });
  });

  it('[RFC 5844 §3.4.1] dhclient keeps the address and the default router that the anchor gave', () => {
    expect(report.before.ipv4Address).toMatch(/^192\.0\.2\.\d+\/24$/);
    expect(report.before.ipv4Gateway).toBe('192.0.2.254');
    expect(report.after.ipv4Address).toBe(report.before.ipv4Address);
    expect(report.after.ipv4Gateway).toBe(report.before.ipv4Gateway);
    expect(report.after.dhcpServer).toBe(report.before.dhcpServer);
  });

  it('[RFC 2131 §4.3.2] dhclient, begun anew after the last roam, has its address again', async () => {
    const { ipv4Address, dhcpServer } = lab.mobileNode.state();
    await lab.mobileNode.dhcp.renew(15_000);
    expect(lab.mobileNode.state()).toMatchObject({ ipv4Address, dhcpServer });
  }, 20_000);

  it('[RFC 5213 §6.9.3] the gateways show the same link-local and link-layer address', () => {
    expect(report.before.ipv4GatewayMac).toBe('00:00:5e:00:52:13');
    expect(report.after.ipv4GatewayMac).toBe('00:00:5e:00:52:13');
    expect(report.after.ipv6Gateway).toBe(report.before.ipv6Gateway);
    expect(report.after.ipv6GatewayMac).toBe('00:00:5e:00:52:13');
  });

  it('[RFC 5213 §6.9.1.1] the kernel keeps its autoconfigured address, without a failed duplicate address detection', () => {
    expect(report.before.ipv6Addresses).toHaveLength(1);
    expect(report.before.ipv6Addresses[0]).toMatch(/^2001:db8:f00d:.*:224:d7ff:fe8e:21a4\/64$/);
    expect(report.after.ipv6Addresses).toEqual(report.before.ipv6Addresses);
    expect(report.after.duplicateAddress).toBe(false);
  });

  it('TCP connections survive every roam with the right octets, both ways', () => {
    expect(report.tcp.map(({ family }) => family)).toEqual(['ipv4', 'ipv6']);
    for (const stream of report.tcp) {
      expect(stream, stream.family).toMatchObject({ survived: true });
      expect(stream.uplink.receivedOctets).toBeGreaterThan(100_000);
      expect(stream.downlink.receivedOctets).toBeGreaterThan(100_000);
    }
  });

  it(`at most 3 of 1,000 probes a second are lost per roam and family, from the first roam on${nightly ? '' : '; one roam may lose more'}`, () => {
    expect(report.roams).toHaveLength(roams);
    for (const family of families) {
      const lost = report.roams.map(({ probes }) => probes[family]?.lost ?? Number.POSITIVE_INFINITY);
      expect(lost.filter((count) => count > 3).length, `${family}: ${lost}`).toBeLessThanOrEqual(nightly ? 0 : 1);
    }
  });

  it('the median interruption from the event at the new gateway is at most 3 ms, and by day, on any machine, 12', () => {
    const most = process.env.MOORING_NIGHTLY === undefined ? 12 : 3;
    for (const family of families) {
      const interruptions = report.roams.map(({ interruption }) => interruption[family] ?? Number.POSITIVE_INFINITY);
      expect(median(interruptions), `${family}: ${interruptions}`).toBeLessThanOrEqual(most);
    }
  });

  it('every roam is noticed by the layer-2 update frame', () => {
    for (const { event } of report.roams) expect(event).toBe('layer-2-update');
  });

  it('[RFC 5213 §6.9.1.1] DHCPOFFER and Router Advertisement come after the binding acknowledgement, never before', () => {
    const at = (name: string) => report.attach.find((step) => step.name === name)?.at ?? Number.NaN;
    expect(at('PBA received')).toBeGreaterThan(at('PBU sent'));
    expect(at('DHCPOFFER')).toBeGreaterThan(at('PBA received'));
    expect(at('Router Advertisement')).toBeGreaterThan(at('PBA received'));
  });

  it('a loss of link de-registers at once, and the mobile node keeps its addresses elsewhere', () => {
    expect(report.linkLoss?.deregistration).toBeLessThan(250);
    expect(report.linkLoss?.sameAddresses).toBe(true);
  });

  it('the show commands of the anchor and of the gateways agree about the binding', () => {
    const text = (node: string) => report.shows.find((show) => show.node === node)?.text ?? '';
    expect(text('lma')).toContain('Total number of bindings: 1');
    expect(text('mag1')).toContain('Total number of bindings: 1');
    expect(text('mag2')).toContain('Total number of bindings: 0');
    expect(text('mag1')).toContain('0024.d78e.21a4');
  });

  it('tshark finds no malformed signalling packet', () => {
    const fields = ['frame.number', 'mip6.mhtype', '_ws.malformed', '_ws.expert.message'];
    const output = execFileSync(
      'tshark',
      ['-r', join(directory, 'signalling.pcap'), '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const packets = output
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
    // PBU and PBA of the attachment and of each roam, and BRI and BRA of each roam.
    expect(packets.length).toBeGreaterThanOrEqual(2 + 4 * roams);
    expect(packets.filter(([, type, malformed]) => type === '' || malformed !== '')).toEqual([]);
    expect(output).not.toMatch(/checksum|malformed/i);
  });

  it('[RFC 6275 §6.1.1, RFC 5213 §5.3.6(12), §6.9.1.5(12)] every signalling packet has the right checksum, and no header between IPv6 and mobility', () => {
    for (const { bytes } of lab.signalling.frames) {
      const packet = bytes.subarray(14);
      expect(packet[6]).toBe(135);
      const pseudoHeader = [...packet.subarray(8, 40), 0, 0, packet[4], packet[5], 0, 0, 0, 135] as number[];
      expect(onesComplementSum([...pseudoHeader, ...packet.subarray(40)])).toBe(0xffff);
    }
  });
});

describe.skipIf(obstacle !== undefined)('the lab leaves nothing behind', () => {
  it('after Ctrl-C in the middle of the story', async () => {
    const child = await startedLab(`${prefix}int`);
    child.kill('SIGINT');
    expect(await statusOf(child)).toBe(130);
    expect(leftovers(`${prefix}int`)).toEqual([]);
  }, 40_000);
});

describe.skipIf(obstacle !== undefined)('the next lab of a prefix', () => {
  const next = `${prefix}kill`;
  let lab: Lab;

  afterAll(() => lab?.stop());

  it('removes what one that was killed with -9 left, and starts', async () => {
    const child = await startedLab(next);
    child.kill('SIGKILL');
    await statusOf(child);
    expect(leftovers(next)).not.toEqual([]);
    lab = await Lab.start({
      prefix: next,
      ipv4Only: false,
      dhcpClient: 'udhcpc',
      impairment: undefined,
      onProgress: () => {},
    });
  }, 40_000);

  it.skipIf(!isInstalled('udhcpc'))(
    '[RFC 5844 §3.4.1] has udhcpc keep its address over a roam, renew it where it came to, and release it',
    async () => {
      await attach(lab, ['ipv4']);
      const { ipv4Address, ipv4Gateway, dhcpServer } = lab.mobileNode.state();
      expect([ipv4Gateway, dhcpServer]).toEqual(['192.0.2.254', '192.0.2.254']);
      lab.moveTo('ap2');
      const { status } = await lab.processes.run('mn', 'ping', '-n', '-c', '1', '-W', '5', correspondent.ipv4);
      expect(status).toBe(0);
      expect(lab.mobileNode.state()).toMatchObject({
        ipv4Address,
        ipv4Gateway,
        dhcpServer,
        ipv4GatewayMac: '00:00:5e:00:52:13',
      });
      await lab.mobileNode.dhcp.renew(15_000);
      expect(lab.mobileNode.state()).toMatchObject({ ipv4Address, dhcpServer });
      await lab.mobileNode.dhcp.release();
      await expect.poll(() => lab.daemons.bindings(lab.gateway)).toMatchObject([{ hoa: null }]);
      expect(lab.mobileNode.state().ipv4Address).toBeUndefined();
    },
    40_000,
  );

  it('leaves nothing behind', async () => {
    await lab.stop();
    expect(leftovers(next)).toEqual([]);
  });
});

function onesComplementSum(octets: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += ((octets[i] as number) << 8) | (octets[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** A lab run by its command line, as far as the mobile node is being attached. */
async function startedLab(prefix: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, '--prefix', prefix, '--roams', '500'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (data) => {
      text += data;
      if (text.includes('attaches')) resolve();
    });
    child.once('exit', () => reject(new Error(text)));
  });
  return child;
}

function statusOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

/** Whatever on this machine still has the prefix in its name: namespaces, processes, files. */
function leftovers(prefix: string): string[] {
  const named = (directory: string) =>
    existsSync(directory)
      ? readdirSync(directory).filter((name) => name.includes(`${prefix}-`) || name.startsWith(`${prefix}.`))
      : [];
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(`${prefix}-`));
  return [...named('/run/netns'), ...named('/run/mooring'), ...named('/etc/netns'), ...named(tmpdir()), ...processes];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Why the lab cannot run here; `undefined` when it can. */
function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = ['ip', 'ping', 'dhclient', 'tshark'].filter((command) => !isInstalled(command));
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined;
}

function isInstalled(command: string): boolean {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, command)));
}
