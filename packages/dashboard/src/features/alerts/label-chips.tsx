import styles from './alerts.module.css';
import type { Labels } from './contracts.ts';
import { matcherText } from './matchers.ts';

/** Labels in a row; pressed, one becomes a filter. */
export function LabelChips({
  labels,
  without = [],
  filterBy,
}: {
  readonly labels: Labels;
  readonly without?: readonly string[];
  readonly filterBy?: (matcher: string) => void;
}) {
  const shown = Object.entries(labels).filter(([name]) => !without.includes(name));
  return (
    <span className={styles['labels']}>
      {shown.map(([name, value]) => {
        const text = (
          <>
            <span>{name}</span>={value}
          </>
        );
        return filterBy === undefined ? (
          <code key={name} className={styles['label']}>
            {text}
          </code>
        ) : (
          <button
            key={name}
            type="button"
            className={styles['label']}
            title="Only alerts with this label"
            onClick={() => filterBy(matcherText(name, value))}
          >
            {text}
          </button>
        );
      })}
    </span>
  );
}
