import { expect, test } from 'vitest';
import { type Backend, ShellSession } from '#cli/shell/index.ts';
import { editConfiguration, parseConfiguration } from '#config/index.ts';
import * as deployment from '../../config/deployment-guide-texts.ts';
import * as guide from '../../config/guide-texts.ts';

/** A daemon that only keeps its configuration. */
class Configured implements Backend {
  text = '';

  async ask({ request, path, line }: Parameters<Backend['ask']>[0]): Promise<unknown> {
    if (request !== 'configure-line') return null;
    const edit = editConfiguration(this.text, path as string[], line as string);
    if (!edit.ok) return edit;
    this.text = edit.text;
    const messages = edit.warnings.map(({ message }) => `Warning: ${message}`);
    return { ok: true, path: edit.path, mode: edit.mode.name, hostname: 'Device', messages };
  }
}

const texts = Object.entries({ ...deployment, ...guide });

test.each(texts)('%s is typed as its guide has it, with the prompts of its modes', async (name, text) => {
  const daemon = new Configured();
  const shell = new ShellSession(daemon, { hostname: 'Device', privileged: false });
  let shown = '';
  for (const line of ['enable', 'configure terminal', ...text.trimEnd().split('\n')]) {
    shown += `${shell.prompt}${line}\n`;
    const reply = await shell.execute(line);
    expect(reply.failed, `${line}: ${reply.text}`).toBeUndefined();
    shown += reply.text;
  }
  await expect(`${shown}${shell.prompt}\n`).toMatchFileSnapshot(`transcripts/guides/${name}.refout`);
  // What was typed is what a file with the same lines says.
  expect(parseConfiguration(daemon.text).configuration).toEqual(parseConfiguration(text).configuration);
});
