// `npm run bench`: side by side with Prometheus from its Debian package, in one run.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { setup } from './setup.mjs';

const root = new URL('..', import.meta.url).pathname;
const say = (line) => console.log(`bench: ${line}`);
await setup(say);
await build({ say, only: ['server'] });
const child = spawn(
  process.execPath,
  ['--conditions=source', '--import', 'tsx', join(root, 'bench/run.ts')],
  { cwd: root, stdio: 'inherit' },
);
child.on('close', (code) => process.exit(code ?? 1));
