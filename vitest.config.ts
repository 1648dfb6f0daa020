import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/sequence.ts';

/**
 * Projects by tier (unit, int, acceptance, browser) and one for the dashboard. Files of unit and dashboard share their workers' modules:
 * hundreds of small files cost more to start than to run, so what they change outside themselves (mocks, timers, environment) they put
 * back. So do those of int, whose engines have processes of their own.
 * A file that needs a DOM says so in its first line (`// @vitest-environment happy-dom`).
 */
// Only ours: vitest hands them to Node as --conditions, where `import` would give CommonJS modules the ESM file.
const resolve = { conditions: ['source', 'node'] };
const ssr = { resolve: { conditions: ['source', 'node'] } };
// Ends what hangs; a machine with ten other things to do is not a hang.
const patience = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
} as const;
/**
 * Files that load the engine's library into their own process, which stands still for good where a dozen engines were opened one after the
 * other, or that kill what they started.
 */
const ALONE = [
  'packages/server/src/engine/{contract-in-process,crash,insert,rules}.int.test.ts',
  'packages/server/src/journal/crash.int.test.ts',
];
const node = { environment: 'node', pool: 'forks', ...patience } as const;

export default defineConfig({
  test: {
    // The default leaves one processor idle, which is half of a small machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    // Each project and each run would transform the same modules again.
    experimental: { fsModuleCache: true },
    projects: [
      {
        resolve,
        ssr,
        test: {
          ...node,
          name: 'unit',
          isolate: false,
          include: [
            'packages/{gotemplate,promql,logql,node,server}/src/**/*.test.ts',
            'shop/src/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: ['**/*.int.test.ts', '**/node_modules/**', '**/dist/**'],
        },
      },
      {
        resolve,
        ssr,
        test: {
          ...node,
          name: 'int',
          isolate: false,
          include: ['packages/*/src/**/*.int.test.ts', 'shop/src/**/*.int.test.ts'],
          exclude: [...ALONE, '**/node_modules/**', '**/dist/**'],
        },
      },
      { resolve, ssr, test: { ...node, name: 'int-alone', include: ALONE } },
      {
        resolve,
        ssr,
        test: {
          ...node,
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They mostly wait for servers of their own.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          ...node,
          name: 'browser',
          isolate: false,
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: './packages/dashboard/vite.config.ts',
        test: {
          name: 'dashboard',
          root: './packages/dashboard',
          ...node,
          isolate: false,
          include: ['src/**/*.test.{ts,tsx}'],
        },
      },
    ],
  },
});
