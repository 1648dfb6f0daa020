import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A Chromium that the machine has, before the packaged one is unpacked. */
const INSTALLED = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

interface Executable {
  readonly path: string;
  /** Where the libraries it brings along lie, when the machine may lack them. */
  readonly libraries: string | undefined;
}

/** Unpacks the browser of the npm package once per version into `.cache/`; later runs only find it there. */
async function unpacked(): Promise<Executable> {
  const require = createRequire(import.meta.url);
  const main = readFileSync(require.resolve('@sparticuz/chromium'));
  const key = createHash('sha256').update(main).digest('hex').slice(0, 12);
  const home = join(ROOT, '.cache', `chromium-${key}`);
  const executable: Executable = { path: join(home, 'chromium'), libraries: join(home, 'al2023', 'lib') };
  if (existsSync(executable.path)) return executable;
  const work = `${home}.${process.pid}`;
  await mkdir(work, { recursive: true });
  // The package reads both when it is imported: where to unpack, and that its bundled libraries are wanted.
  const before = { TMPDIR: process.env['TMPDIR'], LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] };
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs22.x';
  process.env['TMPDIR'] = work;
  const { default: packaged } = await import('@sparticuz/chromium');
  await packaged.executablePath();
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  delete process.env['AWS_EXECUTION_ENV'];
  // Another run may have been faster; both copies are equal.
  await rename(work, home).catch(() => rm(work, { recursive: true, force: true }));
  return executable;
}

/**
 * A headless Chromium, without root and without a download: the machine's own (or the one named by `PHAROS_TEST_BROWSER`), or the
 * one of the npm package. The caller closes it.
 */
export async function launchBrowser(): Promise<Browser> {
  const named = process.env['PHAROS_TEST_BROWSER'];
  const installed = named ?? INSTALLED.find((path) => existsSync(path));
  const executable = installed === undefined ? await unpacked() : { path: installed, libraries: undefined };
  const libraries = [executable.libraries, process.env['LD_LIBRARY_PATH']].filter(
    (part) => part !== undefined,
  );
  return chromium.launch({
    executablePath: executable.path,
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    env: {
      ...process.env,
      HOME: process.env['HOME'] ?? tmpdir(),
      ...(libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(':') }),
    },
  });
}

let shared: Promise<Browser> | undefined;

/**
 * The browser of all files of this worker, those of the project `browser`, which have one after the other: each closes what it opened. It
 * ends with the worker.
 */
export async function sharedBrowser(): Promise<Browser> {
  const running = await (shared ??= launchBrowser());
  return running.isConnected() ? running : await (shared = launchBrowser());
}

/** What every page of the tests starts from: a fixed language (the `C` locale has none that `Intl` knows) and time zone, no animation. */
export const PAGE_DEFAULTS = { locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce' } as const;

/** Ends what hangs; a machine with ten other things to do is not a hang. */
const PATIENCE_MS = 90_000;

/** A context that every page of the tests may start from. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    ...PAGE_DEFAULTS,
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}
