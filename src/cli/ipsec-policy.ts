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
  const text = policyText(assemble(configuration, ''), name, auth);
  if (text === undefined) {
    throw new CommandError(
      ExitStatus.FAILED,
      `${name} names no peer whose address is known: add "ipv6-address" or "ipv4-address" under its "mag" or "lma"`,
    );
  }
  process.stdout.write(text);
}
