import { isRecord } from '../api/matrix.ts';

/** Waits this long where a browser cannot say when it is idle. */
const SETTLED_MS = 3000;
/** A page that is busy is asked again so much later. */
const BUSY_MS = 200;

function whenIdle(run: () => Promise<void>): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(() => void run());
  else setTimeout(() => void run(), SETTLED_MS);
}

/** Whether the reader asked to save data (Network Information API; not every browser has it). */
function savesData(): boolean {
  const connection: unknown = Reflect.get(navigator, 'connection');
  return isRecord(connection) && connection['saveData'] === true;
}

/**
 * Loads one after the other, each when the page has nothing else to do. A browser is idle also while an answer is on its way: `isBusy`
 * tells of that, so that the answer is shown first. What fails is loaded when it is needed, and says so there.
 */
export function loadWhenIdle(
  loads: readonly (() => Promise<unknown> | undefined)[],
  isBusy: () => boolean,
): void {
  const [first, ...others] = loads;
  if (first === undefined || savesData()) return;
  whenIdle(async () => {
    if (isBusy()) {
      setTimeout(() => loadWhenIdle(loads, isBusy), BUSY_MS);
      return;
    }
    try {
      await first();
    } catch {
      // Whoever needs it is told.
    }
    loadWhenIdle(others, isBusy);
  });
}
