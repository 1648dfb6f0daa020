// Types, lint, layers, dead code, format: every static check, run together, failing with the output of what failed.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const bin = (name) => `node_modules/.bin/${name}`;
const only = process.argv.slice(2);

/** Several at once check many types again; here everything else runs beside it already. */
const ONE_CHECKER = ['--checkers', '1'];

/** `verify` may turn a zero exit into a failure, for tools that pass when they looked at nothing. */
const CHECKS = [
  { name: 'types', command: [bin('tsc'), '-p', 'tsconfig.json', ...ONE_CHECKER] },
  {
    name: 'types:dashboard',
    command: [bin('tsc'), '-p', 'packages/dashboard/tsconfig.json', ...ONE_CHECKER],
  },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'format', command: [bin('biome'), 'ci', '--log-level=error', '.'] },
  {
    name: 'layers',
    command: [
      bin('depcruise'),
      '--config',
      '.dependency-cruiser.cjs',
      'packages',
      'shop',
      '--output-type',
      'json',
    ],
    verify: (stdout) => {
      const cruised = JSON.parse(stdout).summary;
      if (!(cruised.totalCruised > 0))
        return 'dependency-cruiser cruised 0 modules: its TypeScript is missing';
      return null;
    },
    explain: (stdout) => {
      try {
        return JSON.parse(stdout)
          .summary.violations.map((v) => `${v.rule.severity} ${v.rule.name}: ${v.from} -> ${v.to}`)
          .join('\n');
      } catch {
        return stdout;
      }
    },
  },
  { name: 'dead code', command: [bin('knip'), '--no-progress'] },
];

function run(check) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(check.command[0], check.command.slice(1), {
      env: { ...process.env, ...COMPILERS, FORCE_COLOR: '0' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', (error) => resolve({ check, problem: error.message, seconds: 0 }));
    child.on('close', (code) => {
      const seconds = (performance.now() - started) / 1000;
      if (code !== 0) resolve({ check, problem: (check.explain?.(stdout) ?? stdout) + stderr, seconds });
      else resolve({ check, problem: check.verify?.(stdout) ?? null, seconds });
    });
  });
}

/**
 * The compilers are Go's, and keep nearly everything to their end: garbage is looked for less often, within a limit of memory.
 */
const COMPILERS = { GOGC: '400', GOMEMLIMIT: '3GiB' };

const selected = CHECKS.filter((check) => only.length === 0 || only.includes(check.name));
const results = await Promise.all(selected.map(run));
for (const { check, problem, seconds } of results) {
  console.log(`${problem === null ? 'ok  ' : 'FAIL'} ${check.name} (${seconds.toFixed(1)} s)`);
  if (problem !== null) console.log(problem.trimEnd());
}
process.exitCode = results.some((result) => result.problem !== null) ? 1 : 0;
