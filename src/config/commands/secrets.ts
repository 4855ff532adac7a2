import type { Complaint } from '../command.ts';
import { encryptSecrets } from '../encrypt-secrets.ts';
import type { Configuration } from '../model.ts';
import { Rows } from '../rows.ts';
import type { Secret } from '../secret.ts';

export const passwordEncryptionCommand = new Rows<Configuration>().command({
  syntax: ['service', 'password-encryption'],
  help: 'Print keys as type 7',
  set: (configuration) => {
    configuration.passwordEncryption = true;
    encryptSecrets(configuration);
  },
  unset: (configuration) => {
    configuration.passwordEncryption = false;
  },
  stored: ({ passwordEncryption }) => (passwordEncryption ? [[]] : []),
  review: () => ({ message: 'type 7 only keeps a key from a glance: whoever has the text can read the key' }),
});

/** The warning for a key that was written as type 7; said once for all of them where `service password-encryption` is on. */
export function type7Complaint(
  configuration: Configuration,
  { encrypted }: Secret,
  argument: number,
): Complaint | undefined {
  if (!encrypted || configuration.passwordEncryption) return undefined;
  return { argument, message: 'is of type 7, which is no protection: whoever has the text can read the key' };
}
