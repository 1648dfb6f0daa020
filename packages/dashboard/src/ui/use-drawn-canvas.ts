import { type RefObject, useEffect, useRef } from 'react';

/** A canvas that is drawn when it comes, when it changes its size, when the theme does, and when `draw` is another. */
export function useDrawnCanvas(
  draw: (canvas: HTMLCanvasElement) => void,
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const redraw = (): void => draw(element);
    // It is told of the first size too.
    const sizes = new ResizeObserver(redraw);
    sizes.observe(element);
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
    };
  }, [draw]);
  return canvas;
}
