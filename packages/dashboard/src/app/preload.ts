import { isRecord } from '../api/matrix.ts';

/** Waits this long where a browser cannot say when it is idle. */
const SETTLED_MS = 3000;

function whenIdle(run: () => Promise<void>): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(() => void run());
  else setTimeout(() => void run(), SETTLED_MS);
}

/** Whether the reader asked to save data (Network Information API; not every browser has it). */
function savesData(): boolean {
  const connection: unknown = Reflect.get(navigator, 'connection');
  return isRecord(connection) && connection['saveData'] === true;
}

/** Loads one after the other, each when the page has nothing else to do. What fails is loaded when it is needed, and says so there. */
export function loadWhenIdle(loads: readonly (() => Promise<unknown> | undefined)[]): void {
  const [first, ...others] = loads;
  if (first === undefined || savesData()) return;
  whenIdle(async () => {
    try {
      await first();
    } catch {
      // Whoever needs it is told.
    }
    loadWhenIdle(others);
  });
}
