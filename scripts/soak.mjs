// `npm run soak`: rounds of kills, minutes of traffic. Arguments go to vitest (`npm run soak -- kills`).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { setup } from './setup.mjs';

const root = new URL('..', import.meta.url).pathname;
const say = (line) => console.log(`soak: ${line}`);
await setup(say);
await build({ say });
const child = spawn(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--config', 'test/soak/vitest.config.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
child.on('close', (code) => process.exit(code ?? 1));
