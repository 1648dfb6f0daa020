import type { Virtualizer } from '@tanstack/react-virtual';
import type { ReactNode } from 'react';
import styles from './logs.module.css';

interface VirtualRowsProps {
  readonly virtual: Virtualizer<HTMLDivElement, Element>;
  /** The row that the keyboard stands on, -1 for none. */
  readonly selected: number;
  /** Rows are as high as they are taken to be, and go by so fast that their elements are used again for others. */
  readonly steady?: boolean;
  /** What stands in a row; null for none. */
  readonly children: (index: number) => ReactNode;
}

/** The rows in sight, of however many there are. */
export function VirtualRows({ virtual, selected, steady = false, children }: VirtualRowsProps) {
  return (
    <div className={styles['lines']} style={{ height: virtual.getTotalSize() }} role="list">
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const row = children(index);
        return row === null ? null : (
          <div
            key={steady ? index : key}
            ref={steady ? undefined : virtual.measureElement}
            data-index={index}
            data-selected={index === selected}
            role="listitem"
            className={styles['line']}
            style={{ transform: `translateY(${start}px)` }}
          >
            {row}
          </div>
        );
      })}
    </div>
  );
}
