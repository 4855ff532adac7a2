import { controlRequest } from '../control-client.ts';
import type { DataplaneView } from '../show/index.ts';
import { type Check, type Finding, ok, warning } from './finding.ts';

/** Whether the kernel forwards what the bindings of the running daemon say. */
export const forwarding: Check = {
  name: 'forwarding',
  async examine({ daemon, controlPath }) {
    if (!daemon) return [ok('no daemon is asked whether its forwarding is as its bindings say')];
    const { agreement, restoration } = (await controlRequest(controlPath, {
      request: 'show',
      query: 'dataplane',
    })) as DataplaneView;
    const { matching, missing, different, extra, unclaimed, examples } = agreement;
    const found: Finding[] = [];
    if (missing + different + extra > 0) {
      const text = `of the forwarding state, ${matching} parts match the bindings, ${missing} are missing, ${different} are different, ${extra} are of no binding: ${examples.join('; ')}`;
      found.push(
        warning(
          text,
          'see who else changes routes, neighbours and addresses here; a restart of the daemon makes them anew',
        ),
      );
    } else found.push(ok(`all ${matching} parts of the forwarding state match the bindings`));
    if (restoration)
      found.push(
        ok(`since the restart, ${restoration.set} of ${restoration.total} bindings are set; the kernel forwards on`),
      );
    if (unclaimed > 0)
      found.push(ok(`${unclaimed} parts are left by an earlier daemon, and not yet claimed by a binding`));
    return found;
  },
};
