import { Button, CopyButton } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { useNow } from '../../../time/use-now.ts';
import { useZone } from '../../../time/use-range.ts';
import { IconChevronLeft, IconChevronRight, IconPlus } from '../../../ui/icons.ts';
import { Bone, ErrorLine, Section } from '../../../ui/states.tsx';
import { SureButton } from '../../../ui/sure-button.tsx';
import { toastDone, toastFailed } from '../../../ui/toast.ts';
import styles from '../alerts.module.css';
import { Coming } from '../coming.tsx';
import { Calendar, ShiftList } from './calendar.tsx';
import type { Schedule, Shift } from './contracts.ts';
import own from './oncall.module.css';
import { type StandInBasis, StandInDrawer } from './stand-in-form.tsx';
import { useEndStandIn, useWeeks, WEEKS_SHOWN } from './use-on-call.ts';
import { gapsOf, weeksOf } from './weeks.ts';
import { bothTimes, spanIn } from './zone-times.ts';

const HOUR_MS = 3_600_000;
const USUAL_STAND_IN_MS = 8 * HOUR_MS;
/** More are counted: a schedule of office hours has one every night. */
const MOST_GAPS = 3;

interface NowProps {
  readonly schedules: readonly Schedule[];
  readonly chosen: string;
  readonly choose: (name: string) => void;
}

