// `npm test`: installs and builds what is missing, runs every test, ends with the slowest files and the counts. With `--checks`, as in CI,
// `npm run check` runs beside them. Other arguments go to vitest (`npm test -- --project unit packages/promql`).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(root, 'node_modules/.cache/pharos');
const SLOWEST = 15;
const started = performance.now();
const say = (line) => console.log(`test: ${line}`);
const withChecks = process.argv.includes('--checks');
const selection = process.argv.slice(2).filter((argument) => argument !== '--checks');

/** Lines of the child come out whole, so that two at once stay readable. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(`${line}\n`));
    createInterface({ input: child.stderr }).on('line', (line) => process.stderr.write(`${line}\n`));
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Runs vitest and resolves with its exit code and its report (null when it wrote none). */
async function test(name, args) {
  const path = join(CACHE, `test-report-${name}.json`);
  rmSync(path, { force: true });
  const code = await run(join(root, 'node_modules/.bin/vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${path}`,
    ...args,
  ]);
  return { code, report: existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null };
}

/** Tests of what people would see, and in how many parts. Small ones keep both processors busy: a part is all that is left to one at the end. */
const PARTS = { acceptance: 8, browser: 4 };

/** Pages want a processor, acceptance tests mostly wait: the parts of both take turns. */
function partsInTurn() {
  const parts = Object.entries(PARTS).flatMap(([project, count]) =>
    Array.from({ length: count }, (_, at) => ({
      turn: (at + 0.5) / count,
      name: `${project}-${at + 1}`,
      args: [`--project=${project}`, `--shard=${at + 1}/${count}`],
    })),
  );
  return parts.sort((one, other) => one.turn - other.turn);
}

/** Two lanes take these parts beside the checks and the rest, and a third when those are done. */

async function everything() {
  const parts = partsInTurn();
  const seen = [];
  const see = async () => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift())
      seen.push(await test(part.name, part.args));
  };
  const compute = async () => {
    const checked = withChecks ? await run(process.execPath, ['scripts/check.mjs']) : 0;
    const rest = await test('rest', [
      '--project=unit',
      '--project=int',
      '--project=int-alone',
      '--project=dashboard',
    ]);
    await see();
    return { checked, rest };
  };
  const [{ checked, rest }] = await Promise.all([compute(), see(), see()]);
  return { checked, tested: [...seen, rest] };
}

/** Test counts of a run; a file that could not even be loaded counts as a failure. */
function countsOf(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function slowest(files) {
  const timed = files.map(({ name, startTime, endTime }) => ({
    name: relative(root, name),
    seconds: (endTime - startTime) / 1000,
  }));
  return timed.sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
}

await prepare('test');
mkdirSync(CACHE, { recursive: true });

const { checked, tested } =
  selection.length > 0 ? { checked: 0, tested: [await test('selection', selection)] } : await everything();

const minutes = (performance.now() - started) / 60_000;
const reports = tested.map(({ report }) => report);
if (reports.includes(null)) {
  console.error('test: the test runner wrote no report');
  process.exit(1);
}
const counts = reports.map(countsOf);
const total = (key) => counts.reduce((sum, part) => sum + part[key], 0);
const [passed, failed, skipped] = [total('passed'), total('failed'), total('skipped')];
if (selection.length === 0) {
  say(`the slowest ${SLOWEST} files`);
  for (const { name, seconds } of slowest(reports.flatMap(({ testResults }) => testResults)))
    say(`${seconds.toFixed(1).padStart(6)} s ${name}`);
}
if (withChecks) say(`checks ${checked === 0 ? 'passed' : 'FAILED'}`);
say(`took ${minutes.toFixed(1)} min in all`);
const bad = checked !== 0 || tested.some(({ code }) => code !== 0) || failed > 0 || passed === 0;
console.log(`${passed} passed, ${failed + (bad && failed === 0 ? 1 : 0)} failed, ${skipped} skipped`);
process.exitCode = bad ? 1 : 0;
