import ssh2 from 'ssh2';
import type { PublicKey } from '#config/index.ts';

/** That somebody has the private half of a key; octets in base64. */
export interface KeyProof {
  readonly signed: string;
  readonly signature: string;
  /** As the SSH library names it; absent where the type of key says it. */
  readonly hash?: string;
}

/** Whether a proof is one of that key and for that user: what RFC 4252 has signed names both. */
export function isProved({ text }: PublicKey, user: string, { signed, signature, hash }: KeyProof): boolean {
  const key = ssh2.utils.parseKey(text);
  const octets = Buffer.from(signed, 'base64');
  if (key instanceof Error || !octets.includes(user) || !octets.includes(key.getPublicSSH())) return false;
  const verify = key.verify as (data: Buffer, signature: Buffer, hash?: string) => boolean | Error;
  return verify.call(key, octets, Buffer.from(signature, 'base64'), hash) === true;
}