/** Who is on call now in each schedule, until when, and who follows. */
function Now({ schedules, chosen, choose }: NowProps) {
  const [zone] = useZone();
  return (
    <ul className={`${styles['plain']} ${own['schedules']}`}>
      {schedules.map(({ name, time_zone: timeZone, on_call: now, next }) => (
        <li key={name} data-selected={name === chosen} className={own['schedule']}>
          <button
            type="button"
            className={styles['pick']}
            aria-pressed={name === chosen}
            onClick={() => choose(name)}
          >
            {name}
          </button>
          <span className={own['onCall']}>
            {now.person === null ? (
              <b className={own['nobody']}>nobody is on call</b>
            ) : (
              <>
                <b>{now.person}</b>{' '}
                {now.by === 'override' && <span className={styles['quiet']}>stands in</span>}
              </>
            )}
          </span>
          <span className={own['handOver']}>
            {next === null ? (
              'no change within a month'
            ) : (
              <>
                {next.person ?? 'nobody'} <Coming at={next.from} />,{' '}
                <span>{bothTimes(next.from, timeZone, zone)}</span>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Gaps({ schedule, shifts }: { readonly schedule: Schedule; readonly shifts: readonly Shift[] }) {
  const now = useNow(60_000);
  const gaps = gapsOf(shifts, now);
  if (gaps.length === 0) return null;
  const more = gaps.length - MOST_GAPS;
  return (
    <p className={own['gaps']} role="note">
      Nobody is on call{' '}
      {gaps
        .slice(0, MOST_GAPS)
        .map(({ from, until }) => spanIn(schedule.time_zone, from, until))
        .join('; ')}
      {more > 0 && ` and ${more.toLocaleString('en')} more times`}: the next level is told at once.
    </p>
  );
}

function Overrides({ schedule }: { readonly schedule: Schedule }) {
  const end = useEndStandIn();
  const { name, time_zone: timeZone, overrides } = schedule;
  const [zone] = useZone();
  if (overrides.length === 0) return null;
  return (
    <>
      <h3 className={styles['stateHead']}>Who stands in</h3>
      <ul className={styles['plain']}>
        {overrides.map(({ id, person, from, until }) => (
          <li key={id} className={own['override']}>
            <b>{person}</b>
            <span title={`until ${bothTimes(until, timeZone, zone)}`}>{spanIn(timeZone, from, until)}</span>
            {id.startsWith('file-') ? (
              <span className={styles['quiet']}>in the file</span>
            ) : (
              <SureButton
                label="Remove"
                sure="Remove now"
                name={`${person}, ${spanIn(timeZone, from, until)}`}
                busy={end.isPending && end.variables.id === id}
                act={() =>
                  end.mutate(
                    { schedule: name, id },
                    {
                      onSuccess: () => toastDone('The schedule has its own turn again'),
                      onError: (error) => toastFailed('The schedule is as it was', error),
                    },
                  )
                }
              />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** When a stand-in begins that is made without a turn: with the next whole hour. */
function nextHour(): number {
  return Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
}

function Weeks({ schedule, press }: { readonly schedule: Schedule; readonly press: (shift: Shift) => void }) {
  const { week = 0 } = useSearch({ from: '/alerts/on-call' });
  const navigate = useNavigate({ from: '/alerts/on-call' });
  const { data, error } = useWeeks(schedule.name, week);
  const weeks = useMemo(() => (data === undefined ? [] : weeksOf(data.days, data.shifts)), [data]);
  const people = useMemo(() => [...new Set(schedule.layers.flatMap((layer) => layer.people))], [schedule]);
  const go = (to: number): void =>
    void navigate({
      search: (previous) => ({ ...previous, week: to === 0 ? undefined : to }),
      replace: true,
    });
  useHotkeys([
    { keys: '[', label: 'A week back', group: 'Page', run: () => go(week - 1) },
    { keys: ']', label: 'A week on', group: 'Page', run: () => go(week + 1) },
  ]);
  const drawn = { weeks, people, timeZone: schedule.time_zone, press };
  return (
    <>
      <div className={own['turnWeeks']}>
        <Button size="compact-sm" variant="default" aria-label="A week back" onClick={() => go(week - 1)}>
          <IconChevronLeft size={14} />
        </Button>
        <Button size="compact-sm" variant="default" disabled={week === 0} onClick={() => go(0)}>
          This week
        </Button>
        <Button size="compact-sm" variant="default" aria-label="A week on" onClick={() => go(week + 1)}>
          <IconChevronRight size={14} />
        </Button>
        <span className={styles['quiet']}>
          Days of {schedule.time_zone}; {schedule.layers.map(({ name }) => name).join(', ')}
        </span>
      </div>
      {error !== null && <ErrorLine what="The calendar" error={error} />}
      {data === undefined && error === null && <Bone height={WEEKS_SHOWN * 64} />}
      {data !== undefined && (
        <>
          <Gaps schedule={schedule} shifts={data.shifts} />
          <Calendar {...drawn} />
          <ShiftList {...drawn} />
        </>
      )}
    </>
  );
}

export interface SchedulesProps {
  readonly schedules: readonly Schedule[];
  readonly people: readonly string[];
}

/** Who is on call when, and who stands in. */
export function Schedules({ schedules, people }: SchedulesProps) {
  const { schedule: wanted } = useSearch({ from: '/alerts/on-call' });
  const navigate = useNavigate({ from: '/alerts/on-call' });
  const [about, setAbout] = useState<StandInBasis | null>(null);
  const schedule = schedules.find(({ name }) => name === wanted) ?? schedules[0];
  const standIn = (shift?: Shift): void => {
    if (schedule === undefined) return;
    const begin = shift === undefined ? nextHour() : Math.max(Date.now(), shift.from);
    const end = shift === undefined ? begin + USUAL_STAND_IN_MS : Math.max(begin + HOUR_MS, shift.until);
    setAbout({ schedule, from: begin, until: end, person: (shift ?? schedule.on_call).person });
  };
  useHotkeys([{ keys: 'n', label: 'Let somebody stand in', group: 'Page', run: () => standIn() }]);
  if (schedule === undefined) return null;
  return (
    <Section
      title="Who is on call"
      actions={
        <>
          <CopyButton value={schedule.calendar_url} timeout={1500}>
            {({ copied, copy }) => (
              <Button
                size="compact-sm"
                variant="default"
                onClick={copy}
                title="Calendars subscribe to it; it needs no login"
              >
                {copied ? 'Copied' : 'Copy iCal address'}
              </Button>
            )}
          </CopyButton>
          <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => standIn()}>
            Stand in
          </Button>
        </>
      }
    >
      <Now
        schedules={schedules}
        chosen={schedule.name}
        choose={(name) =>
          void navigate({ search: (previous) => ({ ...previous, schedule: name }), replace: true })
        }
      />
      <Weeks schedule={schedule} press={standIn} />
      <Overrides schedule={schedule} />
      <StandInDrawer about={about} people={people} close={() => setAbout(null)} />
    </Section>
  );
}
