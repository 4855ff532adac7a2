import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDashboard } from '../../tools/setup/dashboard.mjs';
import { noBrowser, openPage, startBrowser } from './browser.ts';
import { MockNode } from './mock/mock-node.ts';
import { handoverEvent, worldOf } from './mock/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nightly = process.env.MOORING_NIGHTLY !== undefined;
const MEASURED_MS = nightly ? 20_000 : 1500;
const BINDINGS = 100_000;
const EVENTS_PER_SECOND = 500;
const TELL_MS = 100;

/** A quiet machine draws every 17 ms. By day other tests take the processors away; what is asked at every event or row of all still shows. */
const LIMITS = nightly
  ? { medianMs: 20, p95Ms: 50, longestTaskMs: 200 }
  : { medianMs: 70, p95Ms: 500, longestTaskMs: 1500 };

interface Smoothness {
  /** Frames in the time that was measured. */
  readonly frames: number;
  /** Milliseconds from one frame to the next. */
  readonly median: number;
  readonly p95: number;
  readonly longest: number;
  /** Milliseconds of the longest task, and of all tasks of more than 50 ms together. */
  readonly longestTask: number;
  readonly longTasks: number;
}

/** Runs in the page. `scroll` moves the rows through the list, a little at each frame. */
const measure = (ms: number, scroll: boolean) => `new Promise((resolve) => {
  const intervals = [];
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  const rows = document.querySelector('.rows');
  const started = performance.now();
  let last;
  const frame = (now) => {
    if (last !== undefined) intervals.push(now - last);
    last = now;
    if (${scroll} && rows) rows.scrollTop += 90;
    if (now - started < ${ms}) return requestAnimationFrame(frame);
    intervals.sort((a, b) => a - b);
    resolve({
      frames: intervals.length,
      median: intervals[Math.floor(intervals.length / 2)],
      p95: intervals[Math.floor(intervals.length * 0.95)],
      longest: intervals.at(-1),
      longestTask: Math.max(0, ...tasks),
      longTasks: tasks.reduce((sum, task) => sum + task, 0),
    });
  };
  requestAnimationFrame(frame);
})`;

describe.skipIf(noBrowser !== '')(
  `with ${BINDINGS} bindings and ${EVENTS_PER_SECOND} events a second (${noBrowser || 'Debian'})`,
  () => {
    const node = new MockNode(worldOf(BINDINGS));
    let browser: Browser;
    let teller: NodeJS.Timeout;

    beforeAll(async () => {
      expect(buildDashboard(root, process.execPath)).toBeUndefined();
      await node.start();
      browser = await startBrowser();
      let told = 0;
      teller = setInterval(() => {
        const count = (EVENTS_PER_SECOND * TELL_MS) / 1000;
        const moved = node.world.bindings.slice(told, told + count);
        told = (told + count) % BINDINGS;
        node.tell(moved.map((binding, i) => handoverEvent(binding, i, Date.now())));
      }, TELL_MS);
    });
    afterAll(async () => {
      clearInterval(teller);
      await browser?.close();
      await node.stop();
    });

    it.each([
      ['overview', 'the overview, a dot for each handover', false],
      ['bindings', 'the table of bindings while it is scrolled', true],
      ['events', 'the events while they come', false],
      ['mn/mn000007%40example.com', 'the page of one mobile node', false],
    ] as const)('%s stays smooth: %s', async (path, _what, scroll) => {
      const { page, complaints } = await openPage(browser, `${node.url}#/${path}`);
      await settled(page);
      const smoothness = (await page.evaluate(measure(MEASURED_MS, scroll))) as Smoothness;
      if (nightly || process.env.MOORING_FIGURES !== undefined)
        process.stdout.write(`${path}: ${JSON.stringify(smoothness)}\n`);
      expect(complaints).toEqual([]);
      expect(smoothness.median).toBeLessThanOrEqual(LIMITS.medianMs);
      expect(smoothness.p95).toBeLessThanOrEqual(LIMITS.p95Ms);
      expect(smoothness.longestTask).toBeLessThanOrEqual(LIMITS.longestTaskMs);
      await page.context().close();
    });
  },
);

async function settled(page: Page): Promise<void> {
  await page.locator('main h1').waitFor();
  await expect.poll(() => page.locator('.state .spinner').count(), { timeout: 20_000 }).toBe(0);
}
