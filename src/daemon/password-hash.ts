import { pbkdf2, pbkdf2Sync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Configuration, Password } from '#config/index.ts';

/** IOS's type 8: PBKDF2 with SHA-256. */
const ITERATIONS = 20_000;
const KEY_LENGTH = 32;
/** IOS's type 9. */
const SCRYPT = { N: 16_384, r: 1, p: 1 };
const SALT_LENGTH = 14;
/** Base64 with the digits in the order of crypt(3). */
const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const pbkdf2Async = promisify(pbkdf2);
const scryptAsync = promisify<string, string, number, typeof SCRYPT, Buffer>(scrypt);

/** No password stays in the configuration as it was typed. Takes some ten milliseconds for each. */
export function hashPasswords({ operators: { enableSecret, users, http } }: Configuration): void {
  for (const secret of [enableSecret, ...[...users, ...http.tokens].map((one) => one.secret)]) {
    if (secret?.type !== 0) continue;
    secret.text = hashOf(secret.text);
    secret.type = 8;
  }
}

export async function verifyPassword({ type, text }: Password, given: string): Promise<boolean> {
  const [, , salt = '', expected = ''] = text.split('$');
  if (type === 0) return false;
  const key =
    type === 8
      ? await pbkdf2Async(given, salt, ITERATIONS, KEY_LENGTH, 'sha256')
      : await scryptAsync(given, salt, KEY_LENGTH, SCRYPT);
  const [a, b] = [Buffer.from(encoded(key)), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function hashOf(password: string): string {
  const salt = Array.from(randomBytes(SALT_LENGTH), (octet) => DIGITS[octet & 63]).join('');
  return `$8$${salt}$${encoded(pbkdf2Sync(password, salt, ITERATIONS, KEY_LENGTH, 'sha256'))}`;
}

function encoded(key: Buffer): string {
  return key
    .toString('base64')
    .replace(/=+$/, '')
    .replace(/./g, (digit) => DIGITS[BASE64.indexOf(digit)] as string);
}
