import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDashboard } from '../../tools/setup/dashboard.mjs';
import { noBrowser, openPage, startBrowser } from './browser.ts';
import { gatewayWorld } from './mock/gateway-world.ts';
import { MockNode } from './mock/mock-node.ts';
import { worldOf } from './mock/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const WORLDS = [
  ['an anchor', worldOf(10)],
  ['a gateway', gatewayWorld],
] as const;
const PAGES = ['overview', 'bindings', 'mn/ada%40example.com', 'handovers', 'pools', 'peers', 'events'];

describe.skipIf(noBrowser !== '')(`the pages in Chromium (${noBrowser || 'Debian'})`, () => {
  const node = new MockNode(worldOf(10));
  let browser: Browser;

  beforeAll(async () => {
    expect(buildDashboard(root, process.execPath)).toBeUndefined();
    await node.start();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await node.stop();
  });

  const settle = async (page: Page, path: string) => {
    await page.goto(`${node.url}#/${path}`);
    await page.locator('main h1').waitFor();
    await expect.poll(() => page.locator('.state .spinner').count(), { timeout: 10_000 }).toBe(0);
  };

  it.each(WORLDS)(
    'every page of %s has its heading, fits a phone, and breaks neither its program nor its policy',
    async (_, world) => {
      node.restart(world);
      const { page, complaints } = await openPage(browser, node.url, { viewport: { width: 360, height: 740 } });
      for (const path of PAGES) {
        await settle(page, path);
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect({ path, wider, complaints }).toEqual({ path, wider: 0, complaints: [] });
      }
      await page.context().close();
    },
  );

  it.each(
    WORLDS.flatMap(([name, world]) => (['light', 'dark'] as const).map((scheme) => [name, scheme, world] as const)),
  )('every page of %s keeps the rules of accessibility, in %s', async (_, colorScheme, world) => {
    node.restart(world);
    const { page } = await openPage(browser, node.url, { colorScheme, bypassCSP: true });
    await page.addScriptTag({ path: fileURLToPath(import.meta.resolve('axe-core/axe.min.js')) });
    for (const path of PAGES) {
      await settle(page, path);
      const found = await page.evaluate<string[]>(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))",
      );
      expect({ path, found }).toEqual({ path, found: [] });
    }
    await page.context().close();
  });

  it('a message of the call flow opens to its content', async () => {
    const { page } = await openPage(browser, `${node.url}#/mn/ada%40example.com`);
    await page
      .getByLabel(/^PBA from/)
      .first()
      .click();
    await page.getByText('status 0 (accepted)').waitFor();
    await page.context().close();
  });

  it('of 100,000 bindings any is found, and few exist in the page', async () => {
    node.world = worldOf(100_000);
    const { page } = await openPage(browser, `${node.url}#/bindings`);
    await page.getByText('100,000 bindings').waitFor();
    await page.evaluate("document.querySelector('.rows').scrollTop = 1e9");
    await page.getByText('mn099999@example.com').waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await page.getByRole('searchbox').fill('mn054321@');
    await page.getByText('1 binding found').waitFor();
    await page.getByText('mn054321@example.com').waitFor();
    await page.context().close();
  });

  it('asks for a token where one is wanted, and says when it is wrong', async () => {
    node.token = 'right';
    const { page } = await openPage(browser, node.url);
    await page.getByLabel('Token', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('The token is not one of this node').waitFor();
    await page.getByLabel('Token', { exact: true }).fill('right');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    node.token = undefined;
    await page.context().close();
  });
});
