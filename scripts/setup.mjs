// The first step of `npm start` and `npm test`, in plain Node with no dependency: the right Node, room on disk,
// and packages installed as the lock file says. Fails with one clear line.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
// The whole module, not names: an old Node without statfsSync would fail to link and never reach the line that says so.
import fs from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'node_modules/.cache/pharos/installed');
/** The first minor of each major that the tools we build with run on; later majors run from their first. */
const MINIMUM_MINOR = { 20: 19, 22: 12 };
/** node_modules takes about 1.3 GB; npm's own cache as much again at worst. */
const NEEDED_BYTES = 2.5e9;

/** Packages that declare a newer Node but run on 20 in the way they are used here, each with the reason. */
const ENGINE_EXCEPTIONS = {
  'content-disposition': 'through @fastify/static; 3.0.0 runs on Node 20, its older lines break downloads',
};

/** A problem the user can fix; shown as one line, without a stack. */
export class SetupProblem extends Error {}

export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major >= 24 || minor >= MINIMUM_MINOR[major]) return;
  throw new SetupProblem(
    `Pharos needs Node 20.19, 22.12 or 24 and newer, and this is ${version}: install a current Node and run the command again`,
  );
}

function checkPlatform() {
  const supported =
    (process.platform === 'linux' || process.platform === 'darwin') &&
    ['x64', 'arm64'].includes(process.arch);
  if (!supported)
    throw new SetupProblem(
      `the embedded engine has no build for ${process.platform} ${process.arch}: use Linux (glibc) or macOS on x64 or arm64`,
    );
  if (process.platform === 'linux' && process.report?.getReport().header.glibcVersionRuntime === undefined) {
    throw new SetupProblem(
      'the embedded engine needs glibc and this Linux has another C library (musl): use a Debian, Ubuntu or Fedora based system',
    );
  }
}

function checkDisk() {
  const { bavail, bsize } = fs.statfsSync(root);
  const free = bavail * bsize;
  if (free < NEEDED_BYTES)
    throw new SetupProblem(
      `installing needs about 2.5 GB and ${root} has ${(free / 1e9).toFixed(1)} GB free: make room and run the command again`,
    );
}

const lockHash = () =>
  createHash('sha256')
    .update(fs.readFileSync(join(root, 'package-lock.json')))
    .update(process.versions.modules)
    .digest('hex');
const isInstalled = () => fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === lockHash();

/** npm's `EBADENGINE` warnings that no exception covers. */
export function badEngines(log) {
  return [...log.matchAll(/package: '([^']+?)@[^'@]+'/g)]
    .map((match) => match[1])
    .filter((name) => !(name in ENGINE_EXCEPTIONS));
}

function install(say) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=warn'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    const collect = (chunk) => (log += chunk);
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const progress = setInterval(
      () => say(`installing packages, ${Math.round((performance.now() - started) / 1000)} s ...`),
      10_000,
    );
    child.on('error', (error) => reject(new SetupProblem(`npm could not be run: ${error.message}`)));
    child.on('close', (code) => {
      clearInterval(progress);
      if (code !== 0) {
        const reason = /ENOSPC/.test(log) ? 'the disk is full' : log.trim().split('\n').slice(-6).join('\n');
        reject(new SetupProblem(`npm ci failed: ${reason}`));
        return;
      }
      const refused = badEngines(log);
      if (refused.length > 0 && process.env.CI)
        reject(
          new SetupProblem(`packages that do not support this Node (EBADENGINE): ${refused.join(', ')}`),
        );
      else resolve((performance.now() - started) / 1000);
    });
  });
}

/** Checks the machine, and installs when node_modules is missing or older than the lock file. */
export async function setup(say) {
  checkNode();
  checkPlatform();
  if (isInstalled()) return;
  checkDisk();
  say('installing packages (once; about a minute) ...');
  const seconds = await install(say);
  fs.mkdirSync(join(root, 'node_modules/.cache/pharos'), { recursive: true });
  fs.writeFileSync(STAMP, lockHash());
  say(`installed in ${seconds.toFixed(0)} s`);
}
