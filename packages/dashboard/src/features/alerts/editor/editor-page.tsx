import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { FormActions } from '../../../ui/forms/form-actions.tsx';
import { Bone, EmptyState, ErrorState } from '../../../ui/states.tsx';
import { SureButton } from '../../../ui/sure-button.tsx';
import { toastDone } from '../../../ui/toast.ts';
import type { Rule } from '../contracts.ts';
import { Head } from '../head.tsx';
import type { SuggestionSearch } from '../search.ts';
import { useRule } from '../use-alerts.ts';
import type { BackTest, OwnRule, WrittenRule } from './contracts.ts';
import { type Draft, draftLike, draftOf, missingOf, NEW_DRAFT, problemsOf, writtenOf } from './draft.ts';
import styles from './editor.module.css';
import { RuleFields } from './rule-fields.tsx';
import { longestWindow, type RaisedLimit, raisedLimit, type Suggestion, suggestedOf } from './suggestion.ts';
import { BesideNote, SuggestionNote } from './suggestion-note.tsx';
import { ToldNow } from './told-now.tsx';
import { TrialView, type Window } from './trial.tsx';
import { useBackTest, useOwnRules, usePreview, useRemoveRule, useSaveRule } from './use-editor.ts';
import { LANGUAGES } from './words.ts';

const SETTLE_MS = 500;
/** Of the rules that come with Pharos. */
const READY_FILE = 'ready';

interface EditorProps {
  readonly first: Draft;
  /** The rule that is changed; null for a new one. */
  readonly before: OwnRule | null;
  /** The rule in force that it is compared with. */
  readonly like: { readonly id: string; readonly name: string; readonly file: string } | null;
  readonly title: string;
  /** What is filled in to begin with. */
  readonly suggestion: Suggestion | null;
}

function Editor({ first, before, like, title, suggestion }: EditorProps) {
  const navigate = useNavigate();
  const [suggested] = useState(() => (suggestion === null ? null : suggestedOf(first, suggestion)));
  const [draft, setDraft] = useState(suggested?.draft ?? first);
  const [window, setWindow] = useState<Window>(suggestion === null ? '24h' : longestWindow(draft));
  const [settled, setSettled] = useDebouncedDraft(draft);
  const preview = usePreview(settled);
  const sound = preview.error === null && preview.data !== undefined;
  const trial = useBackTest({ rule: settled, window, against: like?.id ?? null }, sound);
  const save = useSaveRule();
  const missing = missingOf(draft);
  const problems = problemsOf(save.error ?? preview.error);
  const set = (part: Partial<Draft>): void => {
    save.reset();
    setDraft((current) => ({ ...current, ...part }));
  };
  const submit = (): void => {
    if (missing.length > 0) return;
    save.mutate(
      { rule: writtenOf(draft), before },
      {
        onSuccess: ({ id, rule }) => {
          toastDone(`${rule.alert} is saved and in force`);
          void navigate({ to: '/alerts/rules/$id', params: { id }, search: {} });
        },
      },
    );
  };
  return (
    <>
      <Head title={title}>{before === null ? '' : 'changes are in force when they are saved'}</Head>
      <div className={styles['columns']}>
        <form
          className={styles['form']}
          aria-label="Rule"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          {suggestion !== null && suggested !== null && (
            <SuggestionNote
              suggestion={suggestion}
              suggested={suggested}
              name={first.alert}
              own={before !== null}
              raised={raisedBy(suggestion, draft, trial.data)}
              raise={(expr) => set({ expr })}
            />
          )}
          <RuleFields draft={draft} set={set} problems={problems} run={() => setSettled(draft)} />
          <FormActions busy={save.isPending} missing={missing}>
            {before !== null && <Remove rule={before} />}
          </FormActions>
          {before === null && like !== null && (
            <BesideNote name={like.name} ready={like.file === READY_FILE} />
          )}
          {sound && preview.data !== undefined && <ToldNow preview={preview.data} />}
        </form>
        <TrialView
          test={trial.data}
          error={trial.error}
          isFetching={trial.isFetching}
          window={window}
          setWindow={setWindow}
          comparedWith={like?.name ?? ''}
          waiting={waitingFor(settled, preview.error)}
        />
      </div>
    </>
  );
}

