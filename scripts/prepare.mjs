// What every command does first: the machine is checked, packages are installed, stale parts are built.
import process from 'node:process';
import { SetupProblem, setup } from './setup.mjs';

/** Progress goes out under the command's name. A failure ends the process with its reason, without a stack. */
async function orEnd(command, work) {
  const say = (line) => console.log(`${command}: ${line}`);
  try {
    await work(say);
  } catch (error) {
    console.error(
      `${command}: ${error instanceof SetupProblem ? error.message : `build failed: ${error.message}`}`,
    );
    process.exit(1);
  }
}

/** The machine is checked and packages are installed. */
export const install = (command) => orEnd(command, setup);

/** Stale parts (or those named) are built; packages must be installed. */
export const make = (command, parts = []) =>
  orEnd(command, async (say) => {
    const { build } = await import('./build.mjs');
    await build({ say, only: parts });
  });

/** All of it. */
export async function prepare(command, parts = []) {
  await install(command);
  await make(command, parts);
}
