import { formatClock, type Zone } from '../format.ts';
import type { Marker } from './plot.ts';

/** How near to the crosshair a marker is named, as a share of the time shown. */
const NEAR = 0.015;
/** Over shorter times seconds matter. */
const SECONDS_BELOW_MS = 7_200_000;

/** The instant under the crosshair, and what was marked near it. Times in epoch ms. */
export function hoverText(
  at: number,
  { from, to }: { readonly from: number; readonly to: number },
  markers: readonly Marker[],
  zone: Zone,
): string {
  const span = to - from;
  const near = markers.find((marker) => Math.abs(marker.at - at) < span * NEAR);
  const clock = formatClock(at, to, zone, span < SECONDS_BELOW_MS);
  return near === undefined ? clock : `${near.label} · ${clock}`;
}
