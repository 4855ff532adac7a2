import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildDashboard } from '../../tools/setup/dashboard.mjs';
import { noBrowser, openPage, startBrowser } from './browser.ts';
import { gatewayWorld } from './mock/gateway-world.ts';
import { MockNode } from './mock/mock-node.ts';
import { createdEvent, emptyWorld, handoverEvent, worldOf } from './mock/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Of each page: what it asks the node for, and what it says where there is nothing. */
const STATES = [
  ['overview', '/ready', "No peer's health is known"],
  ['bindings', '/bindings', 'No mobile node is attached'],
  ['mn/ada%40example.com', '/bindings', 'This mobile node is not attached'],
  ['mn/ada%40example.com', '/nodes', 'No message of it is known'],
  ['handovers', '/statistics', 'No registration yet'],
  ['pools', '/pools', 'No pool is configured'],
  ['peers', '/peers', "No peer's health is known"],
  ['peers', '/tunnels', 'No tunnel'],
  ['events', '', 'Nothing has happened yet'],
] as const;

describe.skipIf(noBrowser !== '')(`every state of the pages in Chromium (${noBrowser || 'Debian'})`, () => {
  const node = new MockNode(worldOf(10));
  let browser: Browser;
  const open: Page[] = [];
  const show = async (path: string) => {
    const { page } = await openPage(browser, `${node.url}#/${path}`);
    open.push(page);
    return page;
  };

  /** To a page that asks anew, whatever is shown. */
  const go = async (page: Page, path: string) => {
    await page.goto(`${node.url}#/none`);
    await page.getByText('There is no such page').waitFor();
    await page.goto(`${node.url}#/${path}`);
  };

  beforeAll(async () => {
    expect(buildDashboard(root, process.execPath)).toBeUndefined();
    await node.start();
    browser = await startBrowser();
  });
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
    node.failing.clear();
    node.silent.clear();
    node.restart(worldOf(10));
  });
  afterAll(async () => {
    await browser?.close();
    await node.stop();
  });

  it('says on every page what is missing where there is nothing', async () => {
    node.restart(emptyWorld);
    const page = await show('none');
    for (const [path, , text] of STATES) {
      await go(page, path);
      await page.getByText(text).first().waitFor();
    }
  });

  it('says on every page that it loads while the node has not answered yet', async () => {
    const page = await show('none');
    for (const [path, asked] of STATES) {
      if (asked === '') continue;
      node.silent.add(asked);
      await go(page, path);
      await page
        .getByText(/^Loading /)
        .first()
        .waitFor();
      node.silent.clear();
    }
  });

  it('says on every page why something cannot be shown, and tries again', async () => {
    const page = await show('none');
    for (const [path, asked] of STATES) {
      if (asked === '') continue;
      node.failing.set(asked, 500);
      await go(page, path);
      await page.getByText('The node does not answer: Its packet worker is busy').first().waitFor();
      node.failing.clear();
      await page.getByRole('button', { name: 'Try again' }).first().click();
      await expect.poll(() => page.getByText('This cannot be shown').count(), { timeout: 10_000 }).toBe(0);
    }
  });

  it('keeps what it shows, and says how old it is, while the node does not answer', async () => {
    const page = await show('pools');
    await page.getByText('HOME_V4').waitFor();
    node.failing.set('/pools', 503);
    await page.getByText(/^As of .*since then/).waitFor();
    await page.getByText('HOME_V4').waitFor();
  });

  it('moves a mobile node to the other gateway the moment that it happens', async () => {
    const page = await show('overview');
    await page.getByLabel('ada@example.com at M1').waitFor();
    await page.getByText('Live').first().waitFor();
    const world = worldOf(10);
    const ada = world.bindings[0];
    if (ada?.role !== 'lma') throw new Error('no binding');
    const there = { ...ada, peer: 'M2' };
    node.world = { ...world, bindings: [there, ...world.bindings.slice(1)] };
    node.tell([handoverEvent(there, 1, Date.now())]);
    await page.getByLabel('ada@example.com at M2').waitFor();
    await page.getByText('A mobile node moved to another gateway').first().waitFor();
  });

  it('has what it missed when its connection broke', async () => {
    const page = await show('events');
    await page.getByText('Live').first().waitFor();
    node.cutStreams();
    const [binding] = worldOf(10).bindings;
    if (!binding) throw new Error('no binding');
    node.tell([{ ...createdEvent(binding, Date.now()), text: 'Told while nobody listened' }]);
    await page.getByText('Told while nobody listened').waitFor();
    await page.getByText('Live').first().waitFor();
  });

  it('shows what is so now when the daemon was restarted, and follows on', async () => {
    const page = await show('bindings');
    await page.getByText('10 bindings').waitFor();
    node.restart(worldOf(3));
    await page.getByText('3 bindings').waitFor({ timeout: 15_000 });
    await page.getByText('Live').first().waitFor();
    const [binding] = node.world.bindings;
    if (!binding) throw new Error('no binding');
    node.world = worldOf(4);
    node.tell([createdEvent(binding, Date.now())]);
    await page.getByText('4 bindings').waitFor({ timeout: 15_000 });
  });

  it('can be used with the keyboard alone', async () => {
    const page = await show('overview');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.goto(`${node.url}#/mn/ada%40example.com`);
    const messages = page.locator('.ladder summary');
    await messages.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('status 0 (accepted)').waitFor();
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toMatch(/^PBA from lma1 to /);
  });

  it('tells what its words mean where they are tapped, reached with the keyboard, pointed at, or read by a screen reader', async () => {
    const meaning = /^Local mobility anchor: the router/;
    const { page } = await openPage(browser, `${node.url}#/overview`, { hasTouch: true });
    open.push(page);
    const word = page.getByRole('button', { name: /^LMA$/, description: meaning });
    const shown = page.getByRole('tooltip').filter({ hasText: meaning });
    await word.tap();
    await shown.waitFor();
    await page.getByRole('heading', { name: 'Overview' }).tap();
    await shown.waitFor({ state: 'hidden' });
    await word.focus();
    await shown.waitFor();
    await page.keyboard.press('Escape');
    await shown.waitFor({ state: 'hidden' });
    await page.keyboard.press('Tab');
    await page.getByRole('tooltip').filter({ hasText: 'Mobile access gateway' }).waitFor();
    await page.getByText('Traffic up').hover();
    await page.getByRole('tooltip').filter({ hasText: 'From mobile nodes, in the tunnels' }).waitFor();
    await page.goto(`${node.url}#/mn/ada%40example.com`);
    await page
      .getByLabel(/^PBU from/)
      .first()
      .tap();
    await page.getByText('Proxy Binding Update: the gateway registers').filter({ visible: true }).waitFor();
  });

  it('draws the call flow of a gateway between all who take part', async () => {
    node.restart(gatewayWorld);
    const page = await show('mn/ada%40example.com');
    await page.getByLabel('Access-Request from M1 to RADIUS').waitFor();
    await page.getByLabel('PBU from M1 to lma1').waitFor();
    await page.getByLabel('DHCPDISCOVER from mobile node to M1').waitFor();
    await page.getByText('layer 2 update').waitFor();
    expect(await page.locator('.lane-head strong').allTextContents()).toEqual(['mobile node', 'M1', 'lma1', 'RADIUS']);
    await page.getByLabel('Access-Request from M1 to RADIUS').click();
    await page.getByText('User-Name').filter({ visible: true }).first().waitFor();
  });

  it('shows a gateway how long attachments took, and which part of it took how much', async () => {
    node.restart(gatewayWorld);
    const page = await show('handovers');
    await page.getByRole('img', { name: /^300 times of attachments: half are within 2\.30 ms/ }).waitFor();
    const parts = await page
      .getByRole('region', { name: 'Parts of an attachment' })
      .locator('tbody tr')
      .allInnerTexts();
    expect(parts.map((row) => row.split('\t')[2])).toEqual(['25 %', '50 %', '25 %']);
  });

  it('measures the traffic of one mobile node, in bits and in packets', async () => {
    const page = await show('mn/ada%40example.com');
    await page.getByRole('img', { name: /^Now [\d.]+ k?bit\/s up/ }).waitFor();
    await page.getByRole('button', { name: 'Packets' }).click();
    await page.getByRole('img', { name: /^Now [\d,]+ packets\/s up/ }).waitFor();
  });
});
