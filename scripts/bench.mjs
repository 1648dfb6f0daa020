// `npm run bench`: side by side with Prometheus and VictoriaMetrics from their Debian packages, logs and traces against their goals, in one run.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare('bench', ['server']);
const child = spawn(
  process.execPath,
  ['--conditions=source', '--import', 'tsx', join(root, 'bench/run.ts')],
  { cwd: root, stdio: 'inherit' },
);
child.on('close', (code) => process.exit(code ?? 1));
