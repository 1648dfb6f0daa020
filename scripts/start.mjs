// `npm start`: install when needed, build what changed, then run Pharos with the shop and live traffic.
// Arguments after `--` go to `pharos demo`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare('pharos');

/*
 * A demo on a laptop shares it with an editor and a browser: a young generation of 2 MB, two allocation arenas and large
 * blocks given back at once take some 30 MB less for as much processor time at its rates. A server on its own machine keeps the
 * runtime's figures.
 */
const server = spawn(
  process.execPath,
  ['--max-semi-space-size=2', join(root, 'packages/server/dist/main.js'), 'demo', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    cwd: root,
    env: { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', ...process.env },
  },
);
// The terminal sends Ctrl-C to the whole group already; a signal sent to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
process.on('SIGINT', () => {});
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
