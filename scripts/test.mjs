// `npm test`: installs and builds what is missing, runs every test, ends with the slowest files and the counts. With `--checks`, as in CI,
// `npm run check` runs beside them. Other arguments go to vitest (`npm test -- --project unit packages/promql`).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { install, make } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(root, 'node_modules/.cache/pharos');
const SLOWEST = 15;
const started = performance.now();
const say = (line) => console.log(`test: ${line}`);
const withChecks = process.argv.includes('--checks');
const selection = process.argv.slice(2).filter((argument) => argument !== '--checks');

/** Lines of the child come out whole, so that several at once stay readable. */
function run(command, args, niceness = 0) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(`${line}\n`));
    createInterface({ input: child.stderr }).on('line', (line) => process.stderr.write(`${line}\n`));
    // What it starts has the same. A child that could not be started has no pid.
    if (niceness > 0 && child.pid !== undefined)
      setPriority(child.pid, Math.min(19, getPriority() + niceness));
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Runs vitest and resolves with its exit code and its report (null when it wrote none). */
async function test(name, args, niceness = 0) {
  const path = join(CACHE, `test-report-${name}.json`);
  rmSync(path, { force: true });
  const code = await run(
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${path}`, ...args],
    niceness,
  );
  return { code, report: existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null };
}

/**
 * How far what computes steps back for what waits most of the time. Whoever waits is through early, so that no processor idles at the end.
 */
const NICENESS = 4;

const check = (...names) => run(process.execPath, ['scripts/check.mjs', ...names], NICENESS);

/** Three runs beside each other, each of which transforms a module once: what people would see, in two, and the checks before the rest. */
async function everything() {
  // Those that look at sources alone need not wait for the build, which leaves a processor idle.
  const early = withChecks ? check('types', 'types:dashboard', 'lint', 'format') : 0;
  await make('test');
  const rest = async () => {
    const codes = await Promise.all([early, withChecks ? check('layers', 'dead code') : 0]);
    const projects = ['unit', 'int', 'int-alone', 'dashboard'].map((name) => `--project=${name}`);
    return { checked: Math.max(...codes), tested: await test('rest', projects, NICENESS) };
  };
  const [{ checked, tested }, ...seen] = await Promise.all([
    rest(),
    test('acceptance', ['--project=acceptance']),
    test('browser', ['--project=browser']),
  ]);
  return { checked, tested: [...seen, tested] };
}

async function selected() {
  await make('test');
  return { checked: 0, tested: [await test('selection', selection)] };
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

await install('test');
mkdirSync(CACHE, { recursive: true });

const { checked, tested } = selection.length > 0 ? await selected() : await everything();

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
