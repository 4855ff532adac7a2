// Pictures of the dashboard for README.md and the documents: runs the lab with its dashboards, looks at them in Chromium, and writes docs/images.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

interface Picture {
  readonly name: string;
  /** Whose dashboard: 0 is the anchor's, 1 that of gateway M1. */
  readonly node: 0 | 1;
  readonly path: string;
  readonly scheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
  readonly prepare?: (page: Page) => Promise<void>;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const images = join(root, 'docs', 'images');
const PORT = 8180;
const READY_MS = 90_000;
/** Until mobile nodes have moved often enough for something to be seen. */
const STORY_MS = 75_000;
const WIDE = { width: 1200, height: 760 };
const PHONE = { width: 390, height: 780 };

const anchored = { node: 0, scheme: 'light', ...WIDE } as const;
const gateway = { ...anchored, node: 1 } as const;
const pictures: readonly Picture[] = [
  { ...anchored, name: 'overview-light', path: 'overview' },
  { ...anchored, name: 'overview-dark', path: 'overview', scheme: 'dark' },
  { ...anchored, name: 'bindings', path: 'bindings', height: 520 },
  {
    ...anchored,
    name: 'mobile-node-dark',
    path: 'mn/0024.d7f0.0003',
    scheme: 'dark',
    height: 900,
    prepare: minuteOfTraffic,
  },
  { ...gateway, name: 'call-flow', path: 'mn/0024.d7f0.0003', height: 900, prepare: openAcknowledgement },
  { ...gateway, name: 'handovers', path: 'handovers', height: 720 },
  { ...anchored, name: 'phone', path: 'overview', scheme: 'dark', ...PHONE },
];

const lab = startLab();
try {
  await ready(lab);
  say(`waiting ${STORY_MS / 1000} s for mobile nodes to move`);
  await new Promise((resolve) => setTimeout(resolve, STORY_MS));
  mkdirSync(images, { recursive: true });
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  for (const picture of pictures) await take(browser, picture);
  await browser.close();
} finally {
  lab.kill('SIGINT');
  await once(lab, 'exit');
}

function startLab(): ChildProcess {
  const words = ['src/lab/main.ts', '--dashboard', '--prefix', 'shots', '--port', `${PORT}`, '--interval', '900'];
  return spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Resolves when the lab says where its dashboards are. */
async function ready({ stdout, exitCode }: ChildProcess): Promise<void> {
  const end = setTimeout(() => stdout?.destroy(new Error('the lab did not start in time')), READY_MS);
  let said = '';
  for await (const text of stdout ?? []) {
    said += text;
    if (!said.includes(`:${PORT + 2}/`)) continue;
    clearTimeout(end);
    return;
  }
  throw new Error(`the lab ended (${exitCode}): ${said}`);
}

async function take(browser: Browser, { name, node, path, scheme, width, height, prepare }: Picture): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${PORT + node}/#/${path}`);
  await page.locator('main h1').waitFor();
  await page.locator('.state .spinner').first().waitFor({ state: 'detached' });
  await page.waitForTimeout(6000);
  await prepare?.(page);
  await page.screenshot({ path: join(images, `${name}.png`) });
  say(`docs/images/${name}.png`);
  await context.close();
}

async function minuteOfTraffic(page: Page): Promise<void> {
  await page.waitForTimeout(60_000);
}

/** The first acknowledgement of an attachment, opened, in the middle of the picture. */
async function openAcknowledgement(page: Page): Promise<void> {
  const message = page.getByLabel(/^PBA from/).first();
  await message.click();
  await page.evaluate("document.querySelector('.ladder').scrollIntoView()");
}

function say(text: string): void {
  process.stderr.write(`screenshots: ${text}\n`);
}
