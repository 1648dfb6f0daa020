// What every command does first: the machine is checked, packages are installed, stale parts are built.
import process from 'node:process';
import { SetupProblem, setup } from './setup.mjs';

/** Progress goes out under the command's name. A failure ends the process with its reason, without a stack. */
export async function prepare(command, parts = []) {
  const say = (line) => console.log(`${command}: ${line}`);
  try {
    await setup(say);
    const { build } = await import('./build.mjs');
    await build({ say, only: parts });
  } catch (error) {
    console.error(
      `${command}: ${error instanceof SetupProblem ? error.message : `build failed: ${error.message}`}`,
    );
    process.exit(1);
  }
}