/** A limit to try instead of the one in force, where that is what is suggested. */
function raisedBy({ what }: Suggestion, { expr }: Draft, test: BackTest | undefined): RaisedLimit | null {
  const inForce = test?.compared?.against;
  return what === 'raise_limit' && inForce !== undefined ? raisedLimit(expr, inForce) : null;
}

function waitingFor({ expr, language }: WrittenRule, error: Error | null): string | null {
  if (expr === '')
    return `Say first what is looked at: an expression with a limit, such as ${LANGUAGES[language].example}`;
  return error === null ? null : 'What is written cannot be tried yet: see what is said at its fields.';
}

/** What is sent of a draft, once nobody has typed for a moment; or at once. */
function useDebouncedDraft(draft: Draft) {
  const [typed] = useDebouncedValue(draft, SETTLE_MS);
  const [pressed, setPressed] = useState<Draft | null>(null);
  const current = pressed === draft ? pressed : typed;
  return [writtenOf(current), setPressed] as const;
}

function Remove({ rule }: { readonly rule: OwnRule }) {
  const navigate = useNavigate();
  const remove = useRemoveRule();
  return (
    <>
      <SureButton
        label="Delete"
        sure="Delete it: its alerts end"
        busy={remove.isPending}
        act={() =>
          remove.mutate(rule, {
            onSuccess: () => {
              toastDone(`${rule.rule.alert} is deleted`);
              void navigate({ to: '/alerts/rules', search: {} });
            },
          })
        }
      />
      {remove.error !== null && (
        <span className={styles['wrong']} role="alert">
          {remove.error.message}
        </span>
      )}
    </>
  );
}

function suggestionIn({ suggest, seconds }: SuggestionSearch): Suggestion | null {
  return suggest === undefined ? null : { what: suggest, seconds };
}

/** A new rule, from nothing or from one that there is. */
export function NewRulePage() {
  const { like = '', ...search } = useSearch({ from: '/alerts/rules/new' });
  return like === '' ? (
    <Editor first={NEW_DRAFT} before={null} like={null} title="New rule" suggestion={null} />
  ) : (
    <RuleLike id={like} suggestion={suggestionIn(search)} />
  );
}

function RuleLike({ id, suggestion }: { readonly id: string; readonly suggestion: Suggestion | null }) {
  const { data, error, refetch } = useRule(id);
  // A rule that is read again must not take away what was typed.
  const [rule, setRule] = useState<Rule | null>(null);
  if (rule === null && data !== undefined) setRule(data);
  if (rule === null && error !== null)
    return <ErrorState what="The rule" error={error} retry={() => void refetch()} />;
  if (rule === null) return <Bone height={320} />;
  return (
    <Editor
      first={draftLike(rule)}
      before={null}
      like={rule}
      title={`New rule like ${rule.name}`}
      suggestion={suggestion}
    />
  );
}

/** A rule that was made here, to be changed. */
export function EditRulePage() {
  const { id } = useParams({ from: '/alerts/rules/$id/edit' });
  const suggestion = suggestionIn(useSearch({ from: '/alerts/rules/$id/edit' }));
  const { data, error, refetch } = useOwnRules();
  const [rule, setRule] = useState<OwnRule | null>(null);
  const found = data?.rules.find((one) => one.id === id);
  if (rule === null && found !== undefined) setRule(found);
  if (rule !== null)
    return (
      <Editor
        first={draftOf(rule.rule)}
        before={rule}
        like={{ id: rule.id, name: rule.rule.alert, file: data?.file ?? '' }}
        title={`Change ${rule.rule.alert}`}
        suggestion={suggestion}
      />
    );
  if (error !== null) return <ErrorState what="The rule" error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Bone height={320} />;
  return (
    <>
      <Head title="Rule" />
      <EmptyState title="This rule cannot be changed here">
        It stands in a file, or is not there any more. Change it in its file, or make a new one like it from
        its page.
      </EmptyState>
    </>
  );
}
