import styles from './probes.module.css';
import { recentInWords } from './words.ts';

const LOOKS = 30;
const BAR = 3;
const STEP = 4;
const HEIGHT = 18;
const LOW = 11;

/** The last looks, the newest at the right: good ones low, failed ones in full height, so that colour is not all that tells. */
export function LookStrip({ recent }: { readonly recent: readonly (number | null)[] }) {
  const first = LOOKS - recent.length;
  const path = (failed: boolean): string =>
    recent
      .map((value, index) => {
        if ((value === null) !== failed) return '';
        const height = failed ? HEIGHT : LOW;
        return `M${(first + index) * STEP} ${HEIGHT - height}h${BAR}v${height}h-${BAR}z`;
      })
      .join('');
  const blank = Array.from(
    { length: Math.max(0, first) },
    (_, i) => `M${i * STEP} ${HEIGHT - 2}h${BAR}v2h-${BAR}z`,
  );
  return (
    <svg
      className={styles['looks']}
      width={LOOKS * STEP}
      height={HEIGHT}
      role="img"
      aria-label={recentInWords(recent)}
    >
      <path d={blank.join('')} className={styles['lookNone']} />
      <path d={path(false)} className={styles['lookGood']} />
      <path d={path(true)} className={styles['lookFailed']} />
    </svg>
  );
}
