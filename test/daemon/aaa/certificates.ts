/** Certificates for tests, made by OpenSSL. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why none can be made; empty when they can. */
export const opensslObstacle = spawnSync('openssl', ['version']).status === 0 ? '' : 'needs openssl';

/** A certificate authority (`ca.pem`), another one (`other.pem`), and for each name a certificate of the first (`NAME.pem`, `NAME.key`). */
export function makeCertificates(directory: string, names: readonly string[]): void {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: directory, stdio: 'pipe' });
  const keys = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...keys, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test CA');
  openssl('req', '-x509', ...keys, '-keyout', 'other.key', '-out', 'other.pem', '-days', '2', '-subj', '/CN=other CA');
  for (const name of names) {
    writeFileSync(join(directory, `${name}.ext`), `subjectAltName=DNS:${name}\n`);
    openssl('req', '-new', ...keys, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const sign = ['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(...sign, '-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`);
  }
}
