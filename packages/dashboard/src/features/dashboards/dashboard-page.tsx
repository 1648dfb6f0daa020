import { Link, useBlocker, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { rangeOf, searchOf } from '../../time/range.ts';
import { useTimeRange, useZone } from '../../time/use-range.ts';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { toastDone } from '../../ui/toast.ts';
import { useDashboardMarkers } from './asking/use-annotations.ts';
import styles from './dashboards.module.css';
import { AddMenu } from './edit/add-menu.tsx';
import { SaveDialog, VersionsDialog } from './edit/dialogs.tsx';
import { PanelEditor } from './edit/panel-editor.tsx';
import { SettingsDialog } from './edit/settings-dialog.tsx';
import { bottom, compact, type Place, place } from './grid/layout.ts';
import { type Dashboard, newPanel, type Panel, type PanelType, type Stored } from './model.ts';
import { PageHead } from './page-head.tsx';
import { PanelView } from './panel/panel-view.tsx';
import { Panels } from './panels.tsx';
import { useDashboard } from './queries.ts';
import { choicesOf } from './search.ts';
import { useVariables } from './vars/use-variables.ts';
import { VariablesBar } from './vars/variables-bar.tsx';

export function DashboardPage() {
  const { uid } = useParams({ from: '/dashboards/$uid' });
  const { data, error, refetch } = useDashboard(uid);
  if (data !== undefined) return <Loaded key={uid} stored={data} />;
  if (error !== null) {
    if (error instanceof ApiError && error.status === 404)
      return (
        <EmptyState title="There is no dashboard here">
          It may have been removed, or the address is mistyped. <Link to="/dashboards">All dashboards</Link>
        </EmptyState>
      );
    return <ErrorState what="The dashboard" error={error} retry={() => void refetch()} />;
  }
  return (
    <div className={styles['skeleton']}>
      <Bone width={240} height={28} />
      <Bone height={200} />
      <Bone height={300} />
    </div>
  );
}

type Dialog = 'save' | 'versions' | 'settings' | null;

/** The range that a dashboard was saved with counts until the reader chooses one. */
function useOwnRange(dashboard: Dashboard): void {
  const search = useSearch({ from: '/dashboards/$uid' });
  const navigate = useNavigate();
  const asked = useRef(false);
  const chosen = search.range !== undefined || search.from !== undefined;
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    const { from, to, range } = dashboard.time;
    if (chosen) return;
    const wanted =
      from !== undefined && to !== undefined ? ({ kind: 'absolute', from, to } as const) : rangeOf({ range });
    void navigate({ to: '.', replace: true, search: (previous) => ({ ...previous, ...searchOf(wanted) }) });
  }, [dashboard, chosen, navigate]);
}

function useDraft(stored: Stored) {
  const [draft, setDraft] = useState<Dashboard | null>(null);
  const shown = draft ?? stored.dashboard;
  const changed = draft !== null && JSON.stringify(draft) !== JSON.stringify(stored.dashboard);
  const panels = useCallback((change: (panels: readonly Panel[]) => Panel[]) => {
    setDraft((before) => (before === null ? before : { ...before, panels: change(before.panels) }));
  }, []);
  return { draft, setDraft, shown, changed, panels };
}

/** A copy below the panel. */
function duplicate(panels: readonly Panel[], id: number): Panel[] {
  const found = panels.find((panel) => panel.id === id);
  if (found === undefined) return [...panels];
  const next = Math.max(0, ...panels.map((panel) => panel.id)) + 1;
  const grid = { ...found.grid, y: found.grid.y + found.grid.h };
  return compact([...panels, { ...structuredClone(found), id: next, grid }], id);
}

function Loaded({ stored }: { readonly stored: Stored }) {
  const { draft, setDraft, shown, changed, panels } = useDraft(stored);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [edited, setEdited] = useState<number | null>(null);
  const search = useSearch({ from: '/dashboards/$uid' });
  const navigate = useNavigate();
  const [range] = useTimeRange();
  const [zone] = useZone();
  useOwnRange(stored.dashboard);
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      changed && current.pathname !== next.pathname && !window.confirm('Leave without saving the changes?'),
    enableBeforeUnload: changed,
  });
  const asked = useMemo(() => choicesOf({ ...search }), [search]);
  const variables = useVariables(shown.variables, asked, range);
  const markers = useDashboardMarkers(shown.annotations, variables.values, range);
  const choose = (name: string, values: readonly string[]): void =>
    void navigate({ to: '.', search: (previous) => ({ ...previous, [`var-${name}`]: [...values] }) });
  const view = (key: string | undefined): void =>
    void navigate({ to: '.', search: (previous) => ({ ...previous, panel: key }) });
  const editing = draft !== null;
  const editedPanel = draft?.panels.find(({ id }) => id === edited);
  const shownZone = stored.dashboard.zone === 'utc' ? 'utc' : zone;
  const common = { ready: variables.ready, range, zone: shownZone, refresh: shown.refresh, markers } as const;
  const add = (type: PanelType): void => {
    const id = Math.max(0, ...shown.panels.map((panel) => panel.id)) + 1;
    panels((before) => [...before, newPanel(id, type, bottom(before))]);
    if (type !== 'row') setEdited(id);
  };
  return (
    <>
      <PageHead
        {...{ stored, shown, editing, changed }}
        onEdit={() => setDraft(structuredClone(stored.dashboard))}
        onDiscard={() => {
          setDraft(null);
          setEdited(null);
        }}
        onDialog={setDialog}
      />
      {shown.description !== '' && <p className={styles['about']}>{shown.description}</p>}
      <VariablesBar variables={variables} onChoose={choose} />
      {editing && <AddMenu onAdd={add} />}
      {shown.panels.length === 0 ? (
        <EmptyState title="This dashboard has no panels yet">
          {editing
            ? 'Add the first one: a time series is what most begin with.'
            : 'Choose Edit to add the first one.'}
        </EmptyState>
      ) : (
        <Panels
          panels={shown.panels}
          values={variables.values}
          editing={editing}
          viewed={search.panel}
          onView={view}
          onPlace={(id: number, wanted: Place) => panels((before) => place(before, id, wanted))}
          onEdit={setEdited}
          onRemove={(id) => panels((before) => compact(before.filter((panel) => panel.id !== id)))}
          onDuplicate={(id) => panels((before) => duplicate(before, id))}
          {...common}
        />
      )}
      {editedPanel !== undefined && (
        <PanelEditor
          key={editedPanel.id}
          panel={editedPanel}
          onClose={() => setEdited(null)}
          onChange={(panel) => panels((before) => before.map((one) => (one.id === panel.id ? panel : one)))}
          preview={
            editedPanel.type === 'row' ? null : (
              <PanelView panel={editedPanel} values={variables.values} actions={[]} {...common} />
            )
          }
        />
      )}
      {dialog === 'save' && draft !== null && (
        <SaveDialog
          stored={stored}
          draft={draft}
          onClose={() => setDialog(null)}
          onSaved={() => {
            setDialog(null);
            setDraft(null);
          }}
        />
      )}
      {dialog === 'versions' && (
        <VersionsDialog
          stored={stored}
          onClose={() => setDialog(null)}
          onRestored={() => {
            setDialog(null);
            setDraft(null);
            toastDone('The dashboard shows the restored version');
          }}
        />
      )}
      {dialog === 'settings' && draft !== null && (
        <SettingsDialog draft={draft} onChange={setDraft} onClose={() => setDialog(null)} />
      )}
    </>
  );
}
