/** Layer rules. `npm run check` also asserts that more than 0 modules were cruised. */
const SLICES =
  '(metrics|logs|traces|events|errors|health|breakers|alerts|analysis|dashboards|access|ops|annotations|overview|demo|probes|slos|status-page|debug)';
const SERVER = 'packages/server/src';
const TEST = '\\.test\\.tsx?$|/testing/';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'slices-meet-through-index',
      comment: "A slice never imports another slice's inside: only what its index.ts publishes.",
      severity: 'error',
      from: { path: `^${SERVER}/${SLICES}/`, pathNot: TEST },
      to: { path: `^${SERVER}/${SLICES}/`, pathNot: [`^${SERVER}/$1/`, `^${SERVER}/${SLICES}/index\\.ts$`] },
    },
    {
      name: 'base-knows-no-slice',
      comment: 'kernel, engine, journal, http and egress serve the slices; they never know one.',
      severity: 'error',
      from: { path: `^${SERVER}/(kernel|engine|journal|http|egress)/`, pathNot: TEST },
      to: { path: `^${SERVER}/${SLICES}/` },
    },
    {
      name: 'kernel-is-the-floor',
      severity: 'error',
      from: { path: `^${SERVER}/kernel/`, pathNot: TEST },
      to: { path: `^${SERVER}/(engine|journal|http|egress|main|wire)` },
    },
    {
      name: 'engine-process-starts-light',
      comment:
        'What the engine process loads is waited for after every crash of it: its library and nothing else.',
      severity: 'error',
      from: { path: `^${SERVER}/engine/embedded/child\\.ts$` },
      to: { path: 'node_modules/(?!chdb/)', reachable: true },
    },
    {
      name: 'only-the-root-wires',
      severity: 'error',
      from: { path: `^${SERVER}/`, pathNot: [`^${SERVER}/(main|wire|demo|commands/).*`, TEST] },
      to: { path: `^${SERVER}/(main|wire)\\.ts$` },
    },
    {
      name: 'promql-is-pure',
      comment: 'The query language does no I/O and knows no server.',
      severity: 'error',
      from: { path: '^packages/promql/src/', pathNot: TEST },
      to: {
        path: [
          '^packages/(?!promql)',
          '^shop/',
          '^(node:)?(fs|http|https|net|child_process|worker_threads|dns|timers)$',
        ],
      },
    },
    {
      name: 'logql-is-pure',
      comment:
        'LogQL shares vectors and label sets with PromQL and templates with whoever has them, and knows nothing else.',
      severity: 'error',
      from: { path: '^packages/logql/src/', pathNot: TEST },
      to: {
        path: [
          '^packages/(?!logql|gotemplate/src/index\\.ts$|promql/src/(index|vectors)\\.ts$)',
          '^shop/',
          '^(node:)?(fs|http|https|net|child_process|worker_threads|dns|timers)$',
        ],
      },
    },
    {
      name: 'gotemplate-is-pure',
      comment: "Templates take their functions from the caller; of PromQL they know Go's texts alone.",
      severity: 'error',
      from: { path: '^packages/gotemplate/src/', pathNot: TEST },
      to: {
        path: [
          '^packages/(?!gotemplate|promql/src/vectors\\.ts$)',
          '^shop/',
          '^(node:)?(fs|http|https|net|child_process|worker_threads|dns|timers)$',
        ],
      },
    },
    {
      name: 'sdk-stands-alone',
      severity: 'error',
      from: { path: '^packages/node/src/' },
      to: { path: ['^packages/(?!node/)', '^shop/'] },
    },
    {
      name: 'shop-is-built-on-the-sdk-alone',
      severity: 'error',
      from: { path: '^shop/src/' },
      to: { path: '^packages/(?!node/)' },
    },
    {
      name: 'dashboard-talks-http-only',
      severity: 'error',
      from: { path: '^packages/dashboard/src/' },
      to: { path: ['^packages/(?!dashboard/)', '^shop/'] },
    },
    {
      name: 'features-do-not-reach-into-each-other',
      severity: 'error',
      from: { path: '^packages/dashboard/src/features/([^/]+)/' },
      to: {
        path: '^packages/dashboard/src/features/([^/]+)/',
        pathNot: '^packages/dashboard/src/features/$1/',
      },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-in-shipped-code',
      severity: 'error',
      from: { path: '^(packages|shop)/', pathNot: [TEST, 'config\\.ts$', 'testdata'] },
      to: { dependencyTypes: ['npm-dev'], pathNot: ['node_modules/@types/', '^packages/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|testdata)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
