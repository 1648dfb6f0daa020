import { useEffect, useRef, useSyncExternalStore } from 'react';
import { createStore } from '../live/store.ts';
import { NO_SEQUENCE, sequenceStep } from './sequence.ts';

export interface Hotkey {
  /** Keys as the browser names them, a sequence parted by spaces: `?`, `g o`. */
  readonly keys: string;
  readonly label: string;
  readonly group: 'Go to' | 'Page' | 'Lists';
  readonly run: () => void;
}

/** What is bound at the moment, the page's own last; also what the help shows. */
const bound = createStore<readonly Hotkey[]>([]);
let sequence = NO_SEQUENCE;

function isTyping(target: EventTarget | null): boolean {
  // A box that is ticked takes the space bar alone.
  if (target instanceof HTMLInputElement && ['checkbox', 'radio'].includes(target.type)) return false;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** Whether what has the focus does something with keys of its own; a list that can be scrolled does not. */
function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target !== document.body && target.getAttribute('role') !== 'region'
  );
}

/** Takes the focus off a button or link, so that Enter goes to what was chosen since. */
export function leaveControl(): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && isControl(activeElement)) activeElement.blur();
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // Enter on a focused link or button belongs to it.
  if (event.key === 'Enter' && isControl(event.target)) return;
  if (isTyping(event.target) || document.querySelector('[role="dialog"]') !== null) return;
  const step = sequenceStep(
    sequence,
    event.key,
    Date.now(),
    bound.get().map((hotkey) => hotkey.keys),
  );
  sequence = step.next;
  const hotkey = bound.get().findLast((candidate) => candidate.keys === step.run);
  if (hotkey === undefined) return;
  event.preventDefault();
  hotkey.run();
}

/** Installs the page's keyboard; once, by the shell. */
export function useKeyboard(): void {
  useEffect(() => {
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/**
 * Binds keys while the component is on the page. A page's keys go before those of the application, whichever is there first.
 */
export function useHotkeys(hotkeys: readonly Hotkey[], of: 'application' | 'page' = 'page'): void {
  const latest = useRef(hotkeys);
  latest.current = hotkeys;
  const names = hotkeys.map((hotkey) => hotkey.keys).join('|');
  useEffect(() => {
    const mine = latest.current.map(
      (hotkey, index): Hotkey => ({ ...hotkey, run: () => latest.current[index]?.run() }),
    );
    bound.set(of === 'page' ? [...bound.get(), ...mine] : [...mine, ...bound.get()]);
    return () => bound.set(bound.get().filter((hotkey) => !mine.includes(hotkey)));
  }, [names, of]);
}

export function useBoundKeys(): readonly Hotkey[] {
  return useSyncExternalStore(bound.subscribe, bound.get);
}
