import uPlot from 'uplot';
import { canvasColor } from './canvas-color.ts';

/** One observed event, drawn as a mark at its time (epoch ms) and value. */
export interface Dot {
  readonly at: number;
  readonly value: number;
}

/** How near to a dot a press counts as on it. */
const DOT_REACH_PX = 9;

interface Dotted {
  readonly from: number;
  readonly to: number;
  readonly dots: readonly Dot[];
}

export function drawDots(u: uPlot, { dots, from, to }: Dotted): void {
  if (dots.length === 0) return;
  const { ctx, bbox } = u;
  const size = 4.5 * uPlot.pxRatio;
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineWidth = uPlot.pxRatio;
  ctx.fillStyle = canvasColor('var(--accent)');
  ctx.strokeStyle = canvasColor('var(--surface)');
  for (const dot of dots) {
    if (dot.at < from || dot.at > to) continue;
    const x = u.valToPos(dot.at / 1000, 'x', true);
    const y = Math.min(bbox.top + bbox.height, Math.max(bbox.top, u.valToPos(dot.value, 'y', true)));
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** The dot nearest to the cursor, when one is near enough; -1 otherwise. */
function dotAt(u: uPlot, dots: readonly Dot[]): number {
  const { left = -1, top = -1 } = u.cursor;
  let nearest = -1;
  let least = DOT_REACH_PX;
  dots.forEach((dot, index) => {
    const distance = Math.hypot(u.valToPos(dot.at / 1000, 'x') - left, u.valToPos(dot.value, 'y') - top);
    if (distance > least) return;
    least = distance;
    nearest = index;
  });
  return nearest;
}

/** Calls back with the dot that is pressed; what is pressed beside all of them is somebody else's. */
export function pressDots(
  u: uPlot,
  dots: () => readonly Dot[],
  onDot: (index: number) => void,
  onElse?: () => void,
): void {
  u.over.addEventListener('click', () => {
    const index = dotAt(u, dots());
    if (index >= 0) onDot(index);
    else onElse?.();
  });
}
