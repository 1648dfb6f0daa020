// `npm test`: installs and builds what is missing, runs every check and every test, ends with the counts.
// Arguments go to vitest (`npm test -- --project unit packages/promql`), and then only the tests run.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const REPORT = join(root, 'node_modules/.cache/pharos/test-report.json');
const started = performance.now();
const say = (line) => console.log(`test: ${line}`);
const selection = process.argv.slice(2);

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Test counts of the last run; a file that could not even be loaded counts as a failure. */
function counts() {
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

await prepare('test');

const checked = selection.length > 0 ? 0 : await run(process.execPath, ['scripts/check.mjs']);
mkdirSync(join(root, 'node_modules/.cache/pharos'), { recursive: true });
rmSync(REPORT, { force: true });
const tested = await run(join(root, 'node_modules/.bin/vitest'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${REPORT}`,
  ...selection,
]);

const minutes = (performance.now() - started) / 60_000;
if (!existsSync(REPORT)) {
  console.error('test: the test runner wrote no report');
  process.exit(1);
}
const { passed, failed, skipped } = counts();
say(`checks ${checked === 0 ? 'passed' : 'FAILED'}, tests took ${minutes.toFixed(1)} min in all`);
const bad = checked !== 0 || tested !== 0 || failed > 0 || passed === 0;
console.log(`${passed} passed, ${failed + (bad && failed === 0 ? 1 : 0)} failed, ${skipped} skipped`);
process.exitCode = bad ? 1 : 0;
