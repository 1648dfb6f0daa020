// Bundles each process of the shop into one file; packages stay outside, except the SDK, which is ours.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const PROCESSES = ['auth', 'order', 'catalog', 'user', 'gateway', 'controller'];

rmSync(join(here, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: {
    ...Object.fromEntries(PROCESSES.map((name) => [name, `src/${name}/main.ts`])),
    'seed-catalog': 'src/catalog/seed-catalog.ts',
    processes: 'src/processes.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['source'],
  // OpenTelemetry's ES modules: what is not used of them stays out.
  mainFields: ['module', 'main'],
  // The driver of MongoDB is loaded only where one is named: four fifths of a bundle that holds it.
  external: [
    '@node-rs/bcrypt',
    'fastify',
    'jose',
    'libsql',
    'mongodb',
    'pino',
    'prom-client',
    'undici',
    'zod',
  ],
  // The runtime holds the source of each process in memory; names stay, for its stack traces: also those that meet in one file.
  minifyWhitespace: true,
  keepNames: true,
  sourcemap: true,
  logLevel: 'warning',
});
// The rules and the policy of the shop, for whoever starts it together with Pharos.
cpSync(join(here, 'alerting'), join(here, 'dist/alerting'), { recursive: true });
