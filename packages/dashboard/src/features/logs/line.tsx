import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { IconChevronDown, IconChevronRight } from '../../ui/icons.ts';
import { clockOf } from './clock.ts';
import { Level } from './level.tsx';
import { type DetailProps, LineDetail } from './line-detail.tsx';
import { LineLinks } from './line-links.tsx';
import { traceIdOf } from './lines.ts';
import styles from './logs.module.css';

/** A row shows the beginning of what may be a very long line; opened it shows all. */
const SHOWN = 2000;

export interface LineProps extends DetailProps {
  readonly open: boolean;
  /** The keyboard stands on it. */
  readonly selected: boolean;
  readonly wrap: boolean;
  readonly withDay: boolean;
  readonly toggle: () => void;
}

/** One line: when, how bad, who, what; opened everything that is known of it. */
export function Line({ line, open, selected, wrap, withDay, zone, toggle, log, order }: LineProps) {
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const [near, setNear] = useState(false);
  const traceId = near || selected ? traceIdOf(line) : undefined;
  return (
    <>
      <div
        className={styles['row']}
        data-wrap={wrap}
        data-level={line.level}
        data-day={withDay}
        onPointerEnter={() => setNear(true)}
        onPointerLeave={() => setNear(false)}
        onFocus={() => setNear(true)}
        onBlur={({ currentTarget, relatedTarget }) => setNear(currentTarget.contains(relatedTarget))}
      >
        <span className={`${styles['time']} num`}>{clockOf(line.at, zone, withDay)}</span>
        <Level level={line.level} />
        <Link
          to="/services/$name"
          params={{ name: line.service }}
          search={true}
          className={styles['service']}
          tabIndex={-1}
        >
          {line.service}
        </Link>
        <button type="button" className={styles['message']} aria-expanded={open} onClick={toggle}>
          <Chevron size={12} aria-hidden />
          <span>{line.text.slice(0, SHOWN) || '(empty line)'}</span>
        </button>
        {traceId !== undefined && !open && (
          <span className={styles['lineLinks']}>
            <LineLinks line={line} traceId={traceId} />
          </span>
        )}
      </div>
      {open && <LineDetail line={line} zone={zone} log={log} order={order} />}
    </>
  );
}
