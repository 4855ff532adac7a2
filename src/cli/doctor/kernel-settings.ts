import { readFileSync } from 'node:fs';
import { type Check, type Finding, ok, warning } from './finding.ts';

/** Settings that the node does not make itself, and that get in its way. */
export const kernelSettings: Check = {
  name: 'kernel-settings',
  examine() {
    const found = [...slowBpf(), ...lostDefaultRoutes(readText('/proc/thread-self/net/ipv6_route'))];
    return found.length > 0 ? found : [ok('nothing in the kernel’s settings is in the way')];
  },
};

function slowBpf(): Finding[] {
  if (readSetting('core/bpf_jit_enable') !== '0') return [];
  return [
    warning('BPF programs are interpreted, which makes every packet slow', 'sysctl -w net.core.bpf_jit_enable=1'),
  ];
}

const RTF_ADDRCONF = 0x0004_0000;

/** A node forwards IPv6, and the kernel of a node that does takes no default route from router advertisements unless `accept_ra` is 2. */
function lostDefaultRoutes(routes: string): Finding[] {
  const links = routes.split('\n').flatMap((line) => {
    const [destination, length, , , , , , , flags = '0', link] = line.trim().split(/\s+/);
    const isDefault = length === '00' && /^0+$/.test(destination ?? '');
    return isDefault && link !== undefined && (Number.parseInt(flags, 16) & RTF_ADDRCONF) !== 0 ? [link] : [];
  });
  return [...new Set(links)]
    .filter((link) => readSetting(`ipv6/conf/${link}/accept_ra`) === '1')
    .map((link) =>
      warning(
        `the default route on ${link} comes from router advertisements, and is lost when the node starts to forward`,
        `sysctl -w net.ipv6.conf.${link}.accept_ra=2, or a static route`,
      ),
    );
}

function readSetting(name: string): string {
  return readText(`/proc/sys/net/${name}`).trim();
}

/** Empty when there is no such file: a kernel without that part. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
