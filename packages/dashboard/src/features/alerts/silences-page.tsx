import { Button } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useListKeys } from '../../keys/use-list-keys.ts';
import { IconPlus } from '../../ui/icons.ts';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { SureButton } from '../../ui/sure-button.tsx';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './alerts.module.css';
import { Coming } from './coming.tsx';
import { SILENCE_STATES, type Silence } from './contracts.ts';
import { Head } from './head.tsx';
import { matcherText, operatorOf } from './matchers.ts';
import { type SilenceBasis, SilenceDrawer } from './silence-drawer.tsx';
import ofSilences from './silences.module.css';
import { useExpireSilence, useSilences } from './use-alerts.ts';

const COMMAND = `amtool --alertmanager.url=${window.location.origin} silence add alertname=ServiceDown --duration=2h --author=me --comment='known, being worked on'`;
/** Silences that are over and listed; they are kept for five days. */
const MOST_EXPIRED = 100;

const WORDS = { active: 'Active', pending: 'To come', expired: 'Over' } as const;

function Times({ silence: { status, startsAt, endsAt } }: { readonly silence: Silence }) {
  if (status.state === 'pending')
    return (
      <>
        begins <Coming at={startsAt} />
      </>
    );
  return (
    <>
      {status.state === 'active' ? 'ends' : 'ended'} <Coming at={endsAt} />
    </>
  );
}

interface RowProps {
  readonly silence: Silence;
  readonly chosen: boolean;
  /** A link led here. */
  readonly wanted: boolean;
  readonly open: (about: SilenceBasis) => void;
}

function SilenceRow({ silence, chosen, wanted, open }: RowProps) {
  const expire = useExpireSilence();
  const { id, matchers, comment, createdBy, status } = silence;
  const isOver = status.state === 'expired';
  const name = matchers.map((one) => matcherText(one.name, one.value, operatorOf(one))).join(', ');
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (wanted) row.current?.scrollIntoView({ block: 'nearest' });
  }, [wanted]);
  return (
    <li ref={row} className={ofSilences['silence']} data-selected={chosen || wanted}>
      <div className={styles['what']}>
        <span className={ofSilences['silenceMatchers']}>{name}</span>
        <span className={styles['quiet']}>
          {comment === '' ? 'no reason given' : comment}, by {createdBy === '' ? 'nobody named' : createdBy}
        </span>
      </div>
      <span className={styles['when']}>
        <Times silence={silence} />
      </span>
      <div className={styles['buttons']}>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${isOver ? 'Make again' : 'Change'} ${name}`}
          onClick={() => open({ kind: isOver ? 'again' : 'edit', silence })}
        >
          {isOver ? 'Again' : 'Change'}
        </Button>
        {!isOver && (
          <SureButton
            label="End"
            sure="End now"
            name={name}
            busy={expire.isPending}
            act={() =>
              expire.mutate(id, {
                onSuccess: () => toastDone('The silence is over'),
                onError: (error) => toastFailed('The silence is as it was', error),
              })
            }
          />
        )}
      </div>
    </li>
  );
}

/** Who is kept quiet, until when, by whom and why. */
export function SilencesPage() {
  const { silence: wanted, expired = false } = useSearch({ from: '/alerts/silences' });
  const navigate = useNavigate({ from: '/alerts/silences' });
  const { data, error, refetch } = useSilences();
  const [about, setAbout] = useState<SilenceBasis | null>(null);
  const over = useMemo(() => (data ?? []).filter(({ status }) => status.state === 'expired'), [data]);
  const showsOver = expired || over.some(({ id }) => id === wanted);
  const shown = useMemo(
    () => [
      ...(data ?? []).filter(({ status }) => status.state !== 'expired'),
      ...(showsOver ? over.slice(0, MOST_EXPIRED) : []),
    ],
    [data, over, showsOver],
  );
  const chosen = useListKeys(shown.length, 'silence', (index) => {
    const silence = shown[index];
    if (silence !== undefined)
      setAbout({ kind: silence.status.state === 'expired' ? 'again' : 'edit', silence });
  });
  useHotkeys([{ keys: 'n', label: 'New silence', group: 'Page', run: () => setAbout({ kind: 'new' }) }]);
  if (error !== null && data === undefined)
    return <ErrorState what="The silences" error={error} retry={() => void refetch()} />;
  const active = shown.filter(({ status }) => status.state === 'active').length;
  return (
    <>
      <Head
        title="Silences"
        actions={
          <Button
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => setAbout({ kind: 'new' })}
          >
            New silence
          </Button>
        }
      >
        {data === undefined ? '' : active === 0 ? 'none is active' : `${active.toLocaleString('en')} active`}
      </Head>
      {data === undefined && <Bone height={240} />}
      {data?.length === 0 && (
        <EmptyState title="Nothing is silenced" command={COMMAND}>
          A silence keeps alerts with certain labels quiet for a time: while somebody works on them, or during
          maintenance. Choose alerts in the list, or make one here; amtool works too.
        </EmptyState>
      )}
      {SILENCE_STATES.map((state) => {
        const of = shown.filter(({ status }) => status.state === state);
        if (of.length === 0) return null;
        return (
          <section key={state} aria-label={WORDS[state]}>
            <h2 className={styles['stateHead']}>{WORDS[state]}</h2>
            <ul className={styles['plain']}>
              {of.map((silence) => (
                <SilenceRow
                  key={silence.id}
                  silence={silence}
                  chosen={shown[chosen]?.id === silence.id}
                  wanted={wanted === silence.id}
                  open={setAbout}
                />
              ))}
            </ul>
          </section>
        );
      })}
      {over.length > 0 && (
        <Button
          size="compact-sm"
          variant="subtle"
          mt="sm"
          aria-pressed={showsOver}
          onClick={() =>
            void navigate({
              search: (previous) => ({
                ...previous,
                silence: undefined,
                expired: showsOver ? undefined : true,
              }),
              replace: true,
            })
          }
        >
          {showsOver
            ? 'Hide those that are over'
            : `Show ${over.length.toLocaleString('en')} that ${over.length === 1 ? 'is' : 'are'} over`}
        </Button>
      )}
      <SilenceDrawer
        key={about === null || about.kind === 'new' || about.kind === 'alerts' ? '' : about.silence.id}
        about={about}
        close={() => setAbout(null)}
      />
    </>
  );
}
