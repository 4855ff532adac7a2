import { describe, expect, it } from 'vitest';
import { parseConfiguration, printConfiguration } from '#config/index.ts';
import { hashPasswords, verifyPassword } from '#daemon/password-hash.ts';

describe('a password', () => {
  // Hashes that other programs publish for this password.
  it.each([
    { type: 8, text: '$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk' },
    { type: 9, text: '$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6' },
  ] as const)('is compared with a hash of type $type as IOS makes it', async (secret) => {
    expect(await verifyPassword(secret, 'hashcat')).toBe(true);
    expect(await verifyPassword(secret, 'hashcats')).toBe(false);
  });

  it('is kept as a hash, each with a salt of its own, and one that is a hash stays', async () => {
    const text = 'enable secret 0 one\nusername a secret one\n';
    const { configuration } = parseConfiguration(text);
    hashPasswords(configuration);
    const { enableSecret, users } = configuration.operators;
    const [a] = users;
    expect(enableSecret?.text).not.toBe(a?.secret.text);
    for (const secret of [enableSecret, a?.secret]) expect(secret && (await verifyPassword(secret, 'one'))).toBe(true);
    const printed = printConfiguration(configuration);
    expect(printed).not.toContain('one');
    const again = parseConfiguration(printed).configuration;
    hashPasswords(again);
    expect(printConfiguration(again)).toBe(printed);
  });

  it('is never right where it was not hashed', async () => {
    expect(await verifyPassword({ type: 0, text: 'x' }, 'x')).toBe(false);
  });
});
