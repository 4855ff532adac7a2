import { describe, expect, it } from 'vitest';
import { editConfiguration, parseConfiguration, printConfiguration } from '#config/index.ts';

const data = 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const whole = `ssh-ed25519 ${data}`;
const start = ['username bob secret 0 Long-enough-1', 'ip ssh pubkey-chain', 'username bob', 'key-string'];

function read(...lines: string[]) {
  const { configuration, diagnostics } = parseConfiguration([...start, ...lines].join('\n'));
  return { user: configuration.operators.ssh.pubkeyChain?.users[0], diagnostics, configuration };
}

describe('a key over several lines, up to exit', () => {
  it.each([
    ['with its type on a line of its own', ['ssh-ed25519', data.slice(0, 20), data.slice(20)]],
    ['with its type before it', [`ssh-ed25519 ${data.slice(0, 7)}`, data.slice(7, 40), data.slice(40)]],
    ['without its type, as IOS has it', [data.slice(0, 11), data.slice(11)]],
  ])('%s', (_, lines) => {
    const { user, diagnostics, configuration } = read(...lines, 'exit', 'exit', 'exit', 'hostname after');
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(user).toEqual({ name: 'bob', keys: [{ text: whole }] });
    expect(configuration.hostname).toBe('after');
    expect(printConfiguration(configuration)).toContain(`  key-string ${whole}\n`);
  });

  it('typed line by line, is whole when its last line is', () => {
    let text = start.slice(0, 1).join('\n');
    let path: readonly string[] = [];
    for (const line of [...start.slice(1), data.slice(0, 30), data.slice(30), 'exit', 'exit']) {
      const edit = editConfiguration(text, path, line);
      if (!edit.ok) throw new Error(`${line}: ${edit.error.message}`);
      ({ text, path } = edit);
    }
    expect(path).toEqual(['ip ssh pubkey-chain']);
    expect(text).toContain(`key-string ${whole}\n`);
  });

  it('that ends too early lets nobody in, and says so', () => {
    const { user, diagnostics } = read(data.slice(0, 30), 'exit');
    expect(user?.keys).toEqual([]);
    expect(diagnostics.map(({ message }) => message)).toEqual(['the key is not whole, and nobody can log in with it']);
  });

  it.each([
    ['what is no base64', ['ssh-ed25519', 'not*base64'], 'unknown command "not*base64"'],
    ['octets behind its end', [`${data}AAAA`], 'does not go on with a key of SSH'],
    ['another type than it says', ['ssh-rsa', data], 'does not go on with a key of SSH'],
    ['a key of no known type', ['A'.repeat(40)], 'does not go on with a key of SSH'],
    ['without an end', ['AAAAB3NzaC1yc2EAAAADAQAB//////', ...Array(200).fill('A'.repeat(60))], 'does not go on'],
  ])('refuses %s', (_, lines, problem) => {
    const { user, diagnostics } = read(...lines);
    expect(user?.keys).toEqual([]);
    expect(diagnostics.map(({ message }) => message).join()).toContain(problem);
  });
});
