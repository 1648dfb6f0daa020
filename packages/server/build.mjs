// Bundles the server: one file per process entry, with what it needs of npm: a start needs not look for a thousand files.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { asciiSource } from '../../scripts/ascii.mjs';

/** Left outside: native code, threads of their own, and files that are served as they are. */
const OUTSIDE = ['chdb', '@node-rs/argon2', 'pino', '@fastify/swagger-ui', 'redoc'];

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: OUTSIDE,
  conditions: ['source'],
  // The CommonJS among the packages asks for Node's own modules.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  sourcemap: true,
  // The runtime holds the whole source in memory, and where each line ends; names stay, for stack traces.
  minifyWhitespace: true,
  legalComments: 'none',
  outdir: 'dist',
  logLevel: 'warning',
  // Our own workspace is only TypeScript source.
  plugins: [
    {
      name: 'inline-workspace',
      setup(context) {
        context.onResolve({ filter: /^@pharos\/(gotemplate|promql|logql)(\/vectors)?$/ }, ({ path }) => {
          const [, name = '', entry = 'index'] = path.split('/');
          return { path: fileURLToPath(new URL(`../${name}/src/${entry}.ts`, import.meta.url)) };
        });
      },
    },
  ],
};

await build({
  ...common,
  entryPoints: {
    main: 'src/main.ts',
    'engine-child': 'src/engine/embedded/child.ts',
    'logs-decoder': 'src/logs/decode/thread.ts',
    'window-thread': 'src/metrics/window-thread/worker.ts',
  },
});

// One character beyond ASCII makes the runtime hold the whole source at two bytes a character.
const main = fileURLToPath(new URL('dist/main.js', import.meta.url));
await writeFile(main, asciiSource('dist/main.js', await readFile(main, 'utf8')));
