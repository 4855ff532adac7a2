import type { Configuration } from './model.ts';
import type { Secret } from './secret.ts';

/** What `service password-encryption` does: no secret is printed as it is any more. */
export function encryptSecrets(configuration: Configuration): void {
  for (const secret of secretsOf(configuration)) secret.encrypted = true;
}

function secretsOf({ aaa, domains, lmas, mags }: Configuration): Secret[] {
  const customers = lmas.flatMap(({ localLoop }) => localLoop?.customers ?? []);
  const peers = [...lmas.flatMap((lma) => lma.mags), ...mags.flatMap((mag) => mag.lmas)];
  const authenticated = [...domains, ...customers, ...peers];
  const { accountingProxy, dynamicAuthorization, radius } = aaa;
  const keyed = [
    radius,
    ...radius.hosts,
    ...radius.servers,
    ...(accountingProxy ? [accountingProxy, ...accountingProxy.clients] : []),
    ...(dynamicAuthorization?.clients ?? []),
  ];
  const keys = keyed.map(({ key }) => key);
  return [...authenticated.map(({ authentication }) => authentication?.key), ...keys].filter(
    (key) => key !== undefined,
  );
}
