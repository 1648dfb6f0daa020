// Bundles the server: one file per process entry, workspace packages inlined, npm packages left outside.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { asciiSource } from '../../scripts/ascii.mjs';

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  conditions: ['source'],
  sourcemap: true,
  outdir: 'dist',
  logLevel: 'warning',
  // `packages: external` would also leave our own workspace out, which is only TypeScript source.
  plugins: [
    {
      name: 'inline-workspace',
      setup(context) {
        context.onResolve({ filter: /^@pharos\/(promql|logql)(\/vectors)?$/ }, ({ path }) => {
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
  },
});

// One character beyond ASCII makes the runtime hold the whole source at two bytes a character.
const main = fileURLToPath(new URL('dist/main.js', import.meta.url));
await writeFile(main, asciiSource('dist/main.js', await readFile(main, 'utf8')));
