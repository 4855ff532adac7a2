import type { Method } from './aaa.ts';
import type { Configuration } from './model.ts';

/**
 * How who comes over the network is authenticated: the list that `line vty` names, or the default one; without `aaa new-model`, or without any list,
 * by the `username` commands.
 */
export function loginMethods({ aaa, operators }: Pick<Configuration, 'aaa' | 'operators'>): readonly Method[] {
  const wanted = operators.vty?.loginList ?? 'default';
  const list = aaa.newModel ? aaa.loginMethods.find(({ name }) => name === wanted) : undefined;
  return list?.methods ?? [{ kind: 'local' }];
}

/** Whether operators may come by SSH: a vty takes it and asks for a name and password, and there is who knows one. */
export function acceptsSsh(configuration: Pick<Configuration, 'aaa' | 'operators'>): boolean {
  const { aaa, operators } = configuration;
  if (operators.vty?.transport !== 'ssh') return false;
  if (!aaa.newModel && !operators.vty.loginLocal) return false;
  const knows = ({ kind }: Method) => kind === 'group' || (kind === 'local' && operators.users.length > 0);
  return loginMethods(configuration).some(knows);
}
