/** Where the map lies in its window: moved by x and y pixels after it was made `scale` times as large. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export const ZOOM_STEP = 1.25;
const SMALLEST = 0.08;
const LARGEST = 2;
const MARGIN = 24;

/** The whole map in the middle of its window, never larger than life. */
export function fitted(map: Size, window: Size): View {
  const scale = Math.max(
    SMALLEST,
    Math.min(
      1,
      (window.width - 2 * MARGIN) / Math.max(1, map.width),
      (window.height - 2 * MARGIN) / Math.max(1, map.height),
    ),
  );
  return { scale, x: (window.width - map.width * scale) / 2, y: (window.height - map.height * scale) / 2 };
}

/** Larger or smaller by a factor, with the point of the window that is pointed at staying where it is. */
export function zoomed({ x, y, scale }: View, factor: number, [atX, atY]: readonly [number, number]): View {
  const next = Math.min(LARGEST, Math.max(SMALLEST, scale * factor));
  const ratio = next / scale;
  return { scale: next, x: atX - (atX - x) * ratio, y: atY - (atY - y) * ratio };
}

/** The view with a box of the map in sight: as it is when the box is, else with it in the middle. */
export function showing(
  view: View,
  box: Size & { readonly x: number; readonly y: number },
  window: Size,
): View {
  const left = view.x + box.x * view.scale;
  const top = view.y + box.y * view.scale;
  const right = left + box.width * view.scale;
  const bottom = top + box.height * view.scale;
  const inSight = left >= 0 && top >= 0 && right <= window.width && bottom <= window.height;
  if (inSight && view.scale >= LEGIBLE) return view;
  const scale = Math.max(view.scale, LEGIBLE);
  return {
    scale,
    x: window.width / 2 - (box.x + box.width / 2) * scale,
    y: window.height / 2 - (box.y + box.height / 2) * scale,
  };
}

/** Below it a name cannot be read. */
const LEGIBLE = 0.45;
