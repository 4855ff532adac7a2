import { readdirSync } from 'node:fs';
import { bpfFileSystem, Pins } from './bpf-pins.ts';
import { close } from './posix.ts';
import { LINK_NAME } from './program-attachments.ts';
import { linkInterface } from './tcx.ts';

/**
 * Removes what data planes have pinned whose network namespaces are gone: all their links have lost their interfaces. Where programs are
 * held by clsact nothing tells, and it stays until another namespace gets the number of the one that is gone.
 */
export function removeDeadPins(): void {
  const root = bpfFileSystem();
  if (root === undefined) return;
  for (const pins of namesIn(Pins.parent(root)).map((name) => Pins.named(root, name)))
    if (isDead(pins)) pins.removeAll();
}

/** Only what has links can be told to be dead. */
function isDead(pins: Pins): boolean {
  const links = pins.names().filter((name) => LINK_NAME.test(name));
  return links.length > 0 && links.every((name) => !holdsInterface(pins, name));
}

/** One that cannot be looked at may do so. */
function holdsInterface(pins: Pins, name: string): boolean {
  const link = pins.get(name);
  if (link === undefined) return true;
  try {
    return linkInterface(link) !== 0;
  } finally {
    close(link);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
