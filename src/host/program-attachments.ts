import { type Pins, UNNAMED } from './bpf-pins.ts';
import { attachProgram, detachProgram, type Hook, isAttached } from './clsact.ts';
import type { KernelFeatures } from './kernel-features.ts';
import type { Netlink } from './netlink.ts';
import { NetworkNamespace } from './netns.ts';
import { close } from './posix.ts';
import { createLink, detachLink, linkInterface, updateLink } from './tcx.ts';

export const HOOKS: readonly Hook[] = ['ingress', 'egress', 'vlan', 'neighbours'];

/**
 * The programs at interfaces, which stay when the process ends: by tcx and a pinned link where there is both, by clsact elsewhere.
 * Methods throw `NetlinkError` or `SystemCallError`.
 */
export class ProgramAttachments {
  readonly #netlink: Netlink;
  readonly #pins: Pins | undefined;
  readonly #useTcx: boolean;
  /** Of the interfaces. */
  readonly #namespace = new NetworkNamespace();

  constructor(netlink: Netlink, pins: Pins | undefined, features: KernelFeatures) {
    this.#netlink = netlink;
    this.#pins = pins;
    // A link whose pin goes with a mount namespace would take the program with it.
    this.#useTcx = features.tcx && pins?.lasting === true;
  }

  /** One that was there in its place is replaced without a gap. */
  attach(index: number, hook: Hook, program: number, name: string): void {
    if (!this.#useTcx) {
      attachProgram(this.#netlink, index, hook, program, name);
      this.#dropLink(index, hook);
      return;
    }
    const held = this.#link(index, hook);
    if (held === undefined || !updated(held, program)) {
      const link = this.#namespace.within(() => createLink(index, hook, program));
      this.#pins?.put(pinName(index, hook), link);
      close(link);
    }
    if (isAttached(this.#netlink, index, hook)) detachProgram(this.#netlink, index, hook);
  }

  isAttached(index: number, hook: Hook): boolean {
    const link = this.#link(index, hook);
    if (link !== undefined) close(link);
    return link !== undefined || isAttached(this.#netlink, index, hook);
  }

  /** Fine when there is none, or no such interface. */
  detach(index: number, hook: Hook): void {
    this.#dropLink(index, hook);
    if (isAttached(this.#netlink, index, hook)) detachProgram(this.#netlink, index, hook);
  }

  /** Takes programs off all of these interfaces, and of those that are gone, but for what is `wanted`. */
  keepOnly(interfaces: readonly number[], wanted: (index: number, hook: Hook) => boolean): void {
    for (const index of new Set([...interfaces, ...this.#linked()])) {
      for (const hook of HOOKS) if (!wanted(index, hook)) this.detach(index, hook);
    }
  }

  close(): void {
    this.#namespace.close();
  }

  #linked(): number[] {
    return (this.#pins?.names() ?? []).flatMap((name) => {
      const [, index] = LINK_NAME.exec(name) ?? [];
      return index === undefined ? [] : [Number(index)];
    });
  }

  /** One of an interface that is gone, whose index another may have by now, is as good as none. */
  #link(index: number, hook: Hook): number | undefined {
    const link = this.#pins?.get(pinName(index, hook));
    if (link === undefined || linkInterface(link) === index) return link;
    close(link);
    this.#pins?.remove(pinName(index, hook));
    return undefined;
  }

  #dropLink(index: number, hook: Hook): void {
    const link = this.#link(index, hook);
    if (link === undefined) return;
    detachLink(link);
    close(link);
    this.#pins?.remove(pinName(index, hook));
  }
}

/** Of what holds a program at an interface, also where a process was killed before it got its name. */
export const LINK_NAME = new RegExp(`^link-(\\d+)-(?:${HOOKS.join('|')})(?:${UNNAMED})?$`);

function pinName(index: number, hook: Hook): string {
  return `link-${index}-${hook}`;
}

/** False when its interface is gone, whose index another may have by now. */
function updated(link: number, program: number): boolean {
  try {
    updateLink(link, program);
    return true;
  } catch {
    return false;
  } finally {
    close(link);
  }
}
