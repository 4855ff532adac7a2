import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import type { DhcpClient } from './dhcp-client.ts';
import { LabError } from './lab-error.ts';
import { namespacePath, runIp } from './namespaces.ts';
import { namespaceOf } from './topology.ts';

/** What the mobile node holds: to be the same before and after a roam. */
export interface MobileNodeState {
  readonly ipv4Address: string | undefined;
  readonly ipv4Gateway: string | undefined;
  /** The link-layer address of the IPv4 gateway in the neighbour cache. */
  readonly ipv4GatewayMac: string | undefined;
  readonly dhcpServer: string | undefined;
  readonly ipv6Addresses: readonly string[];
  readonly ipv6Gateway: string | undefined;
  readonly ipv6GatewayMac: string | undefined;
  /** A duplicate was seen for one of the IPv6 addresses. */
  readonly duplicateAddress: boolean;
}

const TENTATIVE = 0x40;
const DUPLICATE = 0x08;

/** The mobile node: an ordinary host with a DHCP client and the kernel's own address configuration. */
export class MobileNode {
  readonly dhcp: DhcpClient;
  readonly #prefix: string;

  constructor(prefix: string, dhcp: DhcpClient) {
    this.#prefix = prefix;
    this.dhcp = dhcp;
  }

  linkUp(): void {
    runIp(['-n', namespaceOf(this.#prefix, 'mn'), 'link', 'set', 'eth0', 'up']);
  }

  linkDown(): void {
    runIp(['-n', namespaceOf(this.#prefix, 'mn'), 'link', 'set', 'eth0', 'down']);
  }

  /** Resolves when a global IPv6 address is usable (no longer tentative). Rejects with `LabError` after `milliseconds`. */
  async awaitIpv6(milliseconds: number): Promise<string> {
    for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(5)) {
      const usable = this.#ipv6Addresses().find((address) => address.scope === 0 && (address.flags & TENTATIVE) === 0);
      if (usable) return usable.text;
    }
    throw new LabError('no-ipv6-address', 'the mobile node configured no global IPv6 address');
  }

  state(): MobileNodeState {
    const namespace = namespaceOf(this.#prefix, 'mn');
    const ip = (...args: string[]) => JSON.parse(runIp(['-j', '-n', namespace, ...args]) || '[]');
    const ipv6 = this.#ipv6Addresses().filter(({ scope }) => scope === 0);
    const ipv4Address = ip('-4', 'addr', 'show', 'dev', 'eth0')[0]?.addr_info?.[0];
    const ipv4Gateway = ip('-4', 'route', 'show', 'default')[0]?.gateway as string | undefined;
    const ipv6Gateway = ip('-6', 'route', 'show', 'default')[0]?.gateway as string | undefined;
    const neighbours = ip('neigh', 'show', 'dev', 'eth0') as { dst: string; lladdr?: string }[];
    const macOf = (gateway: string | undefined) => neighbours.find(({ dst }) => dst === gateway)?.lladdr;
    return {
      ipv4Address: ipv4Address && `${ipv4Address.local}/${ipv4Address.prefixlen}`,
      ipv4Gateway,
      ipv4GatewayMac: macOf(ipv4Gateway),
      dhcpServer: this.dhcp.server(),
      ipv6Addresses: ipv6.map(({ text }) => text),
      ipv6Gateway,
      ipv6GatewayMac: macOf(ipv6Gateway),
      duplicateAddress: this.#ipv6Addresses().some(({ flags }) => (flags & DUPLICATE) !== 0),
    };
  }

  #ipv6Addresses(): { text: string; scope: number; flags: number }[] {
    const table = inNetworkNamespace(namespacePath(this.#prefix, 'mn'), () =>
      readFileSync('/proc/thread-self/net/if_inet6', 'utf8'),
    );
    return table
      .split('\n')
      .filter((line) => line.endsWith('eth0'))
      .map((line) => {
        const [address = '', , length = '', scope = '', flags = ''] = line.trim().split(/\s+/);
        const text = `${formatIpv6(address)}/${Number.parseInt(length, 16)}`;
        return { text, scope: Number.parseInt(scope, 16), flags: Number.parseInt(flags, 16) };
      });
  }
}

function formatIpv6(digits: string): string {
  const address = Ipv6Address.read(fromHex(digits) as Uint8Array, 0);
  return address.toString();
}
