// Builds what changed: SDK (tsdown), server and shop (esbuild bundles, npm packages external), dashboard (vite).
// A stamp per part holds a hash of its inputs, so an unchanged part costs milliseconds.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMPS = join(root, 'node_modules/.cache/pharos/build');

/** `inputs` decide whether the part is stale; `after` parts are built first. */
const PARTS = [
  {
    name: 'sdk',
    workspace: 'packages/node',
    inputs: ['packages/node'],
    output: 'packages/node/dist/index.js',
  },
  {
    name: 'server',
    workspace: 'packages/server',
    inputs: ['packages/server', 'packages/gotemplate', 'packages/promql', 'packages/logql'],
    output: 'packages/server/dist/main.js',
  },
  {
    name: 'dashboard',
    workspace: 'packages/dashboard',
    inputs: ['packages/dashboard'],
    output: 'packages/dashboard/dist/index.html',
  },
  { name: 'shop', workspace: 'shop', inputs: ['shop', 'packages/node'], output: 'shop/dist/gateway.js' },
];

function* filesBelow(path) {
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (['node_modules', 'dist', 'testdata', 'coverage', 'data'].includes(entry.name)) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* filesBelow(child);
    else if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) yield child;
  }
}

function fingerprint(part) {
  const hash = createHash('sha256');
  for (const input of [
    ...part.inputs,
    'package-lock.json',
    'tsconfig.base.json',
    'scripts/build.mjs',
    'scripts/ascii.mjs',
  ]) {
    const path = join(root, input);
    const files = statSync(path).isDirectory() ? filesBelow(path) : [path];
    for (const file of files)
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(output.trim() || `${command} ended with ${code}`)),
    );
  });
}

/** Builds the stale parts (or those named). `say` gets one line a part. Throws the tool's output when one fails. */
export async function build({ say = () => {}, only = [], force = false } = {}) {
  mkdirSync(STAMPS, { recursive: true });
  for (const part of PARTS.filter((candidate) => only.length === 0 || only.includes(candidate.name))) {
    const stamp = join(STAMPS, part.name);
    const now = fingerprint(part);
    const fresh =
      existsSync(join(root, part.output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
    if (fresh && !force) continue;
    const started = performance.now();
    // A build that fails may leave half of its files; going back to the inputs of the last good one must build again.
    rmSync(stamp, { force: true });
    await run('npm', ['run', '--silent', 'build'], join(root, part.workspace));
    writeFileSync(stamp, now);
    say(`built ${part.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const args = process.argv.slice(2);
  try {
    await build({
      say: (line) => console.log(line),
      only: args.filter((a) => !a.startsWith('-')),
      force: args.includes('--force'),
    });
  } catch (error) {
    console.error(`build failed:\n${error.message}`);
    process.exitCode = 1;
  }
}
