import { type Engine, engineErrors } from '../../engine/index.ts';

const NO_ENGINE = 'storage: only spans of the last moments are in this answer: the engine is not available';

/** What the engine answers; without it `nothing`, and a warning that says so, once. */
export async function orWarn<Found>(
  engine: Pick<Engine, 'state'>,
  warnings: string[],
  nothing: Found,
  ask: () => Promise<Found>,
): Promise<Found> {
  try {
    if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
    return await ask();
  } catch (error) {
    if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
    if (!warnings.includes(NO_ENGINE)) warnings.push(NO_ENGINE);
    return nothing;
  }
}
