import { useSyncExternalStore } from 'react';
import { createStore } from '../live/store.ts';

const clock = createStore(Date.now());
let followers = 0;
let timer: ReturnType<typeof setInterval> | null = null;

function follow(listener: () => void): () => void {
  followers++;
  timer ??= setInterval(() => clock.set(Date.now()), 1000);
  const unsubscribe = clock.subscribe(listener);
  return () => {
    unsubscribe();
    followers--;
    if (followers === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The time, in steps of `resolution` ms, from one clock for the whole page. */
export function useNow(resolution = 1000): number {
  return useSyncExternalStore(follow, () => Math.floor(clock.get() / resolution) * resolution);
}
