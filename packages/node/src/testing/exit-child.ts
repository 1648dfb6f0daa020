import process from 'node:process';
import { createPharos } from '../pharos.ts';

/** A service that works for a moment and is done, without stopping its instance. */
createPharos({ service: 'short-lived', logs: { file: false, stdout: false } });
setTimeout(() => process.stdout.write('done\n'), 200);
