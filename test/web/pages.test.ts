import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDashboard } from '../../tools/setup/dashboard.mjs';
import { noBrowser, openPage, startBrowser } from './browser.ts';
import { gatewayWorld } from './mock/gateway-world.ts';
import { MockNode } from './mock/mock-node.ts';
import { worldOf } from './mock/world.ts';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
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

  const violations = (page: Page) =>
    page.evaluate<string[]>(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))",
    );

  it.each(WORLDS)(
    'every page of %s has its heading, fits a phone, keeps the rules of accessibility in light and in dark, and breaks neither its program nor its policy',
    async (_, world) => {
      node.restart(world);
      const { page, complaints } = await openPage(browser, node.url);
      await page.evaluate(axe);
      for (const path of PAGES) {
        await page.setViewportSize({ width: 1280, height: 860 });
        await page.emulateMedia({ colorScheme: 'light' });
        await settle(page, path);
        const wideAndLight = await violations(page);
        await page.setViewportSize({ width: 360, height: 740 });
        await page.emulateMedia({ colorScheme: 'dark' });
        const narrowAndDark = await violations(page);
        const wider = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        const wanted = { path, wideAndLight: [], narrowAndDark: [], wider: 0, complaints: [] };
        expect({ path, wideAndLight, narrowAndDark, wider, complaints }).toEqual(wanted);
      }
      await page.context().close();
    },
  );

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
