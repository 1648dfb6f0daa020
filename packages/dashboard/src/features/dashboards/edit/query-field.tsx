import { PromqlEditor } from '../../../ui/promql-editor/index.ts';

interface QueryFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (expr: string) => void;
}

/** Where PromQL is written; the preview beside it follows by itself. */
export function QueryField({ label, value, onChange }: QueryFieldProps) {
  return (
    <PromqlEditor
      label={label}
      value={value}
      onChange={onChange}
      onSubmit={() => undefined}
      placeholder="sum by (job) (rate(http_requests_total[$__rate_interval]))"
    />
  );
}
