import { Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import styles from './forms.module.css';
import { DAYS, type DayName, type OpeningTimes } from './opening-times.ts';

interface FieldsProps {
  readonly times: OpeningTimes;
  readonly set: (change: Partial<OpeningTimes>) => void;
  /** What the server says of a field, by its name here. */
  readonly problems: ReadonlyMap<string, string>;
}

function isDay(text: string): text is DayName {
  return DAYS.some((day) => day === text);
}

/** When a maintenance window is open: once, or every week. */
export function OpeningTimesFields({ times, set, problems }: FieldsProps) {
  const field = (name: 'from' | 'until' | 'at' | 'duration' | 'timeZone', label: string) => ({
    size: 'xs' as const,
    label,
    value: times[name],
    error: problems.get(name),
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      set({ [name]: event.currentTarget.value }),
  });
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="How often"
        data={[
          { value: 'once', label: 'Once' },
          { value: 'weekly', label: 'Every week' },
        ]}
        value={times.kind}
        onChange={(kind) => set({ kind: kind === 'weekly' ? 'weekly' : 'once' })}
      />
      {times.kind === 'once' ? (
        <>
          <TextInput {...field('from', 'From')} type="datetime-local" />
          <TextInput
            {...field('until', 'Until')}
            type="datetime-local"
            description="In this browser's time zone"
          />
        </>
      ) : (
        <>
          <Checkbox.Group
            label="Days on which it begins"
            size="xs"
            error={problems.get('days')}
            value={[...times.days]}
            onChange={(days) => set({ days: days.filter(isDay) })}
          >
            <div className={styles['days']}>
              {DAYS.map((day) => (
                <Checkbox key={day} size="xs" value={day} label={day} />
              ))}
            </div>
          </Checkbox.Group>
          <TextInput {...field('at', 'At')} placeholder="02:00" />
          <TextInput {...field('duration', 'For')} placeholder="90m" />
          <TextInput {...field('timeZone', 'Time zone')} placeholder="Europe/Berlin" />
        </>
      )}
    </>
  );
}
