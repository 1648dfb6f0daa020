import { useState } from 'react';
import { leaveControl, useHotkeys } from './hotkeys.tsx';

/** `j`/`k` move through a list, `Enter` opens: returns the chosen index, -1 for none. */
export function useListKeys(
  count: number,
  what: string,
  open: (index: number) => void,
  show?: (index: number) => void,
): number {
  const [selected, setSelected] = useState(-1);
  const at = Math.min(selected, count - 1);
  const move = (by: number): void => {
    const next = Math.max(0, Math.min(count - 1, at + by));
    leaveControl();
    setSelected(next);
    show?.(next);
  };
  useHotkeys([
    { keys: 'j', label: `Next ${what}`, group: 'Lists', run: () => move(1) },
    { keys: 'k', label: `Previous ${what}`, group: 'Lists', run: () => move(at < 0 ? 1 : -1) },
    {
      keys: 'Enter',
      label: `Open the chosen ${what}`,
      group: 'Lists',
      run: () => {
        if (at >= 0) open(at);
      },
    },
  ]);
  return at;
}
