import styles from './slos.module.css';
import { budgetLeft } from './words.ts';

/** What is left of an error budget, as a number and as a bar; empty and in words when more is gone than there was. */
export function BudgetBar({ remaining }: { readonly remaining: number | null }) {
  const filled = Math.max(0, Math.min(1, remaining ?? 0));
  return (
    <span className={styles['budget']} data-low={remaining !== null && remaining <= 0}>
      <span className={styles['bar']} aria-hidden>
        <i style={{ width: `${filled * 100}%` }} />
      </span>
      <span className="num">{budgetLeft(remaining)}</span>
    </span>
  );
}
