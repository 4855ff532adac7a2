import { assemble } from '#daemon/assemble.ts';
import { sourceConfiguration } from './configuration-source.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { policyText } from './ipsec/policy-text.ts';
import type { IpsecAuthentication } from './ipsec/swanctl.ts';

/** `mooring ipsec-policy [FILE]`: strongSwan's configuration to the standard output. Throws `CommandError` or `ControlError`. */
export async function printIpsecPolicy(
  file: string | undefined,
  { control, auth }: { readonly control: string; readonly auth: IpsecAuthentication },
): Promise<void> {
  const { configuration, name } = await sourceConfiguration(file, control);
  const assembly = assemble(configuration, '');
  const text = policyText(assembly, name, auth);
  if (text === undefined) throw new CommandError(ExitStatus.FAILED, noPeer(name, assembly.waiting.length > 0));
  process.stdout.write(text);
}

function noPeer(name: string, waits: boolean): string {
  const what = `${name} names no peer whose address is known`;
  if (!waits) return `${what}: add "ipv6-address" or "ipv4-address" under its "mag" or "lma"`;
  return `${what}, as its domain is loaded from AAA: ask the node that runs, which knows the peers ("mooring ipsec-policy" without a file), once it has loaded it`;
}
