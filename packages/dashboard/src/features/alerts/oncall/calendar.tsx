import { useNow } from '../../../time/use-now.ts';
import { useZone } from '../../../time/use-range.ts';
import { colorSlots, slotColor } from '../../../ui/chart/colors.ts';
import type { Shift } from './contracts.ts';
import styles from './oncall.module.css';
import { placeIn, type Segment, type Week } from './weeks.ts';
import { spanIn, timeIn, viewerZone } from './zone-times.ts';

const DAY_HOURS = 24;
const HOUR_MS = 3_600_000;

interface CalendarProps {
  readonly weeks: readonly Week[];
  readonly people: readonly string[];
  readonly timeZone: string;
  /** Somebody else is to have what is pressed. */
  readonly press: (shift: Shift) => void;
}

function sourceText({ person, by, source }: Shift): string {
  if (person === null) return 'nobody is on call';
  return by === 'override' ? 'stands in' : `by ${source}`;
}

function Piece({
  segment: { shift, left, width, from, until },
  color,
  timeZone,
  press,
}: {
  readonly segment: Segment;
  readonly color: string;
  readonly timeZone: string;
  readonly press: () => void;
}) {
  const [zone] = useZone();
  const here = viewerZone(zone);
  const span = spanIn(timeZone, from, until);
  const mine = here === timeZone ? '' : `\nfor you: ${spanIn(here, from, until)}`;
  const name = shift.person ?? 'nobody';
  return (
    <button
      type="button"
      className={styles['piece']}
      data-by={shift.by ?? 'nobody'}
      style={{
        left: `${left * 100}%`,
        width: `${width * 100}%`,
        ...(shift.person !== null && { borderLeftColor: color, '--person': color }),
      }}
      title={`${name}, ${sourceText(shift)}\n${span}${mine}`}
      aria-label={`${name}, ${sourceText(shift)}, ${span}: let somebody else stand in`}
      onClick={press}
    >
      {name}
      {shift.by === 'override' && <small> stands in</small>}
    </button>
  );
}

/** The weeks of a schedule: a column for each day of its zone, a bar for each turn. */
export function Calendar({ weeks, people, timeZone, press }: CalendarProps) {
  const now = useNow(60_000);
  const slots = colorSlots(people);
  const colorOf = (person: string | null): string => slotColor(slots[people.indexOf(person ?? '')] ?? 0);
  return (
    <div className={styles['weeks']}>
      {weeks.map(({ days, segments }) => {
        const first = days[0];
        if (first === undefined) return null;
        const at = placeIn(days, now);
        const isNow = now >= first.from && at < 1;
        return (
          <div key={first.date} className={styles['week']} role="group" aria-label={`Week of ${first.date}`}>
            <div className={styles['days']} aria-hidden>
              {days.map(({ date, from, until }) => {
                const hours = (until - from) / HOUR_MS;
                return (
                  <span key={date} data-today={now >= from && now < until}>
                    {timeIn(timeZone, (from + until) / 2).split(',')[0]}
                    {hours !== DAY_HOURS && <small title="Clocks are changed"> {hours} h</small>}
                  </span>
                );
              })}
            </div>
            <div className={styles['band']}>
              {segments.map((segment) => (
                <Piece
                  key={segment.from}
                  segment={segment}
                  color={colorOf(segment.shift.person)}
                  timeZone={timeZone}
                  press={() => press(segment.shift)}
                />
              ))}
              {isNow && <i className={styles['now']} style={{ left: `${at * 100}%` }} aria-hidden />}
            </div>
          </div>
        );
      })}
    </div>
  );
}

/** The same as a list, for narrow screens. */
export function ShiftList({ weeks, people, timeZone, press }: CalendarProps) {
  const shifts = new Map(weeks.flatMap(({ segments }) => segments.map(({ shift }) => [shift.from, shift])));
  const slots = colorSlots(people);
  return (
    <ol className={styles['shiftList']}>
      {[...shifts.values()].map((shift) => (
        <li key={shift.from}>
          <button
            type="button"
            className={styles['shift']}
            style={{ borderLeftColor: slotColor(slots[people.indexOf(shift.person ?? '')] ?? 0) }}
            data-by={shift.by ?? 'nobody'}
            onClick={() => press(shift)}
          >
            <b>{shift.person ?? 'nobody'}</b> <span>{sourceText(shift)}</span>
            <span>{spanIn(timeZone, shift.from, shift.until)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
