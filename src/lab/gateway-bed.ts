import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlList } from '#cli/control-list.ts';
import type { DhcpBindingRow } from '#cli/show/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { LabError } from './lab-error.ts';
import { MooringProcess } from './mooring-process.ts';
import { Stations } from './stations.ts';

const ANCHOR = '2001:db8:cafe:1024::101';
const GATEWAY = '2001:db8:cafe:1025::15';
const SERVED: readonly string[] = ['ACTIVE', 'REFRESH_PENDING'];
const ROLES = ['lma', 'mag', 'mn'] as const;
type Role = (typeof ROLES)[number];

const lmaText = `
ip local pool V4 10.0.0.1 10.0.255.253
ipv6 local pool V6 2001:db8:f00d::/44 64
ipv6 mobile pmipv6-domain D
  mag M
    ipv6-address ${GATEWAY}
  nai anyone
    service dual
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${ANCHOR}
  pbu rate-limit 1000000
  default profile anyone
  network N
    pool ipv4 V4 pfxlen 16
    pool ipv6 V6 pfxlen 44
`;

const magText = (links: readonly string[]) => `
ipv6 mobile pmipv6-domain D
  lma L
    ipv6-address ${ANCHOR}
  nai anyone
    lma L
    service dual
ipv6 mobile pmipv6-mag M domain D
  address ipv6 ${GATEWAY}
${links.map((name) => `  interface ${name}\n    enable pmipv6 default anyone\n`).join('')}`;

/** What a daemon of the bed runs with. */
export interface BedDaemon {
  /** `false`: in memory. */
  readonly durable: boolean;
  readonly processor?: number;
}

/** An LMA and a MAG in namespaces of their own, and one with the other ends of the MAG's access links, where mobile nodes are. */
export class GatewayBed {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mooring-gateway-'));
  readonly #prefix = `mtgw${process.pid}`;
  readonly #links: readonly string[];

  /** Throws `LabError` when namespaces cannot be made. */
  constructor(links: number) {
    if (process.getuid?.() !== 0) throw new LabError('not-root', 'this makes network namespaces: run it as root');
    this.#links = Array.from({ length: links }, (_, i) => `acc${i}`);
    for (const role of ROLES) {
      ip('netns', 'add', this.#namespace(role));
      this.#ip(role, 'link', 'set', 'lo', 'up');
    }
    // The kernel there says nothing by itself.
    for (const which of ['all', 'default'])
      ip('netns', 'exec', this.#namespace('mn'), 'sysctl', '-qw', `net.ipv6.conf.${which}.disable_ipv6=1`);
    this.#join('lma', 'mag', 'core');
    for (const name of this.#links) this.#join('mag', 'mn', name);
    this.#ip('lma', 'address', 'add', `${ANCHOR}/64`, 'dev', 'core', 'nodad');
    this.#ip('mag', 'address', 'add', `${GATEWAY}/64`, 'dev', 'core', 'nodad');
    this.#ip('lma', 'route', 'add', '2001:db8:cafe:1025::/64', 'dev', 'core');
    this.#ip('mag', 'route', 'add', '2001:db8:cafe:1024::/64', 'dev', 'core');
  }

  /** The control socket. */
  control(role: 'lma' | 'mag'): string {
    return join(this.#directory, `${role}.sock`);
  }

  /** Rejects with `LabError` when it does not start. What it kept is there again. */
  startLma(daemon: BedDaemon): Promise<MooringProcess> {
    return this.#start('lma', lmaText, daemon);
  }

  /** As `startLma`. */
  startMag(daemon: BedDaemon): Promise<MooringProcess> {
    return this.#start('mag', magText(this.#links), daemon);
  }

  /** What each mobile node has at the MAG, by link-layer address: those whose session is active, and whose lease runs. */
  async leases(): Promise<Map<string, string>> {
    const control = this.control('mag');
    const sessions = await controlList<MagBindingRow>(control, { query: 'mag-binding' });
    const active = new Set(sessions.filter(({ state }) => SERVED.includes(state)).map(({ llid }) => llid));
    const leases = await controlList<DhcpBindingRow>(control, { query: 'dhcp-binding' });
    const running = leases.filter(({ mac, state }) => state === 'active' && active.has(mac));
    return new Map(running.map(({ mac, address }) => [mac, address]));
  }

  stations(): Stations {
    return new Stations(`/run/netns/${this.#namespace('mn')}`, this.#links);
  }

  close(): void {
    for (const role of ROLES) ip('netns', 'delete', this.#namespace(role));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #start(role: 'lma' | 'mag', text: string, { durable, processor }: BedDaemon): Promise<MooringProcess> {
    const file = join(this.#directory, `${role}.cfg`);
    writeFileSync(file, text);
    return MooringProcess.start({
      ...{ namespace: this.#namespace(role), file, control: this.control(role), logLevel: 'error' },
      state: durable ? join(this.#directory, role) : 'memory',
      ...(processor !== undefined && { processor }),
    });
  }

  /** A link between two of them, with one name at both ends. */
  #join(one: Role, other: Role, name: string): void {
    this.#ip(one, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', this.#namespace(other));
    for (const role of [one, other]) this.#ip(role, 'link', 'set', name, 'up');
  }

  #namespace(role: Role): string {
    return `${this.#prefix}-${role}`;
  }

  #ip(role: Role, ...words: string[]): void {
    ip('-n', this.#namespace(role), ...words);
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
