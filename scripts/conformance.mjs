// `npm run conformance -- promql FOLDER`: runs every conformance script of a folder; ends with `promqltest N/M`.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await setup((line) => console.log(`conformance: ${line}`));
const [kind, folder, ...rest] = process.argv.slice(2);
// The folder is meant from where the command was called; npm tells.
const from = process.env.INIT_CWD ?? process.cwd();
const args = [kind, folder === undefined ? undefined : resolve(from, folder), ...rest];
const child = spawn(
  process.execPath,
  [
    '--conditions=source',
    '--import',
    'tsx',
    'test/conformance/run.ts',
    ...args.filter((arg) => arg !== undefined),
  ],
  { cwd: root, stdio: 'inherit' },
);
child.on('close', (code) => process.exit(code ?? 1));
