import type { Clock } from '../../shared/clock.ts';
import type { AskShop } from './gateway-client.ts';

const PROBE_MS = 500;
/** A service that is not there by then will not be waited for: its absence is something to watch. */
const PATIENCE_MS = 60_000;

/** Whether the shop is open: once every service said that it is ready, or after a minute of waiting, and from then on. */
export function watchOpening(
  asks: readonly AskShop[],
  clock: Clock,
): { readonly open: () => boolean; readonly stop: () => void } {
  const started = clock.monotonic();
  const ready = new Set<AskShop>();
  let opened = false;
  let probing = false;
  const probe = async (): Promise<void> => {
    const waiting = asks.filter((ask) => !ready.has(ask));
    for (const ask of waiting)
      if ((await ask({ method: 'GET', path: '/ready' })).status === 200) ready.add(ask);
  };
  const timer = clock.every(PROBE_MS, () => {
    if (probing) return;
    probing = true;
    void probe().finally(() => {
      probing = false;
      opened = ready.size === asks.length || clock.monotonic() - started > PATIENCE_MS;
      if (opened) timer.cancel();
    });
  });
  return { open: () => opened, stop: () => timer.cancel() };
}
