import { afterEach, describe, expect, it } from 'vitest';
import { Pins } from '#host/bpf-pins.ts';
import { usableFeatures } from '#host/kernel-features.ts';
import { Netlink } from '#host/netlink.ts';
import { ifNameToIndex } from '#host/posix.ts';
import { ProgramAttachments } from '#host/program-attachments.ts';
import { ip, type KernelBed, kernelBed, kernelBedMissing, NODE_NAMESPACE } from './kernel-bed.ts';

const missing = kernelBedMissing();

describe.skipIf(missing)(`what is attached and routed in a namespace${missing ? ` (${missing})` : ''}`, () => {
  let bed: KernelBed;
  afterEach(() => bed.close());

  it('is no program that an earlier process held at an interface that is gone, whose index another may have', () => {
    bed = kernelBed();
    bed.inside(() => {
      const netlink = new Netlink();
      const attachments = new ProgramAttachments(netlink, Pins.of('pmip0'), usableFeatures());
      const index = ifNameToIndex('acc2');
      expect(attachments.isAttached(index, 'ingress')).toBe(true);
      ip(['-n', NODE_NAMESPACE, 'link', 'del', 'acc2']);
      expect(attachments.isAttached(index, 'ingress')).toBe(false);
      attachments.close();
      netlink.close();
    });
  });

  it('[RFC 5213 §5.6.2(1), RFC 5844 §3.1.3(1)] has the pools by routes of their own protocol number, which a routing daemon can take up', () => {
    bed = kernelBed();
    const routes = (family: string) => ip(['-n', NODE_NAMESPACE, family, 'route', 'show', 'proto', '213']);
    expect(routes('-4')).toMatch(/^192\.0\.2\.0\/24 via \S+ dev pmip0/m);
    expect(routes('-6')).toMatch(/^2001:db8:f00d::\/48 via \S+ dev pmip0/m);
  });
});
