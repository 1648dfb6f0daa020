import type { KeyboardEvent } from 'react';

/** Escape leaves a field, so that the keys of the page work again. */
export function leaveOnEscape(event: KeyboardEvent<HTMLElement>): void {
  if (event.key === 'Escape') event.currentTarget.blur();
}
