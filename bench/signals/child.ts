import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a script of this folder in a process of its own; what it says last. */
export function child(script: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const process = fork(fileURLToPath(new URL(script, import.meta.url)), [...args]);
    let said: unknown;
    process.on('message', (message) => {
      said = message;
    });
    process.on('error', reject);
    process.on('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${script} ended with ${code}`)),
    );
  });
}
