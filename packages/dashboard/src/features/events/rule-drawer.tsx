import { Drawer, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormActions, messageOf } from '../../ui/forms/form-actions.tsx';
import { toastDone } from '../../ui/toast.ts';
import { ConditionRow } from './condition-row.tsx';
import { listOf, NEW_RULE, ruleOf, withCondition } from './conditions.ts';
import { DECISIONS, type KeptRule, type Rule, WEIGHTS } from './contracts.ts';
import styles from './events.module.css';
import { RuleTrial } from './rule-trial.tsx';
import { useRules, useSaveRule } from './use-rules.ts';
import { DECISION_MEANS } from './verdict-mark.tsx';

const WEIGHT_MEANS = {
  caution: 'a caution: it warns',
  violation: 'a violation: it breaks a rule',
  critical: 'critical by itself',
} as const;

interface FieldsProps {
  readonly rule: Rule;
  readonly isNew: boolean;
  readonly set: (part: Partial<Rule>) => void;
}

function When({ rule, set }: Omit<FieldsProps, 'isNew'>) {
  const { data } = useRules();
  return (
    <>
      <Textarea
        size="xs"
        label="An event is at fault when"
        description='Such as data.latency > 500 and source == "checkout"'
        autosize
        minRows={2}
        maxRows={8}
        required
        classNames={{ input: styles['code'] ?? '' }}
        value={rule.when}
        onChange={(event) => set({ when: event.currentTarget.value })}
      />
      <ConditionRow add={(condition) => set({ when: withCondition(rule.when, condition) })} />
      {data !== undefined && (
        <details className={styles['help']}>
          <summary>What can be said</summary>
          <p>
            <code>
              == != &lt; &lt;= &gt; &gt;= in contains startswith endswith matches and or not + - * / %
            </code>
            , over <code>source</code>, <code>event_type</code>, <code>data…</code> and <code>metadata…</code>
            .
          </p>
          <dl className={styles['facts']}>
            {data.functions.map(({ name, about }) => [
              <dt key={name}>
                <code>{name}</code>
              </dt>,
              <dd key={`${name} about`}>{about}</dd>,
            ])}
          </dl>
        </details>
      )}
    </>
  );
}

function Outcome({ rule, set }: Omit<FieldsProps, 'isNew'>) {
  return (
    <div className={styles['pair']}>
      <Select
        size="xs"
        label="It weighs"
        allowDeselect={false}
        data={WEIGHTS.map((value) => ({ value, label: WEIGHT_MEANS[value] }))}
        value={rule.weight}
        onChange={(next) => set({ weight: WEIGHTS.find((one) => one === next) ?? rule.weight })}
      />
      <Select
        size="xs"
        label="The sender is to"
        allowDeselect={false}
        data={DECISIONS.map((value) => ({
          value,
          label: `${value.toLowerCase()}: ${DECISION_MEANS[value]}`,
        }))}
        value={rule.decision}
        onChange={(next) => set({ decision: DECISIONS.find((one) => one === next) ?? rule.decision })}
      />
    </div>
  );
}

/** A list of names as its writer types it: commas are theirs until they leave the field. */
function Names({
  label,
  names,
  set,
}: {
  readonly label: string;
  readonly names: readonly string[];
  readonly set: (names: string[]) => void;
}) {
  const [text, setText] = useState(names.join(', '));
  return (
    <TextInput
      size="xs"
      label={label}
      placeholder="all"
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        set(listOf(event.currentTarget.value));
      }}
    />
  );
}

function Fields({ rule, isNew, set }: FieldsProps) {
  const line = (key: 'field' | 'message' | 'suggestion', label: string, placeholder: string) => (
    <TextInput
      size="xs"
      label={label}
      placeholder={placeholder}
      value={rule[key]}
      onChange={(event) => set({ [key]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <TextInput
        size="xs"
        label="Name"
        placeholder="slow-checkout"
        description={isNew ? 'Lower-case letters, digits, - and _' : 'A rule keeps its name'}
        required
        disabled={!isNew}
        value={rule.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <When rule={rule} set={set} />
      <Outcome rule={rule} set={set} />
      {line('field', 'The issue names', 'data.latency')}
      {line('message', 'It says', '{data.latency} ms is too slow')}
      {line('suggestion', 'It advises', '')}
      <div className={styles['pair']}>
        <Names label="Sources" names={rule.sources} set={(sources) => set({ sources })} />
        <Names label="Types" names={rule.event_types} set={(event_types) => set({ event_types })} />
      </div>
      <Switch
        size="xs"
        label="Judges events"
        checked={rule.enabled}
        onChange={(event) => set({ enabled: event.currentTarget.checked })}
      />
    </>
  );
}

function RuleForm({ before, close }: { readonly before: KeptRule | null; readonly close: () => void }) {
  const [rule, setRule] = useState<Rule>(() => (before === null ? NEW_RULE : ruleOf(before)));
  const save = useSaveRule();
  return (
    <form
      className={styles['form']}
      aria-label="Rule"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          { rule, before },
          {
            onSuccess: ({ name }) => {
              toastDone(`${name} is saved: the last hour is judged again`);
              close();
            },
          },
        );
      }}
    >
      <Fields
        rule={rule}
        isNew={before === null}
        set={(part) => setRule((current) => ({ ...current, ...part }))}
      />
      <FormActions
        busy={save.isPending}
        missing={[
          ...(rule.name.trim() === '' ? ['a name'] : []),
          ...(rule.when.trim() === '' ? ['a condition'] : []),
        ]}
        problems={messageOf(save.error)}
        cancel={close}
      />
      <RuleTrial rule={rule} />
    </form>
  );
}

/** The rule builder: a rule beside what it would have found. */
export function RuleDrawer({
  open,
  close,
}: {
  readonly open: 'new' | KeptRule | null;
  readonly close: () => void;
}) {
  return (
    <Drawer
      opened={open !== null}
      onClose={close}
      position="right"
      size="lg"
      title={open === null || open === 'new' ? 'New rule' : `Rule ${open.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {open !== null && <RuleForm before={open === 'new' ? null : open} close={close} />}
    </Drawer>
  );
}
