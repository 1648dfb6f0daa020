import type { ComponentProps, ReactNode } from 'react';
import type { RowList } from './use-row-list.ts';
import styles from './virtual-list.module.css';

export interface VirtualListProps
  extends Omit<ComponentProps<'div'>, 'children' | 'ref' | 'role' | 'tabIndex'> {
  readonly list: RowList;
  /** What stands in the list and in which order, for those who do not see it. */
  readonly label: string;
  /** Rows are as high as they are taken to be, and go by so fast that their elements are used again for others. */
  readonly steady?: boolean;
  /** Of each row, for how its parts stand. */
  readonly rowClass?: string | undefined;
  /** What stands in a row; null for none. */
  readonly children: (index: number) => ReactNode;
  /** Below the last row. */
  readonly foot?: ReactNode;
}

/** A list of however many rows in a frame that scrolls, of which those in sight are drawn; its height is its class's. */
export function VirtualList({
  list: { scroller, virtual, selected },
  label,
  steady = false,
  rowClass = '',
  children,
  foot,
  className = '',
  ...others
}: VirtualListProps) {
  return (
    <div
      {...others}
      ref={scroller}
      className={`${styles['scroller']} ${className}`}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <div className={styles['rows']} style={{ height: virtual.getTotalSize() }} role="list">
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const row = children(index);
          return row === null ? null : (
            <div
              key={steady ? index : key}
              ref={steady ? undefined : virtual.measureElement}
              data-index={index}
              data-selected={index === selected}
              role="listitem"
              className={`${styles['row']} ${rowClass}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              {row}
            </div>
          );
        })}
      </div>
      {foot}
    </div>
  );
}
