// `npm run soak`: rounds of kills, minutes of traffic. Arguments go to vitest (`npm run soak -- kills`).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare('soak');
const child = spawn(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--config', 'test/soak/vitest.config.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
child.on('close', (code) => process.exit(code ?? 1));
