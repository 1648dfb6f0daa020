import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef } from 'react';
import { useListKeys } from '../keys/use-list-keys.ts';

export interface RowListOptions {
  readonly count: number;
  /** Of one row, before it is measured. */
  readonly heightPx: number;
  /** What else the rows' heights depend on: when it changes, what was measured no longer holds. */
  readonly layout?: unknown;
  /** What a row is known by; its place when absent. */
  readonly keyOf?: (index: number) => string | number;
  /** Rows drawn above and below those in sight. */
  readonly overscan?: number;
  /** What a row is, for the help on keys. */
  readonly what: string;
  readonly open: (index: number) => void;
}

export interface RowList {
  /** Of the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly virtual: Virtualizer<HTMLDivElement, Element>;
  /** The row that the keyboard stands on, -1 for none. */
  readonly selected: number;
}

/** A list of however many rows: those in sight are drawn, the keyboard walks and opens them. */
export function useRowList(options: RowListOptions): RowList {
  const { count, heightPx, layout, keyOf, overscan = 12, what, open } = options;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => heightPx,
    ...(keyOf !== undefined && { getItemKey: keyOf }),
    overscan,
  });
  // The width of the window is known only after the first paint.
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are measured again because these changed.
  useEffect(() => virtual.measure(), [virtual, heightPx, layout]);
  const selected = useListKeys(count, what, open, (index) => virtual.scrollToIndex(index));
  return { scroller, virtual, selected };
}
