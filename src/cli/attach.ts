import { setTimeout as sleep } from 'node:timers/promises';
import { MacAddress } from '#base/mac-address.ts';
import type { AttachReply, DetachReply } from '#daemon/control-attachment.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { controlRequest } from './control-client.ts';
import { CommandError, ExitStatus } from './exit-status.ts';

interface Options {
  readonly control: string;
  readonly json?: boolean;
}

const LOOK_EVERY_MS = 20;

/** `mooring attach INTERFACE MAC`. Throws `CommandError` or `ControlError`. */
export async function attach(name: string, mac: string, options: Options & { readonly wait?: number }): Promise<void> {
  const reply = (await controlRequest(options.control, { request: 'attach', interface: name, mac })) as AttachReply;
  const row = options.wait === undefined ? undefined : await registered(reply, options.control, options.wait);
  if (options.json) console.log(JSON.stringify(row ?? reply));
  else if (row)
    console.log(`${row.llid} is registered on ${row.interface}: ${[row.hoa ?? [], row.hnps].flat().join(', ')}`);
  else console.log(`${reply.mac} on ${reply.interface}: ${WORDS[reply.phase]}`);
}

/** `mooring detach MAC|NAI`. Throws `CommandError` or `ControlError`. */
export async function detach(node: string, options: Options & { readonly interface?: string }): Promise<void> {
  const who = MacAddress.parse(node) ? { mac: node } : { nai: node };
  const at = options.interface === undefined ? {} : { interface: options.interface };
  const reply = (await controlRequest(options.control, { request: 'detach', ...who, ...at })) as DetachReply;
  if (options.json) console.log(JSON.stringify(reply));
  else for (const { mac, nai, interface: name } of reply.detached) console.log(`${mac} (${nai}) detached from ${name}`);
}

const WORDS: Readonly<Record<AttachReply['phase'], string>> = {
  pending: 'registration under way',
  confirming: 'registered, the LMA is asked again',
  served: 'registered just now',
  refused: 'refused',
  absent: 'not attached',
};

/** The binding once it is registered. A refusal shows in that it does not come to be, and in the daemon's log. */
async function registered(
  { mac, interface: name }: AttachReply,
  control: string,
  seconds: number,
): Promise<MagBindingRow> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    const rows = (await controlRequest(control, { request: 'show', query: 'mag-binding', mac })) as MagBindingRow[];
    const row = rows.find((each) => each.llid === mac && each.interface === name);
    if (row?.state === 'ACTIVE') return row;
  }
  throw new CommandError(ExitStatus.FAILED, `${mac} was not registered within ${seconds} s; the daemon's log says why`);
}
