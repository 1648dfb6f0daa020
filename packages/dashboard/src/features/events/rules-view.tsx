import { Button, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { IconPlus } from '../../ui/icons.ts';
import { Bone, ErrorState, Section } from '../../ui/states.tsx';
import { SureButton } from '../../ui/sure-button.tsx';
import table from '../../ui/table.module.css';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import type { KeptRule } from './contracts.ts';
import styles from './events.module.css';
import { JudgeAgain } from './judge-again.tsx';
import { RuleDrawer } from './rule-drawer.tsx';
import { useRemoveRule, useRules, useSwitchRule } from './use-rules.ts';
import { DecisionWord } from './verdict-mark.tsx';

function Scope({ rule }: { readonly rule: KeptRule }) {
  const parts = [...rule.sources, ...rule.event_types];
  return <>{parts.length === 0 ? 'all events' : parts.join(', ')}</>;
}

function OwnRule({ rule, edit }: { readonly rule: KeptRule; readonly edit: () => void }) {
  const change = useSwitchRule();
  const remove = useRemoveRule();
  const fixed = rule.origin === 'file';
  return (
    <li className={styles['rule']} data-off={!rule.enabled}>
      <div>
        <p className={styles['ruleHead']}>
          <Link to="/events" search={{ rule: rule.name }} title="Events in which it found something">
            {rule.name}
          </Link>
          <span className={styles['quiet']}>
            {rule.weight}, <DecisionWord decision={rule.decision} />, <Scope rule={rule} />
            {fixed && ', from the configuration file'}
          </span>
        </p>
        <code className={styles['code']}>{rule.when}</code>
      </div>
      {!fixed && (
        <div className={styles['buttons']}>
          <Switch
            size="xs"
            aria-label={`${rule.name} judges events`}
            checked={rule.enabled}
            disabled={change.isPending}
            onChange={() =>
              change.mutate(rule, { onError: (error) => toastFailed(`${rule.name} is as it was`, error) })
            }
          />
          <Button size="compact-xs" variant="default" aria-label={`Edit ${rule.name}`} onClick={edit}>
            Edit
          </Button>
          <SureButton
            label="Remove"
            sure="Remove for good"
            name={rule.name}
            busy={remove.isPending}
            act={() =>
              remove.mutate(rule, {
                onSuccess: () => toastDone(`${rule.name} is removed`),
                onError: (error) => toastFailed(`${rule.name} could not be removed`, error),
              })
            }
          />
        </div>
      )}
    </li>
  );
}

/** The rules that judge events: those that are there, those of one's own, and what they would say of the past. */
export function RulesView() {
  const { data, error, refetch } = useRules();
  const [open, setOpen] = useState<'new' | KeptRule | null>(null);
  useHotkeys([{ keys: 'n', label: 'New rule', group: 'Page', run: () => setOpen('new') }]);
  if (data === undefined)
    return error === null ? (
      <Bone height={320} />
    ) : (
      <ErrorState what="The rules" error={error} retry={() => void refetch()} />
    );
  return (
    <>
      <Section
        title="Rules of your own"
        actions={
          <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setOpen('new')}>
            New rule
          </Button>
        }
      >
        {data.rules.length === 0 && (
          <p className={styles['quiet']}>
            There is none yet. A rule is tried on what is stored while you write it, before it judges
            anything.
          </p>
        )}
        <ul className={styles['plain']}>
          {data.rules.map((rule) => (
            <OwnRule key={rule.name} rule={rule} edit={() => setOpen(rule)} />
          ))}
        </ul>
      </Section>
      <JudgeAgain />
      <Section title="Rules that are there" note="limits stand in events.limits of the configuration">
        <table className={table['table']}>
          <tbody>
            {data.built_in.map(({ name, about }) => (
              <tr key={name}>
                <td>
                  <Link to="/events" search={{ rule: name }}>
                    {name}
                  </Link>
                </td>
                <td className={table['soft']}>{about}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <RuleDrawer
        key={typeof open === 'string' ? open : (open?.name ?? '')}
        open={open}
        close={() => setOpen(null)}
      />
    </>
  );
}
