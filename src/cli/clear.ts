import { controlRequest } from './control-client.ts';
import { CommandError, ExitStatus } from './exit-status.ts';

/** `mooring clear bindings [NAI]`. */
export async function clear(what: string, nai: string | undefined, options: { control: string }): Promise<void> {
  if (what !== 'bindings' && what !== 'binding') {
    throw new CommandError(ExitStatus.USAGE, `cannot clear "${what}"; what can be cleared: bindings`);
  }
  const result = await controlRequest(options.control, {
    request: 'clear-bindings',
    ...(nai !== undefined && { nai }),
  });
  const { bindings } = result as { bindings: number };
  if (nai !== undefined && bindings === 0) throw new CommandError(ExitStatus.FAILED, `no binding of ${nai}`);
  console.log(`${bindings} ${bindings === 1 ? 'binding' : 'bindings'} told to end`);
}
