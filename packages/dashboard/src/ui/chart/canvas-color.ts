let probe: HTMLElement | null = null;

/** Any CSS colour as one that a canvas understands, in the present theme. */
export function canvasColor(css: string): string {
  if (!css.includes('var(')) return css;
  probe ??= document.body.appendChild(Object.assign(document.createElement('i'), { hidden: true }));
  probe.style.color = '';
  probe.style.color = css;
  return getComputedStyle(probe).color;
}
